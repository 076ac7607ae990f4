"""What `decide` returns: the next event, proposed changes, and what else has to happen because of one input."""

from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from pydantic import JsonValue

from libs.contracts.change import FieldChange, ProposedChange
from libs.contracts.events import Event
from libs.contracts.lead import Review

E = TypeVar("E", bound=Event)


@dataclass(frozen=True, slots=True)
class Effect:
    """A call to the outside, kept as a row until it is done; its result returns as a command named `done`."""

    name: str
    key: str
    arguments: JsonValue
    done: str | None = None


@dataclass(frozen=True, slots=True)
class Timer:
    """A command to this service at `due_at` (UTC).

    A timer with the same name and key replaces the earlier one; due_at None cancels it.
    """

    name: str
    key: str
    due_at: datetime | None
    arguments: JsonValue = None


@dataclass(frozen=True, slots=True)
class Outcome(Generic[E]):
    """All that follows from one input. `changes` are proposals: the runtime gates those of the lead's own fields, those
    of records ride along on `next.lead`. `emits` are further events (the router's writes and triage requests),
    `settled` changes that already have their verdict (crm's). `state` is what the stage's `save` has to store."""

    next: E | None = None
    changes: tuple[ProposedChange, ...] = ()
    reviews: tuple[Review, ...] = ()
    emits: tuple[Event, ...] = ()
    settled: tuple[FieldChange, ...] = ()
    effects: tuple[Effect, ...] = ()
    timers: tuple[Timer, ...] = ()
    state: object = None
    answer: JsonValue = None
    """What a waiting HTTP request is told, for a command."""
