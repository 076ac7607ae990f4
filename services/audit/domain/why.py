"""Why a field holds its value: value <- decision <- policy rule <- evidence <- raw bytes, or a person who is named."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.contracts.change import RecordRef
from services.audit.domain.move import Move, same_json
from services.audit.domain.row import aware
from services.audit.domain.timeline import once, state_of

UNNAMED = ("", "api", "cli")
"""What stands for a person who gave no name."""
StepKind = Literal["value", "decision", "rule", "moves", "evidence", "reverts", "person", "raw"]


class Raw(Model):
    """Where a submission's bytes stand, and what they hash to."""

    submission_id: str
    source: str
    topic: str
    partition: int
    offset: int
    sha256: str
    received_at: datetime


class Step(Model):
    """One step of the explanation: what it is, in words, and as data."""

    kind: StepKind
    text: str
    detail: dict[str, JsonValue] = {}


class Why(Model):
    """The explanation of one field. `explained`: it ends at raw bytes or at a person who is named; else `gap` says what
    is missing."""

    record: RecordRef
    field: str
    known: bool
    value: JsonValue = None
    explained: bool = False
    gap: str = ""
    steps: tuple[Step, ...] = ()


@dataclass(frozen=True, slots=True)
class Known:
    """What an explanation is made from: the record's moves and those of the leads behind them, and raw submissions by
    submission id, by event id and by lead id."""

    moves: Sequence[Move]
    raws: Mapping[str, Raw] = field(default_factory=dict)


def explanation(record: RecordRef, name: str, known: Known, as_of: datetime | None = None) -> Why:
    """Why `record.name` holds what it holds, now or as of a time; `known` False when nothing ever set it."""
    mine = [move for move in known.moves if move.change.record == record]
    held = state_of(mine, as_of).fields.get(name)
    if held is None:
        return Why(record=record, field=name, known=False)
    steps = _steps_of(held.move, known, frozenset())
    explained = any(step.kind in ("raw", "person") for step in steps)
    gap = "" if explained else _gap(held.move)
    return Why(
        record=record, field=name, known=True, value=held.value, explained=explained, gap=gap, steps=tuple(steps)
    )


def explanations(record: RecordRef, known: Known, as_of: datetime | None = None) -> list[Why]:
    """The same for every field of the record that holds something, by name."""
    mine = [move for move in known.moves if move.change.record == record]
    return [explanation(record, name, known, as_of) for name in state_of(mine, as_of).values()]


def _gap(move: Move) -> str:
    change = move.change
    if change.actor.kind == "human" and change.actor.id in UNNAMED:
        return f"a person set it who gave no name ({change.actor.id or 'empty'})"
    caused = f"event {change.trigger_event_id}" + (f" or lead {change.lead_id}" if change.lead_id else "")
    return f"{change.workflow.name} set it, and no submission is known behind {caused}"


def _steps_of(move: Move, known: Known, seen: frozenset[str]) -> list[Step]:
    """The steps from a move down to its origin; `seen` are the moves on the way, so that a loop of reverts ends."""
    if move.event_id in seen:
        return []
    seen = seen | {move.event_id}
    steps = [_value(move), _decision(move), _rule(move), *_earlier(move, known), *_evidence(move)]
    steps += _people(move)
    below = _reverted(move, known)
    if below is not None:
        target, before = below
        steps.append(_reverts(target))
        return steps + (_steps_of(before, known, seen) if before is not None else _raw(target, known))
    origin = _origin(move, known)
    return steps + (_steps_of(origin, known, seen) if origin is not None else _raw(move, known))


def _second(at: datetime) -> str:
    return f"{aware(at).astimezone(UTC):%Y-%m-%d %H:%M:%S} UTC"


def _value(move: Move) -> Step:
    change = move.change
    place = {"chain": move.chain, "seq": move.seq, "kafka_offset": move.kafka_offset, "sha256": move.sha256}
    return Step(
        kind="value",
        text=f"{change.record.type} {change.field} was set at {_second(change.at)}",
        detail={"record": change.record.model_dump(), "field": change.field, "old": change.old, "new": change.new,
                "at": change.at.isoformat(), "change_id": change.change_id, "event_id": move.event_id, "row": {**place}},
    )  # fmt: skip


def _decision(move: Move) -> Step:
    change = move.change
    model = f", model {change.model_version}" if change.model_version else ""
    return Step(
        kind="decision",
        text=f"{change.workflow.name} {change.workflow.version} as {change.actor.kind} {change.actor.id}{model}, "
        f"confidence {change.confidence:.2f}, source {change.source.kind} {change.source.name}: {change.reason}",
        detail={"workflow": change.workflow.model_dump(), "actor": change.actor.model_dump(),
                "model_version": change.model_version, "confidence": change.confidence,
                "source": change.source.model_dump(), "reason": change.reason,
                "trigger_event_id": change.trigger_event_id, "lead_id": change.lead_id},
    )  # fmt: skip


def _rule(move: Move) -> Step:
    change = move.change
    return Step(
        kind="rule",
        text=f"{change.status} by {change.rule} of policy {change.policy_version[:12] or '(none)'}",
        detail={"status": change.status.value, "rule": change.rule, "policy_version": change.policy_version},
    )


def _earlier(move: Move, known: Known) -> list[Step]:
    """What became of the same proposal before it was applied: queued, approved, edited."""
    moves = [
        held for held in once(known.moves) if held.change.change_id == move.change.change_id and held.place < move.place
    ]
    return [
        Step(
            kind="moves",
            text=f"{held.change.status} at {_second(held.change.at)} by {held.change.actor.id}: {held.change.rule}",
            detail={"status": held.change.status.value, "rule": held.change.rule, "event_id": held.event_id,
                    "actor": held.change.actor.model_dump()},
        )
        for held in moves
    ]  # fmt: skip


def _evidence(move: Move) -> list[Step]:
    return [
        Step(kind="evidence", text=f"{held.where}: “{held.quote}”", detail={"quote": held.quote, "where": held.where})
        for held in move.change.evidence
    ]


def _people(move: Move) -> list[Step]:
    change = move.change
    names = {}
    if change.actor.kind in ("human", "human_approved_ai"):
        names[change.actor.id] = "decided it" if change.actor.kind == "human" else "approved it"
    if change.verified_by:
        names.setdefault(change.verified_by, "verified it")
    return [
        Step(kind="person", text=f"{name} {did}", detail={"person": name})
        for name, did in names.items()
        if name not in UNNAMED
    ]


def _reverts(target: Move) -> Step:
    change = target.change
    return Step(
        kind="reverts",
        text=f"it took back a change of {change.workflow.name} {change.workflow.version} ({_second(change.at)})",
        detail={"change_id": change.change_id, "event_id": target.event_id, "was": change.new},
    )


def _reverted(move: Move, known: Known) -> tuple[Move, Move | None] | None:
    """The move that this one took back, and the one that had set the value before it."""
    if move.change.reverts is None:
        return None
    line = [held for held in once(known.moves) if held.applied and held.field_key == move.field_key]
    for place, held in enumerate(line):
        if held.change.change_id == move.change.reverts:
            return held, line[place - 1] if place else None
    return None


def _origin(move: Move, known: Known) -> Move | None:
    """The lead's own move that a record's value came from: the same lead and value, best of the same field."""
    change = move.change
    if change.record.type == "lead" or change.lead_id is None:
        return None
    same = [
        held
        for held in once(known.moves)
        if held.applied and held.change.record == RecordRef(type="lead", id=change.lead_id)
        and same_json(held.change.new, change.new)
    ]  # fmt: skip
    same.sort(key=lambda held: (held.change.field == change.field, held.change.source == change.source, held.place))
    fits = bool(same) and (same[-1].change.field == change.field or same[-1].change.source == change.source)
    return same[-1] if fits else None


def _raw(move: Move, known: Known) -> list[Step]:
    change = move.change
    names = (change.trigger_event_id, change.lead_id, change.record.id)
    raw = next((known.raws[name] for name in names if name is not None and name in known.raws), None)
    if raw is None:
        return []
    where = f"{raw.topic}[{raw.partition}]@{raw.offset}"
    return [
        Step(kind="raw", text=f"submission {raw.submission_id} from {raw.source}: {where}, sha256 {raw.sha256}",
             detail=raw.model_dump(mode="json"))
    ]  # fmt: skip
