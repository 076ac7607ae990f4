"""Judging all changes that one input brings for one record, in order, and what is audited and announced of them."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, ProposedChange, Status, Workflow
from libs.contracts.events import RecordChanged
from libs.policy.admit import same_value
from services.crm.domain.judge import Gate, Judged, judge
from services.crm.domain.record import DELETED, Delta, RecordState, Rejection

GateOf = Callable[[RecordState], Gate]


@dataclass(frozen=True, slots=True)
class Cause:
    """What brought the changes: its event id, the stage that decides, and when."""

    event_id: str
    stage: str
    version: str
    now: datetime
    policy_hash: str
    lead_id: str | None = None
    write_id: str | None = None
    rollback_id: str | None = None


@dataclass(frozen=True, slots=True)
class Settled:
    """The outcome for one record."""

    record: RecordState
    changes: tuple[FieldChange, ...]
    event: RecordChanged | None
    remembered: tuple[Rejection, ...] = ()
    forgotten: tuple[Rejection, ...] = ()

    @property
    def delta(self) -> Delta:
        """What has to be stored."""
        return Delta(records=(self.record,), remembered=self.remembered, forgotten=self.forgotten)


@dataclass
class _Sum:
    record: RecordState
    changes: list[FieldChange] = field(default_factory=list)
    remembered: list[Rejection] = field(default_factory=list)
    forgotten: list[Rejection] = field(default_factory=list)

    def add(self, change: FieldChange, judged: Judged) -> None:
        self.record = judged.after
        self.changes.append(change)
        self.remembered += judged.remembered
        self.forgotten += judged.forgotten


def settle(
    before: RecordState,
    changes: Sequence[ProposedChange],
    gate_of: GateOf,
    cause: Cause,
    actor: Actor,
    first_ordinal: int = 0,
) -> Settled:
    """The record after all changes that pass, each change with its verdict, and the record's new state if it moved.

    The version rises by one when a value changed, whatever number of fields. A change without an effect (the value
    stands already) is audited as applied and announces nothing.
    """
    total = _Sum(replace(before, version=before.version + 1))
    for ordinal, change in enumerate(changes, start=first_ordinal):
        change_id = ids.change_id(
            cause.event_id, cause.stage, change.record.type, change.record.id, change.field, ordinal
        )
        judged = judge(change, total.record, gate_of(total.record), change_id, cause.now)
        total.add(_audited(change, total.record, judged, change_id, cause), judged)
    changed = _changed_fields(before, total.record)
    record = total.record if changed else replace(total.record, version=before.version)
    event = _announced(record, changed, actor, cause) if changed else None
    return Settled(record, tuple(total.changes), event, tuple(total.remembered), tuple(total.forgotten))


def _changed_fields(before: RecordState, after: RecordState) -> tuple[str, ...]:
    names = before.fields.keys() | after.fields.keys()
    changed = sorted(name for name in names if not same_value(before.value(name), after.value(name)))
    return (*changed, DELETED) if before.deleted != after.deleted else tuple(changed)


def _announced(record: RecordState, changed: tuple[str, ...], actor: Actor, cause: Cause) -> RecordChanged:
    return RecordChanged(
        record=record.ref,
        version=record.version,
        fields=None if record.deleted else dict(record.fields),
        changed=changed,
        actor=actor,
        write_id=cause.write_id,
        rollback_id=cause.rollback_id,
    )


def _audited(change: ProposedChange, before: RecordState, judged: Judged, change_id: str, cause: Cause) -> FieldChange:
    """The change with its verdict. `old` is what the record really held; what is not written says why."""
    verdict = judged.verdict
    reason = (
        change.reason if verdict.status is Status.APPLIED else f"{verdict.reason} (proposed because: {change.reason})"
    )
    told = {name: getattr(change, name) for name in ProposedChange.model_fields}
    told |= {"old": before.value(change.field), "reason": reason}
    return FieldChange(
        **told,
        change_id=change_id,
        workflow=Workflow(name=cause.stage, version=cause.version),
        policy_version=cause.policy_hash,
        trigger_event_id=cause.event_id,
        lead_id=cause.lead_id,
        status=verdict.status,
        rule=verdict.rule,
        at=cause.now,
    )
