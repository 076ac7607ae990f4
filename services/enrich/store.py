"""What enrich keeps in Postgres: the read model of the CRM's records, and questions that were missed."""

import json
from collections.abc import Mapping, Sequence

import asyncpg
from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.contracts.events import RecordChanged
from libs.runtime.errors import Retryable
from libs.runtime.state import DATABASE_AWAY, transaction
from services.enrich import tables
from services.enrich.domain.late import Order, Remembered
from services.enrich.domain.records import Known, company_of, contact_of
from services.enrich.rows import ANSWERS, question_values


class RecordTable:
    """Known records by reference; written by the stage `enrich.records`, read by the provider `crm`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def save(self, changes: Sequence[RecordChanged]) -> None:
        """Store the newest version of every record, inside the batch's transaction."""
        await save_records(changes)

    async def known(self, refs: Sequence[RecordRef]) -> Known:
        """The records of these references and the opportunities of their companies and contacts.

        Raises Retryable when the database is away: without it nobody knows whose customer this is.
        """
        if not refs:
            return Known({}, {})
        try:
            async with self._pool.acquire() as connection:
                held = await connection.fetch(tables.BY_ID, [ref.type for ref in refs], [ref.id for ref in refs])
                companies = [ref.id for ref in refs if ref.type == "company"]
                contacts = [ref.id for ref in refs if ref.type == "contact"]
                open_rows = await connection.fetch(tables.OPPORTUNITIES, companies, contacts)
        except DATABASE_AWAY as error:
            raise Retryable(f"the record base is away: {type(error).__name__}") from error
        records = {(row["type"], row["id"]): _fields(row["fields"]) for row in held}
        return Known(records, _by_owner(open_rows))


async def save_records(changes: Sequence[RecordChanged]) -> None:
    """Store the newest version of every record, inside the batch's transaction."""
    if changes:
        rows = [_row(change) for change in changes]
        await transaction().execute(tables.UPSERT, *(list(column) for column in zip(*rows, strict=True)))


def _row(change: RecordChanged) -> tuple[str, str, int, str | None, str | None, str | None]:
    record, fields = change.record, change.fields
    text = None if fields is None else json.dumps(fields)
    return record.type, record.id, change.version, company_of(fields), contact_of(fields), text


def _fields(text: str) -> dict[str, JsonValue]:
    fields: dict[str, JsonValue] = json.loads(text)
    return fields


def _by_owner(rows: Sequence[asyncpg.Record]) -> Mapping[tuple[str, str], list[dict[str, JsonValue]]]:
    """Opportunities under their company, and under their contact."""
    found: dict[tuple[str, str], list[dict[str, JsonValue]]] = {}
    for row in rows:
        fields = _fields(row["fields"])
        for kind in ("company", "contact"):
            if row[f"{kind}_id"]:
                found.setdefault((kind, row[f"{kind}_id"]), []).append(fields)
    return found


class QuestionTable:
    """Missed questions; written by the stage `enrich.commands`, read by the stage `enrich`."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def of(self, lead_ids: Sequence[str]) -> Sequence[Remembered]:
        """The questions about these leads. Raises Retryable when the database is away: nobody is asked twice."""
        try:
            rows = await self._pool.fetch(tables.QUESTIONS_OF, list(lead_ids))
        except DATABASE_AWAY as error:
            raise Retryable(f"missed questions can't be read: {type(error).__name__}") from error
        return [_question(row) for row in rows]

    async def locked(self, question_ids: Sequence[str]) -> Mapping[str, Remembered]:
        """The questions of these ids, locked until the batch's transaction ends."""
        rows = await transaction().fetch(tables.QUESTIONS_LOCKED, list(question_ids))
        return {row["question_id"]: _question(row) for row in rows}

    async def save(self, questions: Sequence[Remembered]) -> None:
        """Store the questions as they are now, inside the batch's transaction."""
        rows = [question_values(one) for one in questions]
        await transaction().executemany(tables.SAVE_QUESTION, rows)


def _question(row: asyncpg.Record) -> Remembered:
    facts = {name: row[name] for name in ("question_id", "lead_id", "provider", "asked", "state", "until")}
    order = Order.model_validate_json(row["order"]) if row["order"] else None
    return Remembered(**facts, order=order, answers=ANSWERS.validate_json(row["answers"]))
