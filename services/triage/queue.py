"""The queue as the API reads it: pages, one item, counts, and what was said."""

import json
from collections.abc import Sequence
from datetime import datetime

import asyncpg

from services.triage.domain.decided import Blocked, Decided
from services.triage.domain.filters import NOT_ANYBODY, Filters, Group
from services.triage.domain.item import Item, Status
from services.triage.domain.page import Cursor, Page, Row
from services.triage.domain.work import Comment
from services.triage.rows import BLOCKED
from services.triage.store import ITEM_COLUMNS, item_of, waiting_of, work_of

_ROW = (
    "lead_id, version, question_hash, status, created_at, due_at, waiting::text, reminded, overdue, escalated, worth, "
    "due_order, kinds::text, company, name, sends, queue, source, segment, equality, "
    "claimed_by, claimed_since, claimed_until, assigned_to, snoozed_until, snoozed_by"
)
_CLOCK = (
    "case when escalated then 'escalated' when overdue then 'overdue' when reminded then 'due soon' else 'waiting' end"
)
_CLAIMED = "case when claimed_until > $1 then claimed_by else '' end"
_GROUPS = f"kinds, queue, {_CLOCK}, {_CLAIMED}, assigned_to, coalesce(snoozed_until > $1, false), segment, source"


class PostgresQueue:
    """The queue in Postgres."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, status: Status, limit: int, after: Cursor | None, filters: Filters, now: datetime) -> Page:
        """The next `limit` rows of a status after a cursor, due first, then worth most; and how many there are in all."""
        where, values = _where(status, filters, now)
        start = Cursor(-(2**62), 0, "") if after is None else after
        place = len(values)
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            rows = await connection.fetch(
                f"select {_ROW} from item where {where} "  # noqa: S608 - own text, values are parameters
                f"and (due_order, -worth, lead_id) > (${place + 1}, ${place + 2}, ${place + 3}) "
                f"order by due_order, -worth, lead_id limit ${place + 4}",
                *values, start.due_order, -start.worth, start.lead_id, limit + 1,
            )  # fmt: skip
            total = await connection.fetchval(f"select count(*) from item where {where}", *values)  # noqa: S608
        shown = rows[:limit]
        following = None
        if len(rows) > limit:
            following = Cursor(shown[-1]["due_order"], shown[-1]["worth"], shown[-1]["lead_id"])
        return Page([_row(row) for row in shown], following, total)

    async def groups(self, status: Status, filters: Filters, now: datetime) -> Sequence[Group]:
        """How many rows have which values, for the counts beside the filters."""
        where, values = _where(status, filters, now)
        rows = await self._pool.fetch(
            f"select {_GROUPS}, count(*) from item where {where} group by 1, 2, 3, 4, 5, 6, 7, 8",  # noqa: S608
            *values,
        )
        return [Group(tuple(json.loads(row[0] or "[]")), *tuple(row)[1:]) for row in rows]

    async def one(self, lead_id: str) -> Item | None:
        """The item of a lead, open or closed."""
        row = await self._pool.fetchrow(f"select {ITEM_COLUMNS} from item where lead_id = $1", lead_id)  # noqa: S608
        return None if row is None else item_of(row)

    async def many(self, lead_ids: Sequence[str]) -> Sequence[Item]:
        """The items of these leads, as far as there are."""
        rows = await self._pool.fetch(
            f"select {ITEM_COLUMNS} from item where lead_id = any($1::text[])",  # noqa: S608 - own text
            list(lead_ids),
        )
        return [item_of(row) for row in rows]

    async def comments(self, lead_id: str) -> Sequence[Comment]:
        """What was said about a lead's item, oldest first."""
        rows = await self._pool.fetch("select * from comment where lead_id = $1 order by at, comment_id", lead_id)
        return [Comment(**dict(row)) for row in rows]

    async def memory(self, lead_id: str) -> tuple[Decided | None, tuple[Blocked, ...]]:
        """The newest decision about a lead, and the fields that people blocked."""
        query = "select decided::text, blocked::text from lead_case where lead_id = $1"
        row = await self._pool.fetchrow(query, lead_id)
        if row is None:
            return None, ()
        decided = None if row["decided"] is None else Decided.model_validate_json(row["decided"])
        return decided, BLOCKED.validate_json(row["blocked"])


def _where(status: Status, filters: Filters, now: datetime) -> tuple[str, list[object]]:
    """The condition and its parameters; $1 is the time. What is not asked for stands in no condition, so that indexes fit.
    The status is one of three words of ours, and as text in the query it lets partial indexes be used."""
    values: list[object] = [now]
    parts = [f"status = '{status}'", "$1::timestamptz is not null"]

    def add(condition: str, value: object) -> None:
        values.append(value)
        parts.append(condition.replace("?", f"${len(values)}"))

    if filters.reach:
        add("queue = any(?::text[])", list(filters.reach))
    for column in ("queue", "segment", "source", "equality"):
        if wanted := getattr(filters, column):
            add(f"{column} = ?", wanted)
    if filters.kind:
        add("kinds @> ?::text::jsonb", json.dumps([filters.kind]))
    if filters.clock:
        add(f"{_CLOCK} = ?", filters.clock)
    if filters.search:
        add("strpos(sought, ?) > 0", filters.search.lower())
    _add_whose(parts, add, filters)
    if filters.snoozed == "no":
        parts.append("(snoozed_until is null or snoozed_until <= $1)")
    elif filters.snoozed == "yes":
        parts.append("snoozed_until > $1")
    return " and ".join(parts), values


def _add_whose(parts: list[str], add, filters: Filters) -> None:  # type: ignore[no-untyped-def]
    if filters.claimed == NOT_ANYBODY:
        parts.append("(claimed_until is null or claimed_until <= $1)")
    elif filters.claimed:
        add("claimed_by <> '' and claimed_until > $1 and claimed_by = ?", filters.name_of(filters.claimed))
    if filters.assigned == NOT_ANYBODY:
        parts.append("assigned_to = ''")
    elif filters.assigned:
        add("assigned_to <> '' and assigned_to = ?", filters.name_of(filters.assigned))


def _row(row: asyncpg.Record) -> Row:
    return Row(
        lead_id=row["lead_id"],
        version=row["version"],
        question_hash=row["question_hash"],
        status=row["status"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        waiting=waiting_of(row["waiting"]),
        reminded=row["reminded"],
        overdue=row["overdue"],
        escalated=row["escalated"],
        worth=row["worth"],
        kinds=tuple(json.loads(row["kinds"])),
        company=row["company"],
        name=row["name"],
        suggested=row["sends"],
        queue=row["queue"],
        source=row["source"],
        segment=row["segment"],
        equality=row["equality"],
        work=work_of(row),
    )
