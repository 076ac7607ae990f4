"""A record over time: every move in order, and the state that the applied ones add up to at any moment."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from pydantic import JsonValue

from services.audit.domain.move import Move
from services.audit.domain.row import aware


@dataclass(frozen=True, slots=True)
class Held:
    """A field's value and the move that set it."""

    value: JsonValue
    move: Move


@dataclass(frozen=True, slots=True)
class State:
    """What a record was at a moment: its fields, and how many moves were read for it."""

    fields: dict[str, Held] = field(default_factory=dict)
    moves: int = 0

    def values(self) -> dict[str, JsonValue]:
        """The plain values by field; a field that was set to nothing is left out."""
        return {name: held.value for name, held in sorted(self.fields.items()) if held.value is not None}


def once(moves: Iterable[Move]) -> list[Move]:
    """The moves in the log's order, each event once: a redelivered event is in the chain twice but happened once."""
    seen: set[tuple[str, str]] = set()
    kept = []
    for move in sorted(moves, key=lambda move: move.place):
        happened = (move.event_id, move.change.field)  # what made a whole record is one event and a move of each field
        if happened not in seen:
            seen.add(happened)
            kept.append(move)
    return kept


def state_of(moves: Iterable[Move], as_of: datetime | None = None) -> State:
    """The record's state after all moves that were decided up to `as_of` (inclusive; None: all), in the log's order."""
    fields: dict[str, Held] = {}
    count = 0
    for move in once(moves):
        if as_of is not None and aware(move.change.at) > aware(as_of):
            continue
        count += 1
        if move.applied:
            fields[move.change.field] = Held(move.change.new, move)
    return State(fields, count)


def applied_by_field(moves: Iterable[Move]) -> dict[tuple[str, str, str], Sequence[Move]]:
    """For each field of each record, the moves that set it, in order."""
    found: dict[tuple[str, str, str], list[Move]] = {}
    for move in once(moves):
        if move.applied:
            found.setdefault(move.field_key, []).append(move)
    return {key: tuple(held) for key, held in found.items()}
