"""A made audit log of millions of changes in a database of its own, by audit's own migrations and role; used again when whole.

Records are as uneven as in life: half of all changes are on a quarter of the records, the busiest has thousands, and they come
ten at a time. Every row has real bytes, a `ChangeRecorded` as the line writes it, but 0.7 kB long where the line's own have 1.0:
ten million have to fit on 20 GB. Rows and bytes are made by Postgres itself, before the indexes are built. Hashes are those of
the bytes alone, and no chain has a head: this log is there to be asked, not verified.
"""

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg

import services.audit
from bench.rounds import Say
from libs.runtime import clock
from libs.runtime.database import migrate
from libs.runtime.settings import RuntimeSettings

MIGRATIONS = Path(services.audit.__file__).parent / "migrations"
START, DAYS = datetime(2026, 1, 1, tzinfo=UTC), 180
CHAINS, PER_RECORD = 12, 20
"""Partitions of the topic, and the mean of changes on a record."""
AT_A_TIME = 10
"""Changes that a record gets one after the other, as when a stage has looked at a lead or crm has written a contact."""
KINDS = ("lead", "contact", "company", "contact")
"""A record's type, by its number."""
AT_ONCE = 2
PART, SAY_EVERY = 100_000, 1_000_000
# `offset 0`: Postgres would work each expression out again wherever it is named.
_ROWS = """
insert into change
select r % $4::int, n, n, at, h, h, bytes, event_id, '1', '', true, null, event_id, change_id, kind, record_id, field, status,
    source_kind, source_name, 0.8, confidence, actor_kind, actor_id, workflow, version, model, policy, trigger_id, lead_id,
    null, at, 'fields:' || field, null, 'reversible'
from (
    select *, sha256(bytes) as h from (
        select *, convert_to(format(
            '{"event_id":"%s","caused_by":"%s","decided_at":"%s","change":{"record":{"type":"%s","id":"%s"},"field":"%s",'
            '"new":"value %s","old":"value %s","source":{"kind":"%s","name":"%s","trust":0.8},"confidence":%s,'
            '"actor":{"kind":"%s","id":"%s"},"evidence":%s,"reason":"said","model_version":%s,'
            '"effect":"reversible","reverts":null,"verified_by":null,"change_id":"%s","workflow":{"name":"%s","version":"%s"},'
            '"policy_version":"%s","trigger_event_id":"%s","lead_id":"%s","trace_id":null,"status":"%s",'
            '"rule":"fields:%s","at":"%s"}}',
            event_id, trigger_id, told_at, kind, record_id, field, n, n - 1, source_kind, source_name, confidence,
            actor_kind, actor_id,
            case when w = 2 then '[{"quote":"we want to answer customers faster","where":"message"}]' else '[]' end,
            coalesce('"' || model || '"', 'null'), change_id, workflow, version, policy, trigger_id,
            lead_id, status, field, told_at), 'UTF8') as bytes
        from (
            select n, r, w, at, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as told_at,
                md5('e' || n)::uuid::text as event_id, 'c' || n as change_id,
                'e' || n / 25 as trigger_id, 'l' || n / 25 as lead_id,
                md5('r' || r)::uuid::text as record_id,
                ($8::text[])[1 + r % 4] as kind,
                (array['email', 'name', 'title', 'phone', 'company', 'country', 'city', 'language', 'industry', 'use_case',
                       'urgency', 'priority', 'fit_score', 'owner', 'last_activity_at'])[1 + h % 15] as field,
                case when h % 50 = 0 then 'queued' when h % 997 = 0 then 'rejected' else 'applied' end as status,
                case when h % 101 = 0 then 'human' when w = 2 then 'model' when w = 1 then 'provider' else 'submission' end
                    as source_kind,
                case when h % 101 = 0 then 'person ' || h % 200 when w = 2 then 'offline-2' when w = 1 then 'companies'
                    else 'web_form' end as source_name,
                ((50 + h % 50) / 100.0)::text::float8 as confidence,
                case when h % 101 = 0 then 'human' when w = 2 then 'ai' else 'rule' end as actor_kind,
                case when h % 101 = 0 then 'person ' || h % 200 when w = 2 then 'offline-2' else names[1 + w] end as actor_id,
                names[1 + w] as workflow, case when n % 20011 = 0 then 'canary' else '1' end as version,
                case when w = 2 then 'offline-2-' || n * 20 / $3::bigint end as model,
                left(md5('p' || n * 40 / $3::bigint), 16) as policy
            from (
                select *, (array[0, 0, 0, 0, 1, 1, 2, 3, 4, 4])[1 + h / 15 % 10] as w,
                    array['mapper', 'enrich', 'classify', 'score', 'crm.writes'] as names
                from (
                    select n, hashint8(n) & 1073741823 as h, $5::timestamptz + n * ($6::interval / $3::bigint::float8) as at,
                        floor($3::bigint / $7::int
                            * power((hashint8extended(n / $9::int, 7) & 1073741823) / 1073741824.0, 2))::bigint as r
                    from generate_series($1::bigint, $2::bigint) n offset 0
                ) drawn offset 0
            ) dealt offset 0
        ) said offset 0
    ) written offset 0
) hashed
"""


@dataclass(frozen=True)
class Made:
    """The log: the settings of a service on it, how many changes it has, and how long it took to make (0: it was there)."""

    settings: RuntimeSettings
    changes: int
    seconds: float


async def made_log(settings: RuntimeSettings, changes: int, say: Say) -> Made:
    """A log of so many changes in a database beside the settings' own; the one that is there when it is whole."""
    name = f"asked_{changes}"
    parts = urlsplit(settings.database_url)
    url = urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    there = settings.model_copy(update={"database_url": url})
    server = await asyncpg.connect(settings.database_url)
    try:
        if await server.fetchval("select 1 from pg_database where datname = $1", name) and await _is_whole(
            url, changes
        ):
            await migrate(there, "audit", MIGRATIONS)
            say(f"the log of {changes:,} changes is there")
            return Made(there, changes, 0.0)
        await server.execute(f"drop database if exists {name} with (force)")
        await server.execute(f"create database {name}")
    finally:
        await server.close()
    begun = clock.monotonic()
    await migrate(there, "audit", MIGRATIONS)
    await _fill(url, changes, say)
    return Made(there, changes, clock.monotonic() - begun)


async def _owner(url: str) -> asyncpg.Connection:
    return await asyncpg.connect(url, server_settings={"search_path": "audit, public"})


async def _is_whole(url: str, changes: int) -> bool:
    connection = await _owner(url)
    try:
        if not await connection.fetchval("select to_regclass('made') is not null"):
            return False
        return bool(await connection.fetchval("select exists (select 1 from made where changes = $1)", changes))
    finally:
        await connection.close()


async def _fill(url: str, changes: int, say: Say) -> None:
    connection = await _owner(url)
    try:
        for day in range(0, DAYS + 1, 28):
            await connection.execute("select make_month($1)", START + timedelta(days=day))
        await connection.execute("alter table change disable trigger change_continues")
        indexes = await connection.fetch(
            "select indexname, indexdef from pg_indexes where tablename = 'change' and indexname not like '%pkey'"
        )
        for index in indexes:
            await connection.execute(f'drop index "{index["indexname"]}"')
        await _rows(url, changes, say)
        await connection.execute("set maintenance_work_mem = '1GB'")
        for number, index in enumerate(indexes, 1):
            say(f"index {number} of {len(indexes)}: {index['indexname']}")
            await connection.execute(index["indexdef"].replace(" ON ONLY ", " ON "), timeout=3600)
        await connection.execute("alter table change enable always trigger change_continues")
        await connection.execute("vacuum analyze change", timeout=3600)
        await connection.execute("create table made (changes bigint)")
        await connection.execute("insert into made values ($1)", changes)
    finally:
        await connection.close()


async def _rows(url: str, changes: int, say: Say) -> None:
    parts = iter(range(1, changes + 1, PART))
    done = 0

    async def some() -> None:
        nonlocal done
        connection = await _owner(url)
        try:
            await connection.execute("set synchronous_commit = off")
            for first in parts:
                last = min(first + PART - 1, changes)
                await connection.execute(
                    _ROWS,
                    first,
                    last,
                    changes,
                    CHAINS,
                    START,
                    timedelta(days=DAYS),
                    PER_RECORD,
                    KINDS,
                    AT_A_TIME,
                    timeout=3600,
                )
                done += last - first + 1
                if done % SAY_EVERY < PART:
                    say(f"{done:,} of {changes:,} changes")
        finally:
            await connection.close()

    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
