"""Links to remote CRMs in Postgres: for the stages inside their transaction, for connectors each step in its own."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
from asyncpg.pool import PoolConnectionProxy
from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.runtime import clock
from libs.runtime.state import transaction
from services.crm.domain.remote import Known, Link
from services.crm.domain.remote_found import KnownMove

_NEXT = datetime.fromtimestamp(0, UTC)
"""`checked_at` of what the next poll is to look at, before all others."""
_Connection = asyncpg.Connection | PoolConnectionProxy
_WANTED = "unnest($2::text[], $3::text[]) as wanted(type, id)"


@dataclass(frozen=True, slots=True)
class RecordNow:
    """A record as a connector needs it."""

    version: int
    fields: Mapping[str, JsonValue]
    deleted: bool


class StageLinks:
    """What the stages keep, inside their transaction."""

    async def held(self, names: Sequence[str], refs: Sequence[RecordRef]) -> dict[tuple[str, RecordRef], Link]:
        """The links of records to several remotes; one that is missing is empty."""
        found: dict[tuple[str, RecordRef], Link] = {}
        for name in names:
            found |= {(name, link.ref): link for link in (await _links(transaction(), name, refs)).values()}
        return found

    async def save(self, links: Sequence[Link], moves: Sequence[KnownMove]) -> None:
        """Store what was found out; a row that moved meanwhile stays as it is."""
        for link in sorted(links, key=lambda one: (one.connector, one.ref.type, one.ref.id)):
            await _save_link(transaction(), link)
        for move in sorted(moves, key=lambda one: (one.connector, one.ref.type, one.ref.id, one.field, one.expected)):
            await _move(transaction(), move)


class PostgresLinks:
    """What connectors keep."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def links(self, connector: str, refs: Sequence[RecordRef]) -> dict[RecordRef, Link]:
        """The links of records; one that is missing is empty."""
        async with (
            self._pool.acquire() as connection,
            connection.transaction(isolation="repeatable_read", readonly=True),
        ):
            return await _links(connection, connector, refs)

    async def records(self, refs: Sequence[RecordRef]) -> dict[RecordRef, RecordNow]:
        """The records that exist or did."""
        rows = await self._pool.fetch(
            "select type, id, version, fields::text, deleted from record where version > 0 and (type, id) in "
            "(select * from unnest($1::text[], $2::text[]))",
            [ref.type for ref in refs], [ref.id for ref in refs],
        )  # fmt: skip
        return {_ref(row): RecordNow(row["version"], json.loads(row["fields"]), row["deleted"]) for row in rows}

    async def by_remote(self, connector: str, record_type: str, remote_ids: Sequence[str]) -> dict[str, RecordRef]:
        """The records of these remote ids."""
        rows = await self._pool.fetch(
            "select type, id, remote_id from remote_link where connector = $1 and type = $2 and remote_id = any($3)",
            connector, record_type, list(remote_ids),
        )  # fmt: skip
        return {row["remote_id"]: _ref(row) for row in rows}

    async def by_email(self, connector: str, emails: Sequence[str]) -> dict[str, RecordRef]:
        """The one contact of each address, as far as it has no counterpart yet."""
        rows = await self._pool.fetch(
            "select lower(r.fields ->> 'email') as email, min(r.id) as id from record r "
            "left join remote_link l on l.connector = $1 and l.type = r.type and l.id = r.id and l.remote_id <> '' "
            "where r.type = 'contact' and r.version > 0 and not r.deleted and lower(r.fields ->> 'email') = any($2) "
            "group by 1 having count(*) = 1 and count(l.id) = 0",
            connector, list(emails),
        )  # fmt: skip
        return {row["email"]: RecordRef(type="contact", id=row["id"]) for row in rows}

    async def members(self) -> dict[str, str]:
        """The members' ids by e-mail address."""
        rows = await self._pool.fetch(
            "select id, lower(fields ->> 'email') as email from record where type = 'member' and version > 0 "
            "and not deleted and fields ? 'email'"
        )
        return {row["email"]: row["id"] for row in rows if row["email"]}

    async def move(self, moves: Sequence[KnownMove]) -> list[bool]:
        """Store what is known now; False for a row that moved since it was read, which stays."""
        async with self._pool.acquire() as connection, connection.transaction():
            ordered = sorted(moves, key=lambda one: (one.ref.type, one.ref.id, one.field))
            done = {id(one): await _move(connection, one) for one in ordered}
            return [done[id(one)] for one in moves]

    async def save_links(self, links: Sequence[Link]) -> None:
        """Store remote ids and what is the matter with them."""
        async with self._pool.acquire() as connection, connection.transaction():
            for link in sorted(links, key=lambda one: (one.ref.type, one.ref.id)):
                await _save_link(connection, link)

    async def lease(self, connector: str, holder: str, seconds: float) -> bool:
        """Take or keep the right to talk to a remote; False while another process has it."""
        now = clock.now()
        row = await self._pool.fetchval(
            "insert into remote_lease (connector, holder, until) values ($1, $2, $3) on conflict (connector) do update "
            "set holder = excluded.holder, until = excluded.until "
            "where remote_lease.holder = $2 or remote_lease.until < $4 returning 1",
            connector, holder, now + timedelta(seconds=seconds), now,
        )  # fmt: skip
        return row is not None

    async def release(self, connector: str, holder: str, problem: str | None = None) -> None:
        """Give the right back; `problem` says how it went, empty for well."""
        await self._pool.execute(
            "update remote_lease set until = $3, problem = coalesce($4, problem), "
            "problem_at = case when $4 is null then problem_at when $4 = '' then null else $3 end "
            "where connector = $1 and holder = $2",
            connector, holder, clock.now(), problem,
        )  # fmt: skip

    async def cursor(self, connector: str, record_type: str) -> tuple[str, datetime | None]:
        """How far changes were read, and when last."""
        row = await self._pool.fetchrow(
            "select cursor, polled_at from remote_cursor where connector = $1 and type = $2", connector, record_type
        )
        return ("", None) if row is None else (row["cursor"], row["polled_at"])

    async def save_cursor(self, connector: str, record_type: str, cursor: str) -> None:
        """Changes were read up to here."""
        await self._pool.execute(
            "insert into remote_cursor (connector, type, cursor, polled_at) values ($1, $2, $3, $4) "
            "on conflict (connector, type) do update set cursor = excluded.cursor, polled_at = excluded.polled_at",
            connector, record_type, cursor, clock.now(),
        )  # fmt: skip

    async def unchecked(self, connector: str, record_type: str, before: datetime, limit: int) -> list[Link]:
        """The links that were looked at longest ago, before a time."""
        rows = await self._pool.fetch(
            "select type, id from remote_link where connector = $1 and type = $2 and remote_id <> '' and not gone "
            "and checked_at < $3 order by checked_at limit $4",
            connector, record_type, before, limit,
        )  # fmt: skip
        return list((await self.links(connector, [_ref(row) for row in rows])).values()) if rows else []

    async def checked(self, connector: str, refs: Sequence[RecordRef]) -> None:
        """These were looked at now."""
        await self._pool.execute(
            f"update remote_link set checked_at = $4 where connector = $1 and (type, id) in (select * from {_WANTED})",  # noqa: S608
            connector, [ref.type for ref in refs], [ref.id for ref in refs], clock.now(),
        )  # fmt: skip

    async def overview(self, connector: str, effect: str) -> dict[str, Any]:
        """What people want to know of a remote."""
        row = await self._pool.fetchrow(
            "select (select count(*) from remote_link where connector = $1 and remote_id <> '') as linked, "
            "(select count(*) from remote_link where connector = $1 and gone) as gone, "
            "(select count(*) from remote_field where connector = $1 and has_conflict) as conflicts, "
            "(select count(*) from effect where name = $2 and finished_at is null "
            " and arguments ->> 'connector' = $1) as waiting, "
            "(select min(created_at) from effect where name = $2 and finished_at is null "
            " and arguments ->> 'connector' = $1) as waiting_since, "
            "(select count(*) from effect where name = $2 and error is not null "
            " and arguments ->> 'connector' = $1) as failed, "
            "(select max(polled_at) from remote_cursor where connector = $1) as polled_at, "
            "(select problem from remote_lease where connector = $1) as problem",
            connector, effect,
        )  # fmt: skip
        assert row is not None  # a select without a table has one row
        notes = await self._pool.fetch(
            "select type, id, remote_id, gone, note from remote_link where connector = $1 and (note <> '' or gone) "
            "order by checked_at desc limit 20",
            connector,
        )
        told = {name: value.isoformat() if isinstance(value, datetime) else value for name, value in row.items()}
        return {**told, "refused": [dict(one) for one in notes]}


async def _links(connection: _Connection, connector: str, refs: Sequence[RecordRef]) -> dict[RecordRef, Link]:
    wanted = (connector, [ref.type for ref in refs], [ref.id for ref in refs])
    rows = await connection.fetch(
        f"select * from remote_link where connector = $1 and (type, id) in (select * from {_WANTED})",  # noqa: S608
        *wanted,
    )
    known: dict[RecordRef, dict[str, Known]] = {}
    for row in await connection.fetch(
        f"select * from remote_field where connector = $1 and (type, id) in (select * from {_WANTED})",  # noqa: S608
        *wanted,
    ):
        known.setdefault(_ref(row), {})[row["field"]] = _known(row)
    held = {_ref(row): row for row in rows}
    return {ref: _link(connector, ref, held.get(ref), known.get(ref, {})) for ref in refs}


def _link(connector: str, ref: RecordRef, row: asyncpg.Record | None, known: Mapping[str, Known]) -> Link:
    if row is None:
        return Link(connector, ref, fields=known)
    return Link(connector, ref, row["remote_id"], known, row["gone"], row["note"], row["duplicates"], row["whole"])


def _known(row: asyncpg.Record) -> Known:
    return Known(
        _value(row["value"]), row["version"], row["seq"], _value(row["writing"]), row["is_writing"], row["stamp"],
        _value(row["theirs"]), row["has_conflict"],
    )  # fmt: skip


def _value(text: str | None) -> JsonValue:
    return None if text is None else json.loads(text)


async def _move(connection: _Connection, move: KnownMove) -> bool:
    known = move.known
    row = await connection.fetchval(
        "insert into remote_field (connector, type, id, field, value, version, seq, writing, is_writing, stamp, theirs, "
        "has_conflict) values ($1, $2, $3, $4, $5::jsonb, $6, $7 + 1, $8::jsonb, $9, $10, $11::jsonb, $12) "
        "on conflict (connector, type, id, field) do update set value = excluded.value, version = excluded.version, "
        "seq = excluded.seq, writing = excluded.writing, is_writing = excluded.is_writing, stamp = excluded.stamp, "
        "theirs = excluded.theirs, has_conflict = excluded.has_conflict where remote_field.seq = $7 returning 1",
        move.connector, move.ref.type, move.ref.id, move.field, json.dumps(known.value), known.version, move.expected,
        json.dumps(known.writing), known.is_writing, known.stamp, json.dumps(known.theirs), known.has_conflict,
    )  # fmt: skip
    return row is not None


async def _save_link(connection: _Connection, link: Link) -> None:
    """A remote id that is another record's counterpart already stays that one's, and what is to be looked at is so until
    it was."""
    await connection.execute(
        "insert into remote_link (connector, type, id, remote_id, gone, duplicates, note, checked_at, whole) "
        "select $1, $2, $3, case when exists (select 1 from remote_link where connector = $1 and type = $2 "
        "and remote_id = $4 and remote_id <> '' and id <> $3) then '' else $4 end, $5, $6, $7, $8, $9 "
        "on conflict (connector, type, id) do update set remote_id = excluded.remote_id, gone = excluded.gone, "
        "duplicates = excluded.duplicates, note = excluded.note, whole = excluded.whole, "
        "checked_at = case when remote_link.checked_at = $10 then $10 else excluded.checked_at end",
        link.connector, link.ref.type, link.ref.id, link.remote_id, link.gone, link.duplicates, link.note[:500],
        _NEXT if link.stale else clock.now(), link.whole, _NEXT,
    )  # fmt: skip


def _ref(row: asyncpg.Record) -> RecordRef:
    return RecordRef(type=row["type"], id=row["id"])
