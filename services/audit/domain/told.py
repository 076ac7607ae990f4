"""Who hears of a rollback, and what it leaves for people: a word to each owner, a task for what can't be undone."""

from collections.abc import Mapping, Sequence

from libs.contracts import ids
from libs.contracts.change import Actor, Effect, ProposedChange, RecordRef, Source
from libs.contracts.events import Command, CrmWrite
from services.audit.domain.rollback import Item, Plan

TOLD = "rollback_told"
"""The router's command: tell an owner of a rollback."""
NOBODY = "revops"
"""The role that hears of records which nobody owns, and gets their tasks."""
TASK_KIND = "rollback"
_LINKS = {"contact": "contact_id", "company": "company_id"}
Owners = Mapping[str, str]
"""By record key, the id of the member whose record it is."""


def words_to_owners(plan: Plan, owners: Owners, actor: Actor, reason: str) -> tuple[Command, ...]:
    """One command per owner, however many of their fields go back or are left for them; none for what stays as it is."""
    of: dict[str, list[Item]] = {}
    for item in plan.items:
        if item.action in ("restore", "irreversible"):
            of.setdefault(owners.get(item.record.key, ""), []).append(item)
    return tuple(_word(plan, owner, items, actor, reason) for owner, items in sorted(of.items()))


def _word(plan: Plan, owner: str, items: Sequence[Item], actor: Actor, reason: str) -> Command:
    records = sorted({item.record.key for item in items})
    return Command(
        target="router", name=TOLD, key=owner or f"role:{NOBODY}", actor=actor,
        arguments={
            "rollback_id": plan.rollback_id, "member": owner, "role": "" if owner else NOBODY, "reason": reason,
            "fields": sum(item.action == "restore" for item in items), "records": [*records[:20]],
            "record_count": len(records), "left": sum(_is_left(item) for item in items),
        },
    )  # fmt: skip


def tasks(plan: Plan, owners: Owners, actor: Actor, reason: str, policy_hash: str) -> tuple[CrmWrite, ...]:
    """One task per record for what the rollback can't take back by itself: what can't be undone at all, and what goes back
    here but was set off outside. Its id follows from the rollback and the record, so there is one however often it is made."""
    of: dict[str, list[Item]] = {}
    for item in plan.items:
        if _is_left(item):
            of.setdefault(item.record.key, []).append(item)
    return tuple(
        _task(plan, items, owners.get(key, ""), actor, reason, policy_hash) for key, items in sorted(of.items())
    )


def _is_left(item: Item) -> bool:
    return item.action == "irreversible" or (item.action == "restore" and item.effect is not Effect.REVERSIBLE)


def _task(plan: Plan, items: Sequence[Item], owner: str, actor: Actor, reason: str, policy_hash: str) -> CrmWrite:
    record = items[0].record
    task = RecordRef(type="task", id=ids.derived_id("rollback-task", plan.rollback_id, record.key))
    done = [f"{item.field} (changes {', '.join(item.change_ids)})" for item in items if item.action == "irreversible"]
    outside = [item.field for item in items if item.action == "restore"]
    note = [f"Rollback {plan.rollback_id}: {reason}"]
    note += [f"Can't be undone: {', '.join(done)}."] if done else []
    note += [f"Went back here, but had set something off outside: {', '.join(outside)}."] if outside else []
    fields = {
        "title": f"After a rollback: see to {', '.join(item.field for item in items)} of {record.key}"[:200],
        "kind": TASK_KIND, "status": "open", "note": "\n".join(note), "queue": "" if owner else NOBODY, "owner": owner,
        "lead_id": items[0].lead_id, _LINKS.get(record.type, ""): record.id,
    }  # fmt: skip
    return CrmWrite(
        write_id=ids.derived_id("rollback-task-write", plan.rollback_id, record.key),
        lead_id=items[0].lead_id,
        record=task,
        changes=tuple(
            ProposedChange(record=task, field=name, old=None, new=value, actor=actor, reason=reason,
                           source=Source(kind="rollback", name=plan.rollback_id))
            for name, value in fields.items() if name and value
        ),
        policy_hash=policy_hash,
        approved_by=actor.id,
        trigger="rollback",
    )  # fmt: skip
