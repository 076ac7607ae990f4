"""Audit's rows that are no fold of a topic: rollbacks and erasures that were ordered, as they are stored."""

from pydantic_core import to_json

from libs.runtime.rows import Kept, about, named
from services.audit.domain.compensate import Ordered
from services.audit.domain.erasure import Erasing, Repeated
from services.audit.domain.rollback import Item

ROLLBACK = (
    "rollback_id", "plan_hash", "command_id", "selection", "reason", "actor_kind", "actor_id", "counts", "items", "ordered_at",
)  # fmt: skip
ERASURE = (
    "erasure_id", "lead_ids", "submission_ids", "records", "subject_key_ids", "actor_kind", "actor_id", "reason", "ordered_at",
)  # fmt: skip
ITEMS = "rollback_items"
"""Items of a rollback, told apart by the record that they are about: each is sealed under that record's key."""


def rows_of(state: Ordered | Erasing | Repeated) -> list[Kept]:
    """What is told of a rollback or an erasure."""
    match state:
        case Ordered():
            *values, _, ordered_at = rollback_values(state)
            return [named("rollback", ROLLBACK, (*values, "[]", ordered_at)), *_items(state)]
        case Erasing():
            return [named("erasure", ERASURE, erasure_values(state))]
        case _:
            return []


def _items(ordered: Ordered) -> list[Kept]:
    by_record: dict[str, list[tuple[int, Item]]] = {}
    for place, item in enumerate(ordered.plan.items):
        by_record.setdefault(about(item.record), []).append((place, item))
    return [
        named(ITEMS, ("rollback_id", "items"), (ordered.plan.rollback_id, _told(items)), subject)
        for subject, items in by_record.items()
    ]


def _told(items: list[tuple[int, Item]]) -> str:
    return to_json([{"place": place, "item": item.model_dump(mode="json")} for place, item in items]).decode()


def rollback_values(ordered: Ordered) -> tuple[object, ...]:
    """In the order of `ROLLBACK`."""
    plan = ordered.plan
    return (
        plan.rollback_id, plan.plan_hash, ordered.command_id, plan.selection.model_dump_json(), ordered.reason,
        ordered.actor.kind, ordered.actor.id, to_json(plan.counts).decode(),
        to_json([item.model_dump(mode="json") for item in plan.items]).decode(), ordered.at,
    )  # fmt: skip


def erasure_values(erasing: Erasing) -> tuple[object, ...]:
    """In the order of `ERASURE`."""
    group = erasing.group
    return (
        group.erasure_id, list(group.lead_ids), list(group.submission_ids), [record.key for record in group.records],
        list(group.subject_key_ids), erasing.actor.kind, erasing.actor.id, erasing.reason, erasing.at,
    )  # fmt: skip
