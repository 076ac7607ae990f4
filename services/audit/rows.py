"""Audit's one row that is no fold of a topic: a rollback that was ordered, as it is stored."""

from pydantic_core import to_json

from libs.runtime.rows import Kept, named
from services.audit.domain.compensate import Ordered

ROLLBACK = (
    "rollback_id", "plan_hash", "command_id", "selection", "reason", "actor_kind", "actor_id", "counts", "items", "ordered_at",
)  # fmt: skip


def rows_of(ordered: Ordered) -> list[Kept]:
    """The rollback's row."""
    return [named("rollback", ROLLBACK, rollback_values(ordered))]


def rollback_values(ordered: Ordered) -> tuple[object, ...]:
    """In the order of `ROLLBACK`."""
    plan = ordered.plan
    return (
        plan.rollback_id, plan.plan_hash, ordered.command_id, plan.selection.model_dump_json(), ordered.reason,
        ordered.actor.kind, ordered.actor.id, to_json(plan.counts).decode(),
        to_json([item.model_dump(mode="json") for item in plan.items]).decode(), ordered.at,
    )  # fmt: skip
