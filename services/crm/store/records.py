"""Records in Postgres."""

import json
from collections.abc import Iterable, Sequence

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from libs.contracts.change import RecordRef
from libs.runtime.state import transaction
from services.crm.domain.record import Delta, Held, RecordState
from services.crm.domain.suppression import Entry, match_keys
from services.crm.domain.webhooks import Subscriber
from services.crm.rows import lock_values, record_values, rejection_values
from services.crm.store.meta import meta_of
from services.crm.store.webhooks import active_subscribers, save_webhooks

RECORD = "type, id, version, fields::text, field_meta::text, deleted"
_WANTED = "unnest($1::text[], $2::text[]) as wanted(type, id)"


class PostgresRecords:
    """The records with their memory, inside the transaction of the stage loop."""

    async def locked(self, refs: Sequence[RecordRef]) -> Held:
        """The records, a row made for each that is missing and locked in the order given; what does not exist has version 0."""
        connection, wanted = transaction(), columns_of(refs)
        await connection.execute(
            f"insert into record (type, id) select * from {_WANTED} on conflict do nothing",  # noqa: S608 - own text
            *wanted,
        )
        rows = await connection.fetch(
            f"select {RECORD} from record where (type, id) in (select * from {_WANTED}) "  # noqa: S608 - own text
            "order by type, id for update",
            *wanted,
        )
        return Held({state.ref: state for state in await with_memory(connection, rows, wanted)})

    async def entries(self, records: Iterable[RecordState]) -> Sequence[Entry]:
        """The suppression entries that name one of the records by e-mail, domain or id."""
        emails: set[str] = set()
        domains: set[str] = set()
        known: set[str] = set()
        for state in records:
            mine = match_keys(state)
            emails |= mine[0]
            domains |= mine[1]
            known.add(state.ref.id.lower())
        rows = await transaction().fetch(
            "select fields::text from record where type = 'suppression' and version > 0 and not deleted and ("
            "lower(fields ->> 'email') = any($1) or lower(fields ->> 'domain') = any($2) "
            "or lower(fields ->> 'record_id') = any($3))",
            sorted(emails), sorted(domains), sorted(known),
        )  # fmt: skip
        return [Entry.of(json.loads(row["fields"])) for row in rows]

    async def existing(self, refs: Sequence[RecordRef]) -> frozenset[RecordRef]:
        """Which of the records exist, not locked: a link to one that is deleted at this moment is no harm."""
        rows = await transaction().fetch(
            f"select type, id from record where (type, id) in (select * from {_WANTED}) "  # noqa: S608 - own text
            "and version > 0 and not deleted",
            *columns_of(refs),
        )
        return frozenset(map(_ref, rows))

    async def subscribers(self) -> Sequence[Subscriber]:
        """The webhooks that are told of changes now."""
        return await active_subscribers(transaction())

    async def save(self, deltas: Sequence[Delta]) -> None:
        """Store records as they ended, then memory and locks in order."""
        last = {state.ref: state for delta in deltas for state in delta.records}
        if last:
            await _save_records(list(last.values()))
        for delta in deltas:
            await _save_memory(delta)
            await save_webhooks(transaction(), delta.webhooks)


async def with_memory(
    connection: asyncpg.Connection | PoolConnectionProxy,
    rows: Sequence[asyncpg.Record],
    wanted: tuple[list[str], list[str]],
) -> list[RecordState]:
    """The rows as records, with what was rejected and locked; read after the records' locks were taken."""
    rejected: dict[RecordRef, set[tuple[str, str]]] = {}
    for row in await connection.fetch(
        f"select type, id, field, evidence_hash from rejection where (type, id) in (select * from {_WANTED})",  # noqa: S608
        *wanted,
    ):
        rejected.setdefault(_ref(row), set()).add((row["field"], row["evidence_hash"]))
    locks: dict[RecordRef, set[str]] = {}
    for row in await connection.fetch(
        f"select type, id, field from human_lock where (type, id) in (select * from {_WANTED})",  # noqa: S608 - own text
        *wanted,
    ):
        locks.setdefault(_ref(row), set()).add(row["field"])
    return [state_of(row, rejected.get(_ref(row), ()), locks.get(_ref(row), ())) for row in rows]


async def _save_records(states: Sequence[RecordState]) -> None:
    await transaction().execute(
        "insert into record (type, id, version, fields, field_meta, deleted, updated_at) "
        "select t, i, v, f::jsonb, m::jsonb, d, u from unnest("
        "$1::text[], $2::text[], $3::bigint[], $4::text[], $5::text[], $6::bool[], $7::timestamptz[]"
        ") as new(t, i, v, f, m, d, u) "
        "on conflict (type, id) do update set version = excluded.version, fields = excluded.fields, "
        "field_meta = excluded.field_meta, deleted = excluded.deleted, updated_at = excluded.updated_at",
        *map(list, zip(*map(record_values, states), strict=True)),
    )


async def _save_memory(delta: Delta) -> None:
    connection = transaction()
    if delta.remembered:
        await connection.executemany(
            "insert into rejection (type, id, field, evidence_hash, verdict, actor, reason, at) "
            "values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (type, id, field, evidence_hash) do update set "
            "verdict = excluded.verdict, actor = excluded.actor, reason = excluded.reason, at = excluded.at",
            [rejection_values(one) for one in delta.remembered],
        )
    if delta.forgotten:
        await connection.executemany(
            "delete from rejection where type = $1 and id = $2 and field = $3 and evidence_hash = $4",
            [rejection_values(one)[:4] for one in delta.forgotten],
        )
    if delta.locks:
        await connection.executemany(
            "insert into human_lock (type, id, field, actor, at) values ($1, $2, $3, $4, $5) "
            "on conflict (type, id, field) do update set actor = excluded.actor, at = excluded.at",
            [lock_values(lock) for lock in delta.locks],
        )
    if delta.unlocks:
        await connection.executemany(
            "delete from human_lock where type = $1 and id = $2 and field = $3",
            [(ref.type, ref.id, field) for ref, field in delta.unlocks],
        )


def columns_of(refs: Sequence[RecordRef]) -> tuple[list[str], list[str]]:
    return [ref.type for ref in refs], [ref.id for ref in refs]


def _ref(row: asyncpg.Record) -> RecordRef:
    return RecordRef(type=row["type"], id=row["id"])


def state_of(row: asyncpg.Record, rejected: Iterable[tuple[str, str]] = (), locks: Iterable[str] = ()) -> RecordState:
    fields = json.loads(row["fields"])
    return RecordState(
        ref=_ref(row),
        version=row["version"],
        fields=fields,
        meta=meta_of(row["field_meta"], fields),
        deleted=row["deleted"],
        rejected=frozenset(rejected),
        locks=frozenset(locks),
    )
