"""Records as the API reads them: one, a page, a timeline."""

from collections.abc import Sequence

import asyncpg

from libs.contracts.change import RecordRef
from services.crm.domain.page import CLOSED_STAGES, Filter, Page, Timeline
from services.crm.domain.record import RecordState
from services.crm.store.records import RECORD, columns_of, state_of, with_memory

_LIVE = "version > 0 and not deleted"
_OPEN_DEAL = (
    "(fields ->> 'closed') is distinct from 'true' "
    f"and not (lower(coalesce(fields ->> 'stage', '')) ~ '^({'|'.join(CLOSED_STAGES)})')"
)
_OPEN_TASK = "coalesce(fields ->> 'status', 'open') = 'open'"
_BESIDE = 100
"""Open opportunities and tasks beside a timeline, at most."""


class PostgresRecordPages:
    """Records as the API reads them."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def one(self, ref: RecordRef) -> RecordState | None:
        """The record, deleted ones too; None when there never was one."""
        async with self._pool.acquire() as connection, connection.transaction(readonly=True):
            rows = await connection.fetch(
                f"select {RECORD} from record where type = $1 and id = $2 and version > 0",  # noqa: S608 - own text
                ref.type, ref.id,
            )  # fmt: skip
            found = await with_memory(connection, rows, columns_of([ref]))
        return found[0] if found else None

    async def page(self, record_type: str, limit: int, after: str, wanted: Filter) -> Page:
        """The next `limit` records of a type by id that fit the filter."""
        conditions, arguments = _conditions(wanted, [record_type, after, limit + 1])
        rows = await self._pool.fetch(
            f"select {RECORD} from record where type = $1 and {_LIVE} and id > $2{conditions} "  # noqa: S608 - own text
            "order by id limit $3",
            *arguments,
        )
        return Page([state_of(row) for row in rows[:limit]], more=len(rows) > limit)

    async def timeline(self, ref: RecordRef, limit: int, before: str) -> Timeline:
        """The newest activities of a contact or a company (with those of its people), or those before the
        activity with an id, and what is open."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(readonly=True, isolation="repeatable_read"),
        ):
            rows = await connection.fetch(
                f"select {RECORD} from record where type = 'activity' and id = any(array({_about(ref, 'activity')})) "  # noqa: S608
                "and ($2 = '' or (coalesce(fields ->> 'at', ''), id) < ("
                "select coalesce(fields ->> 'at', ''), id from record where type = 'activity' and id = $2)) "
                "order by coalesce(fields ->> 'at', '') desc, id desc limit $3",
                ref.id, before, limit + 1,
            )  # fmt: skip
            deals = await _beside(connection, "opportunity", ref, _OPEN_DEAL)
            tasks = await _beside(connection, "task", ref, _OPEN_TASK)
        return Timeline([state_of(row) for row in rows[:limit]], deals, tasks, more=len(rows) > limit)


def _conditions(wanted: Filter, arguments: list[object]) -> tuple[str, list[object]]:
    """The filter as SQL after `and`, with its arguments appended."""
    parts: list[str] = []

    def asked(sql: str, value: object) -> None:
        if value:
            arguments.append(value)
            parts.append(sql.replace("$$", f"${len(arguments)}"))

    asked("lower(fields ->> 'email') = $$", wanted.email.lower())
    asked("lower(fields ->> 'domain') = $$", wanted.domain.lower())
    for name in ("owner", "company_id", "contact_id", "opportunity_id"):
        asked(f"fields ->> '{name}' = $$ and fields ? '{name}'", getattr(wanted, name))
    asked("lower(fields ->> 'stage') = $$", wanted.stage.lower())
    asked("updated_at >= $$", wanted.updated_since)
    # the ids first, by the index of names: in the order of ids the names would be read through one by one
    named = "lower(fields ->> 'name') like $$ and fields ? 'name'"
    asked(f"id = any(array(select id from record where type = $1 and {_LIVE} and {named}))", _part(wanted.name))  # noqa: S608
    if wanted.is_open is not None:
        parts.append(f"({_OPEN_DEAL}) is {'true' if wanted.is_open else 'false'}")
    return "".join(f" and {part}" for part in parts), arguments


def _part(text: str) -> str:
    """A pattern for a name that holds the text, which stands for itself; empty for no text."""
    literal = text.lower().replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    return f"%{literal}%" if text else ""


def _about(ref: RecordRef, kind: str) -> str:
    """Which records of a kind are about a record: $1 is its id. A company's are also those of the people who belong to it.

    As a list of ids, each part found by its own index: one condition with an `or` would read all records of the kind.
    """
    own = _of(kind, f"{ref.type}_id", "= $1")
    if ref.type != "company":
        return own
    people = (
        f"select one.id from record person join record one on one.type = '{kind}' "  # noqa: S608 - own text
        "and one.version > 0 and not one.deleted and one.fields ->> 'contact_id' = person.id and one.fields ? 'contact_id' "
        "where person.type = 'contact' and person.version > 0 and not person.deleted "
        "and person.fields ->> 'company_id' = $1 and person.fields ? 'company_id'"
    )
    return f"{own} union {people}"


def _of(kind: str, name: str, condition: str) -> str:
    return (
        f"select id from record where type = '{kind}' and {_LIVE} "  # noqa: S608 - own text
        f"and fields ->> '{name}' {condition} and fields ? '{name}'"
    )


async def _beside(
    connection: asyncpg.pool.PoolConnectionProxy, kind: str, ref: RecordRef, condition: str
) -> Sequence[RecordState]:
    rows = await connection.fetch(
        f"select {RECORD} from record where type = $2 and id = any(array({_about(ref, kind)})) and {condition} "  # noqa: S608
        "order by id limit $3",
        ref.id, kind, _BESIDE,
    )  # fmt: skip
    return [state_of(row) for row in rows]
