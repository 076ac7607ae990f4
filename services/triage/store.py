"""The cases of triage in Postgres, inside the transaction of the stage loop. `queue.py` reads them for the API."""

from collections.abc import Iterable, Mapping, Sequence

import asyncpg

from libs.contracts.change import Actor
from libs.contracts.events import Waiting
from libs.contracts.lead import Lead, Route, SubmissionRef
from libs.runtime.state import transaction
from services.triage.domain.decided import Decided
from services.triage.domain.item import Case, Item
from services.triage.domain.work import Work
from services.triage.rows import ANSWERS, BLOCKED, CASE, ITEM, QUESTIONS, case_values, comment_values, item_values

ITEM_COLUMNS = (
    "lead_id, version, question_hash, questions::text, submission::text, lead::text, suggested::text, status, created_at, "
    "due_at, waiting::text, reminded, overdue, escalated, closed_at, actor::text, answers::text, "
    "claimed_by, claimed_since, claimed_until, assigned_to, snoozed_until, snoozed_by"
)
_JSON = frozenset(("questions", "submission", "lead", "suggested", "actor", "answers", "waiting", "decided", "blocked"))


def _upsert(table: str, columns: Sequence[str]) -> str:
    """Insert or update by the first column."""
    places = (f"${n}::text::jsonb" if name in _JSON else f"${n}" for n, name in enumerate(columns, 1))
    changes = ", ".join(f"{name} = excluded.{name}" for name in columns[1:])
    return (
        f"insert into {table} ({', '.join(columns)}) values ({', '.join(places)}) "  # noqa: S608 - own names
        f"on conflict ({columns[0]}) do update set {changes}"
    )


class PostgresCases:
    """The cases, inside the transaction of the stage loop."""

    async def locked(self, lead_ids: Sequence[str]) -> Mapping[str, Case]:
        """The case of every lead asked for, its row made when missing and locked in the order given."""
        connection, wanted = transaction(), list(lead_ids)
        await connection.execute(
            "insert into lead_case (lead_id) select * from unnest($1::text[]) on conflict do nothing", wanted
        )
        cases = await connection.fetch(
            "select lead_id, seen_version, settled, decided::text, blocked::text from lead_case "
            "where lead_id = any($1) order by lead_id for update",
            wanted,
        )
        rows = await connection.fetch(f"select {ITEM_COLUMNS} from item where lead_id = any($1)", wanted)  # noqa: S608
        items = {row["lead_id"]: item_of(row) for row in rows}
        return {row["lead_id"]: _case(row, items.get(row["lead_id"])) for row in cases}

    async def save(self, cases: Iterable[Case]) -> None:
        """Store the cases, their items and what was said about them."""
        connection, moved = transaction(), list(cases)
        await connection.executemany(_upsert("lead_case", CASE), [case_values(case) for case in moved])
        items = [item_values(case.item) for case in moved if case.item is not None]
        await connection.executemany(_upsert("item", ITEM), items)
        said = [comment_values(one) for case in moved for one in case.comments]
        if said:
            await connection.executemany(
                "insert into comment (comment_id, lead_id, author, at, text) values ($1, $2, $3, $4, $5) "
                "on conflict do nothing",
                said,
            )


def _case(row: asyncpg.Record, item: Item | None) -> Case:
    decided = None if row["decided"] is None else Decided.model_validate_json(row["decided"])
    return Case(
        row["lead_id"], row["seen_version"], row["settled"], item, (), decided, BLOCKED.validate_json(row["blocked"])
    )


def item_of(row: asyncpg.Record) -> Item:
    """An item's row with the columns of `ITEM_COLUMNS`."""
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
        waiting=waiting_of(row["waiting"]),
        reminded=row["reminded"],
        overdue=row["overdue"],
        escalated=row["escalated"],
        closed_at=row["closed_at"],
        actor=None if row["actor"] is None else Actor.model_validate_json(row["actor"]),
        answers=ANSWERS.validate_json(row["answers"]),
        work=work_of(row),
    )


def work_of(row: asyncpg.Record) -> Work:
    """Who works on it."""
    return Work(
        claimed_by=row["claimed_by"],
        claimed_since=row["claimed_since"],
        claimed_until=row["claimed_until"],
        assigned_to=row["assigned_to"],
        snoozed_until=row["snoozed_until"],
        snoozed_by=row["snoozed_by"],
    )


def waiting_of(held: str | None) -> Waiting | None:
    """The clock of an item, as it is stored."""
    return None if held is None else Waiting.model_validate_json(held)
