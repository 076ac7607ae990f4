"""Plans that were shown and rollbacks that were ordered."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue
from pydantic_core import from_json, to_json

from libs.contracts.codec import Cipher
from libs.runtime.state import transaction
from services.audit.domain.compensate import Ordered
from services.audit.domain.move import Move
from services.audit.domain.rollback import Plan
from services.audit.domain.selection import Selection
from services.audit.store.log import Database
from services.audit.store.selected import selected_moves


class Rollbacks:
    """The stage's store: everything in the transaction of the batch."""

    def __init__(self, max_moves: int, cipher: Cipher | None = None) -> None:
        self._max_moves = max_moves
        self._cipher = cipher

    async def moves_for(self, selection: Selection) -> Sequence[Move]:
        """See `RollbackStore` in the stage."""
        return await selected_moves(transaction(), selection, self._max_moves, self._cipher)

    async def plan_seen(self, plan_hash: str) -> Plan | None:
        """See `RollbackStore` in the stage."""
        row = await transaction().fetchrow("select plan from rollback_plan where plan_hash = $1", plan_hash)
        return None if row is None else Plan.model_validate_json(row["plan"])

    async def carried_out(self, rollback_id: str) -> bool:
        """See `RollbackStore` in the stage."""
        row = await transaction().fetchrow("select 1 from rollback where rollback_id = $1", rollback_id)
        return row is not None

    async def keep(self, ordered: Ordered) -> None:
        """See `RollbackStore` in the stage."""
        plan = ordered.plan
        await transaction().execute(
            "insert into rollback (rollback_id, plan_hash, command_id, selection, reason, actor_kind, actor_id, counts, "
            "items, ordered_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            plan.rollback_id, plan.plan_hash, ordered.command_id, plan.selection.model_dump_json(), ordered.reason,
            ordered.actor.kind, ordered.actor.id, to_json(plan.counts).decode(),
            to_json([item.model_dump(mode="json") for item in plan.items]).decode(), ordered.at,
        )  # fmt: skip


async def show_plan(db: Database, plan: Plan, now: datetime) -> None:
    """Remember a plan that a person is shown, so that a refusal can say what changed since."""
    await db.execute(
        "insert into rollback_plan (plan_hash, selection, plan, planned_at) values ($1, $2, $3, $4) on conflict do nothing",
        plan.plan_hash, plan.selection.model_dump_json(), plan.model_dump_json(), now,
    )  # fmt: skip


async def rollback_of(db: Database, rollback_id: str) -> dict[str, JsonValue] | None:
    """A rollback, its plan, and how many of its changes crm has reported so far, by status."""
    row = await db.fetchrow("select * from rollback where rollback_id = $1", rollback_id)
    if row is None:
        return None
    moves = await db.fetch(
        "select status, count(distinct event_id) as moves from change where source_kind = 'rollback' and source_name = $1 "
        "group by status order by status",
        rollback_id,
    )
    reported: JsonValue = {held["status"]: held["moves"] for held in moves}
    return {
        "rollback_id": row["rollback_id"], "plan_hash": row["plan_hash"], "command_id": row["command_id"],
        "selection": from_json(row["selection"]), "reason": row["reason"],
        "actor": {"kind": row["actor_kind"], "id": row["actor_id"]}, "counts": from_json(row["counts"]),
        "items": from_json(row["items"]), "ordered_at": row["ordered_at"].isoformat(), "reported": reported,
    }  # fmt: skip
