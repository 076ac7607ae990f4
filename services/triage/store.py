"""The queue in Postgres."""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from libs.contracts.change import Actor
from libs.contracts.events import Waiting
from libs.contracts.lead import Lead, Route, SubmissionRef
from libs.runtime.state import transaction
from services.triage.domain.item import Case, Item, Status
from services.triage.domain.page import Cursor, Page, Row
from services.triage.rows import ANSWERS, QUESTIONS, item_values

_ITEM = (
    "lead_id, version, question_hash, questions::text, submission::text, lead::text, suggested::text, status, created_at, "
    "due_at, waiting::text, reminded, overdue, escalated, closed_at, actor::text, answers::text"
)
_ROW = (
    "lead_id, version, question_hash, status, created_at, due_at, waiting::text, reminded, overdue, escalated, worth, due_order, "
    "array(select q -> 'review' ->> 'kind' from jsonb_array_elements(questions) as q) as kinds, "
    "coalesce(lead #>> '{fields,company,value}', '') as company, coalesce(lead #>> '{fields,name,value}', '') as name, "
    "coalesce(suggested ->> 'destination', '') as suggested"
)
_UPSERT = """
insert into item (lead_id, version, question_hash, questions, submission, lead, suggested, status, created_at, due_at,
                  overdue, closed_at, actor, answers, due_order, worth, waiting, reminded, escalated)
values ($1, $2, $3, $4::text::jsonb, $5::text::jsonb, $6::text::jsonb, $7::text::jsonb, $8, $9, $10,
        $11, $12, $13::text::jsonb, $14::text::jsonb, $15, $16, $17::text::jsonb, $18, $19)
on conflict (lead_id) do update set
    version = excluded.version, question_hash = excluded.question_hash, questions = excluded.questions,
    submission = excluded.submission, lead = excluded.lead, suggested = excluded.suggested, status = excluded.status,
    created_at = excluded.created_at, due_at = excluded.due_at, overdue = excluded.overdue,
    closed_at = excluded.closed_at, actor = excluded.actor, answers = excluded.answers,
    due_order = excluded.due_order, worth = excluded.worth, waiting = excluded.waiting, reminded = excluded.reminded,
    escalated = excluded.escalated
"""


class PostgresCases:
    """The cases, inside the transaction of the stage loop."""

    async def locked(self, lead_ids: Sequence[str]) -> Mapping[str, Case]:
        """The case of every lead asked for, its row made when missing and locked in the order given."""
        connection, wanted = transaction(), list(lead_ids)
        await connection.execute(
            "insert into lead_case (lead_id) select * from unnest($1::text[]) on conflict do nothing", wanted
        )
        cases = await connection.fetch(
            "select lead_id, seen_version, settled from lead_case where lead_id = any($1) order by lead_id for update",
            wanted,
        )
        rows = await connection.fetch(f"select {_ITEM} from item where lead_id = any($1)", wanted)  # noqa: S608 - own text
        items = {row["lead_id"]: _item(row) for row in rows}
        return {
            row["lead_id"]: Case(row["lead_id"], row["seen_version"], row["settled"], items.get(row["lead_id"]))
            for row in cases
        }

    async def save(self, cases: Iterable[Case]) -> None:
        """Store the cases and their items."""
        connection, moved = transaction(), list(cases)
        await connection.execute(
            "update lead_case as held set seen_version = new.seen_version, settled = new.settled "
            "from unnest($1::text[], $2::bigint[], $3::bool[]) as new(lead_id, seen_version, settled) "
            "where held.lead_id = new.lead_id",
            [case.lead_id for case in moved], [case.seen_version for case in moved], [case.settled for case in moved],
        )  # fmt: skip
        await connection.executemany(_UPSERT, [item_values(case.item) for case in moved if case.item is not None])


_OF_QUEUES = "($2::text[] = '{}' or coalesce(nullif(suggested ->> 'queue', ''), waiting ->> 'queue') = any($2))"


class PostgresQueue:
    """The queue as the API reads it."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def page(self, status: Status, limit: int, after: Cursor | None, queues: Sequence[str] = ()) -> Page:
        """The next `limit` rows of a status after a cursor: due first, then worth most; of these queues, if any are given."""
        start = Cursor(-(2**62), 0, "") if after is None else after
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            rows = await connection.fetch(
                f"select {_ROW} from item where status = $1 and {_OF_QUEUES} and (due_order, -worth, lead_id) > ($3, $4, $5) "  # noqa: S608
                "order by due_order, -worth, lead_id limit $6",
                status, list(queues), start.due_order, -start.worth, start.lead_id, limit + 1,
            )  # fmt: skip
            counted = f"select count(*) from item where status = $1 and {_OF_QUEUES}"  # noqa: S608 - own text
            total = await connection.fetchval(counted, status, list(queues))
        shown = rows[:limit]
        following = None
        if len(rows) > limit:
            following = Cursor(shown[-1]["due_order"], shown[-1]["worth"], shown[-1]["lead_id"])
        return Page([_row(row) for row in shown], following, total)

    async def one(self, lead_id: str) -> Item | None:
        """The item of a lead, open or closed."""
        row = await self._pool.fetchrow(f"select {_ITEM} from item where lead_id = $1", lead_id)  # noqa: S608 - own text
        return None if row is None else _item(row)


def _item(row: asyncpg.Record) -> Item:
    return Item(
        lead_id=row["lead_id"],
        version=row["version"],
        question_hash=row["question_hash"],
        questions=QUESTIONS.validate_json(row["questions"]),
        submission=SubmissionRef.model_validate_json(row["submission"]),
        lead=None if row["lead"] is None else Lead.model_validate_json(row["lead"]),
        suggested=None if row["suggested"] is None else Route.model_validate_json(row["suggested"]),
        status=row["status"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        waiting=_waiting(row["waiting"]),
        reminded=row["reminded"],
        overdue=row["overdue"],
        escalated=row["escalated"],
        closed_at=row["closed_at"],
        actor=None if row["actor"] is None else Actor.model_validate_json(row["actor"]),
        answers=ANSWERS.validate_json(row["answers"]),
    )


def _waiting(held: str | None) -> Waiting | None:
    return None if held is None else Waiting.model_validate_json(held)


def _row(row: asyncpg.Record) -> Row:
    return Row(
        lead_id=row["lead_id"],
        version=row["version"],
        question_hash=row["question_hash"],
        status=row["status"],
        created_at=row["created_at"],
        due_at=row["due_at"],
        waiting=_waiting(row["waiting"]),
        reminded=row["reminded"],
        overdue=row["overdue"],
        escalated=row["escalated"],
        worth=row["worth"],
        kinds=tuple(row["kinds"]),
        company=row["company"],
        name=row["name"],
        suggested=row["suggested"],
    )
