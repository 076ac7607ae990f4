"""From a plan to the events that carry it out: one CRM write per record, and an audited change for each conflict."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from pydantic import Field

from libs.contracts import ids
from libs.contracts.base import Model
from libs.contracts.change import Actor, Evidence, FieldChange, ProposedChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import CrmWrite
from services.audit.domain.rollback import TAKEN_OFF, Item, Plan
from services.audit.domain.selection import Selection


class RollbackOrder(Model):
    """The arguments of the command `rollback`: the selection that was planned, and the hash of the plan that was seen."""

    selection: Selection
    plan_hash: str
    reason: str = Field(min_length=1, max_length=2_000)
    confirmed: tuple[str, ...] = ()
    """Items that are conflicts and are restored all the same."""


@dataclass(frozen=True, slots=True)
class Ordered:
    """A rollback that was carried out: what is kept of it."""

    plan: Plan
    command_id: str
    reason: str
    actor: Actor
    at: datetime


def writes(plan: Plan, actor: Actor, reason: str, policy_hash: str) -> tuple[CrmWrite, ...]:
    """One write per record with a field to restore; crm compares `old` with what it holds and reports the rest."""
    by_record: dict[tuple[str, str], list[Item]] = {}
    for item in plan.items:
        if item.action == "restore":
            by_record.setdefault((item.record.type, item.record.id), []).append(item)
    return tuple(_write(plan, items, actor, reason, policy_hash) for _, items in sorted(by_record.items()))


def _write(plan: Plan, items: Sequence[Item], actor: Actor, reason: str, policy_hash: str) -> CrmWrite:
    record: RecordRef = items[0].record
    return CrmWrite(
        write_id=ids.derived_id("rollback-write", plan.rollback_id, record.type, record.id),
        lead_id=items[0].lead_id,
        record=record,
        changes=tuple(_proposed(item, plan, actor, reason) for item in items),
        policy_hash=policy_hash,
        approved_by=actor.id,
        rollback_id=plan.rollback_id,
        trigger="rollback",
    )


def _proposed(item: Item, plan: Plan, actor: Actor, reason: str) -> ProposedChange:
    return ProposedChange(
        record=item.record,
        field=item.field,
        old=item.current,
        new=item.restored,
        source=Source(kind="rollback", name=plan.rollback_id),
        actor=actor,
        reason=reason,
        evidence=tuple(Evidence(quote=change_id, where=TAKEN_OFF) for change_id in item.taken_off),
        reverts=item.reverts,
    )


def conflicts(
    plan: Plan, actor: Actor, reason: str, *, workflow: Workflow, policy_hash: str, cause: str, now: datetime
) -> tuple[FieldChange, ...]:
    """An audited change for each field that was left as it is because it moved since."""
    return tuple(
        FieldChange(
            **_proposed(item, plan, actor, reason).model_dump(),
            change_id=ids.change_id(cause, workflow.name, item.record.type, item.record.id, item.field, ordinal),
            workflow=workflow,
            policy_version=policy_hash,
            trigger_event_id=cause,
            lead_id=item.lead_id,
            status=Status.CONFLICT,
            rule="rollback:changed_since",
            at=now,
        )
        for ordinal, item in enumerate(plan.items)
        if item.action == "conflict"
    )
