"""Plans that were shown and rollbacks that were ordered."""

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from libs.contracts.change import WHOLE, RecordRef
from libs.runtime.keys import Keys
from libs.runtime.state import transaction
from services.audit.domain.compensate import Ordered
from services.audit.domain.move import Move
from services.audit.domain.rollback import Plan
from services.audit.domain.selection import Selection
from services.audit.rows import rollback_values
from services.audit.store.log import MOVE_COLUMNS, Database, moves_of
from services.audit.store.selected import selected_moves

OWNER = "owner"


class Rollbacks:
    """The stage's store: everything in the transaction of the batch."""

    def __init__(self, max_moves: int, keys: Keys) -> None:
        self._max_moves = max_moves
        self._keys = keys

    async def moves_for(self, selection: Selection) -> Sequence[Move]:
        """See `RollbackStore` in the stage."""
        return await selected_moves(transaction(), selection, self._max_moves, self._keys)

    async def plan_seen(self, plan_hash: str) -> Plan | None:
        """See `RollbackStore` in the stage."""
        row = await transaction().fetchrow("select plan from rollback_plan where plan_hash = $1", plan_hash)
        return None if row is None else Plan.model_validate_json(row["plan"])

    async def carried_out(self, rollback_id: str) -> bool:
        """See `RollbackStore` in the stage."""
        row = await transaction().fetchrow("select 1 from rollback where rollback_id = $1", rollback_id)
        return row is not None

    async def owners(self, records: Iterable[RecordRef]) -> dict[str, str]:
        """See `RollbackStore` in the stage."""
        return await owners_of(transaction(), records, self._keys)

    async def keep(self, ordered: Ordered) -> None:
        """See `RollbackStore` in the stage."""
        await transaction().execute(
            "insert into rollback (rollback_id, plan_hash, command_id, selection, reason, actor_kind, actor_id, counts, "
            "items, ordered_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            *rollback_values(ordered),
        )


async def owners_of(db: Database, records: Iterable[RecordRef], keys: Keys) -> dict[str, str]:
    """By record key, the member whose it is by the newest applied change; records of nobody are left out."""
    listed = sorted({record.key: record for record in records}.items())
    rows = await db.fetch(
        f"select {MOVE_COLUMNS} from change where status = 'applied' and readable and field in ('{OWNER}', '{WHOLE}') "  # noqa: S608
        "and (record_type, record_id) in (select * from unnest($1::text[], $2::text[])) order by chain, seq",
        [record.type for _, record in listed], [record.id for _, record in listed],
    )  # fmt: skip
    owners: dict[str, str] = {}
    for move in await moves_of(rows, keys):
        if move.change.field == OWNER:
            owners[move.change.record.key] = str(move.change.new or "")
    return {key: owner for key, owner in owners.items() if owner}


async def show_plan(db: Database, plan: Plan, now: datetime) -> None:
    """Remember a plan that a person is shown, so that a refusal can say what changed since."""
    await db.execute(
        "insert into rollback_plan (plan_hash, selection, plan, planned_at) values ($1, $2, $3, $4) on conflict do nothing",
        plan.plan_hash, plan.selection.model_dump_json(), plan.model_dump_json(), now,
    )  # fmt: skip


async def rollback_of(db: Database, rollback_id: str) -> dict[str, JsonValue] | None:
    """A rollback, its plan, and what crm has reported so far: by status, and by item; None when there is none."""
    row = await db.fetchrow("select * from rollback where rollback_id = $1", rollback_id)
    if row is None:
        return None
    items = from_json(row["items"])
    reported = await _reported(db, [rollback_id])
    states = {
        item["item_id"]: reported.get((rollback_id, item["record"]["type"], item["record"]["id"], item["field"]))
        for item in items
    }
    by_status = Counter(status for status in states.values() if status)
    return {**_told(row), "items": items, "reported": dict(sorted(by_status.items())), "item_status": states}


async def rollbacks(db: Database, limit: int, before: datetime) -> list[dict[str, JsonValue]]:
    """Rollbacks that were ordered before a time, the newest first, each with how many of its fields were reported on."""
    rows = await db.fetch(
        "select * from rollback where ordered_at < $1 order by ordered_at desc, rollback_id limit $2", before, limit
    )
    reported = await _reported(db, [row["rollback_id"] for row in rows])
    by_rollback: dict[str, Counter[str]] = {}
    for (rollback_id, *_), status in reported.items():
        by_rollback.setdefault(rollback_id, Counter())[status] += 1
    return [
        {**_told(row), "reported": dict(sorted(by_rollback.get(row["rollback_id"], Counter()).items()))} for row in rows
    ]


def _told(row: Any) -> dict[str, JsonValue]:
    return {
        "rollback_id": row["rollback_id"], "plan_hash": row["plan_hash"], "command_id": row["command_id"],
        "selection": from_json(row["selection"]), "reason": row["reason"],
        "actor": {"kind": row["actor_kind"], "id": row["actor_id"]}, "counts": from_json(row["counts"]),
        "ordered_at": row["ordered_at"].isoformat(),
    }  # fmt: skip


async def _reported(db: Database, rollback_ids: Sequence[str]) -> dict[tuple[str, str, str, str], str]:
    """By rollback, record and field, the status that crm reported last; its tasks are no fields of the plan."""
    rows = await db.fetch(
        "select source_name, record_type, record_id, field, status from change where source_kind = 'rollback' "
        "and source_name = any($1) and reverts is not null order by chain, seq",
        list(rollback_ids),
    )
    return {(row["source_name"], row["record_type"], row["record_id"], row["field"]): row["status"] for row in rows}
