"""Erasing a person: what is theirs, the order to forget it, and the event that every service carries it out by."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from pydantic import Field, JsonValue

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor, Effect, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import Event, SubjectErased
from libs.contracts.keys import subject_of_record
from libs.contracts.outcome import Effect as Call
from libs.contracts.outcome import Outcome, Timer

ERASE, AGAIN, DESTROY = "erase", "erase_again", "destroy_keys"
AGAIN_AFTER = timedelta(seconds=60)
"""Twice as long as a process may go on with a key that it holds: what was on its way at first is forgotten then."""


class Group(Model):
    """All that is one person's, by ids. `shared`: leads of other people that came in the same submissions: they stay, but the
    raw bytes that they came in are gone with this person's."""

    lead_ids: tuple[str, ...] = ()
    submission_ids: tuple[str, ...] = ()
    records: tuple[RecordRef, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def subject_key_ids(self) -> tuple[str, ...]:
        """The ids of the keys that all of it is sealed under."""
        named = [*self.lead_ids, *self.submission_ids]
        return tuple(sorted({*map(ids.subject_key_id, named), *map(subject_of_record, self.records)} - {""}))

    @property
    def erasure_id(self) -> str:
        """The same for the same things: erasing them twice is one erasure."""
        return ids.derived_id("erasure", *self.subject_key_ids)

    def __bool__(self) -> bool:
        return bool(self.lead_ids or self.submission_ids or self.records)


class EraseOrder(Model):
    """The arguments of the command `erase`: the ids that somebody looked at. The reason must not name the person."""

    group: Group
    reason: str = Field(min_length=1, max_length=500)


@dataclass(frozen=True, slots=True)
class Erasing:
    """An erasure that was ordered, as it is kept."""

    group: Group
    actor: Actor
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Repeated:
    """An erasure was said again."""

    erasure_id: str
    at: datetime


def erased(
    order: EraseOrder, actor: Actor, policy_hash: str, workflow: Workflow, cause: str, now: datetime
) -> Outcome[Event]:
    """All that follows from the order: the event for every service, the destruction of the keys, the audit's own entry, and the
    event once more after a minute."""
    group = order.group
    destroyed: JsonValue = {"erasure_id": group.erasure_id, "subject_key_ids": [*group.subject_key_ids]}
    return Outcome(
        emits=(told(group, actor, now),),
        settled=(_entry(order, actor, policy_hash, workflow, cause, now),),
        effects=(Call(DESTROY, group.erasure_id, destroyed),),
        timers=(Timer(AGAIN, group.erasure_id, now + AGAIN_AFTER),),
        state=Erasing(group, actor, order.reason, now),
        answer={"status": "ordered", "erasure_id": group.erasure_id, **counts(group)},
    )


def again(held: Erasing, now: datetime) -> Outcome[Event]:
    """The event once more."""
    erasure_id = held.group.erasure_id
    return Outcome(
        emits=(told(held.group, held.actor, now, again=True),),
        state=Repeated(erasure_id, now),
        answer={"status": "repeated"},
    )


def told(group: Group, actor: Actor, now: datetime, *, again: bool = False) -> SubjectErased:
    """The event that every service forgets by."""
    return SubjectErased(
        erasure_id=group.erasure_id, lead_ids=group.lead_ids, submission_ids=group.submission_ids, records=group.records,
        subject_key_ids=group.subject_key_ids, actor=actor, at=now, again=again,
    )  # fmt: skip


def counts(group: Group) -> dict[str, JsonValue]:
    """How much there is of each kind."""
    return {
        "leads": len(group.lead_ids), "submissions": len(group.submission_ids), "records": len(group.records),
        "keys": len(group.subject_key_ids), "shared_submissions_with": len(group.shared),
    }  # fmt: skip


def _entry(
    order: EraseOrder, actor: Actor, policy_hash: str, workflow: Workflow, cause: str, now: datetime
) -> FieldChange:
    group = order.group
    record = RecordRef(type="erasure", id=group.erasure_id)
    return FieldChange(
        record=record, field="erased", old=None, new={**counts(group), "lead_ids": [*group.lead_ids]},
        source=Source(kind="human" if actor.kind == "human" else "rule", name=actor.id), confidence=1.0, actor=actor,
        reason=order.reason,
        effect=Effect.IRREVERSIBLE, change_id=ids.change_id(cause, workflow.name, record.type, record.id, "erased", 0),
        workflow=workflow, policy_version=policy_hash, trigger_event_id=cause, lead_id=None, status=Status.APPLIED,
        rule="erasure:ordered", at=now,
    )  # fmt: skip


def records_named(names: Iterable[str]) -> tuple[RecordRef, ...]:
    """The records of `type:id` texts."""
    return tuple(RecordRef.model_validate(dict(zip(("type", "id"), name.split(":", 1), strict=True))) for name in names)
