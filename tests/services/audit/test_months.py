"""The log lies in months of the broker's time; each is made before it is needed, and none takes a row twice."""

import hashlib
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path
from random import Random

import asyncpg
import pytest

from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.database import migrate, open_pool
from libs.runtime.keys import NoKeys
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings
from services.audit.domain.chain import GENESIS, Head, Link, extend, microseconds
from services.audit.domain.row import read_change
from services.audit.sink import change_writer, insert_changes, opened, row_of
from services.audit.store import log
from tests.services.audit.conftest import MIGRATIONS, batch
from tests.services.audit.made import COMPANY, change, change_record, raw_record
from tests.services.audit.test_proof import result

TIMES = [
    ("change_before", "2019-12-31T23:59:59.999"), ("change_2020_01", "2020-01-01T00:00:00.000"),
    ("change_2024_02", "2024-02-29T23:59:59.999"), ("change_2024_03", "2024-03-01T00:00:00.000"),
    ("change_2099_12", "2099-12-31T23:59:59.999"), ("change_after", "2100-01-01T00:00:00.000"),
    ("change_after", "9998-12-31T23:59:59.999"), ("change_2024_03", "2024-03-31T23:59:59.999"),
]  # fmt: skip


def taken_at(offset: int, text: str) -> Record:
    moment = datetime.fromisoformat(text).replace(tzinfo=UTC)
    made = change_record(offset, change(offset))
    return raw_record(AUDIT_CHANGE.name, offset, made.value, made.headers, timestamp=round(moment.timestamp() * 1000))


async def write(pool: asyncpg.Pool, *records: Record) -> None:
    async with batch(pool) as connection:
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, records)


async def test_each_row_lies_in_the_month_that_the_broker_took_it_in(pool: asyncpg.Pool) -> None:
    records = [taken_at(number, text) for number, (_, text) in enumerate(TIMES)]
    await write(pool, *records)
    rows = await pool.fetch("select tableoid::regclass::text as month from change order by seq")
    assert [row["month"] for row in rows] == [month for month, _ in TIMES]
    assert (await result(pool, records, with_topic=True))["ok"]
    assert len(await log.record_moves(pool, COMPANY, keys=NoKeys())) == len(TIMES)


@pytest.mark.parametrize("timestamp", [-1, 0, -5, 1 << 62, 253_370_764_800_000])
async def test_a_record_without_a_time_is_kept_as_well(pool: asyncpg.Pool, timestamp: int) -> None:
    made = raw_record(AUDIT_CHANGE.name, 3, b"{}", timestamp=timestamp)
    await write(pool, made)
    assert await pool.fetchval("select recorded_at from change") == datetime(1970, 1, 1, tzinfo=UTC)
    assert (await result(pool, [made], with_topic=True))["ok"]


async def test_a_month_that_a_failed_batch_made_is_made_again(pool: asyncpg.Pool) -> None:
    record = taken_at(1, "2031-05-05T05:05:05")
    connection = await pool.acquire()
    transaction = connection.transaction()
    await transaction.start()
    await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, [record])
    await transaction.rollback()
    await pool.release(connection)
    assert await pool.fetchval("select to_regclass('change_2031_05')") is None
    await write(pool, record)
    assert await pool.fetchval("select tableoid::regclass::text from change") == "change_2031_05"


async def test_the_same_topic_lands_in_the_same_rows(pool: asyncpg.Pool, owner: asyncpg.Connection) -> None:
    """In whatever batches it is read: the log can be made again from the topic alone."""
    chance = Random(3)
    records = [taken_at(number, chance.choice(TIMES)[1]) for number in range(40)]
    await write(pool, *records)
    first = await owner.fetch("select tableoid, * from change order by seq")
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    await owner.execute("delete from change; delete from chain_head")
    await owner.execute("alter table change enable always trigger change_continues")
    cuts = sorted({0, *(chance.randrange(40) for _ in range(6)), 40})
    for start, end in pairwise(cuts):
        await write(pool, *records[start:end])
    assert await owner.fetch("select tableoid, * from change order by seq") == first


WRONG = {
    "a number that stands": (0, 1, None), "a gap": (2, 9, None), "an offset that does not rise": (1, 4, None),
    "another hash before it": (1, 9, bytes(32)), "a copy": (0, 4, None),
}  # fmt: skip


@pytest.mark.parametrize(("ahead", "offset", "prev"), WRONG.values(), ids=WRONG.keys())
async def test_the_database_takes_only_what_continues_a_chain(
    pool: asyncpg.Pool, ahead: int, offset: int, prev: bytes | None
) -> None:
    """Also from whoever has the service's role and not its code."""
    await write(pool, change_record(3, change(3)), change_record(4, change(4)))
    [(_, head, _)] = await log.chain_ends(pool)
    assert head is not None
    record = change_record(offset, change(offset))
    link = Link(0, head.seq + ahead, offset, prev or head.hash, bytes(32), record.value or b"", 1)
    row = row_of(link, record, read_change(record.value, record.headers))
    with pytest.raises((asyncpg.SerializationError, asyncpg.UniqueViolationError)):
        async with batch(pool) as connection:
            await insert_changes(connection, [row], 100)
    assert [one.seq for one in await log.record_moves(pool, COMPANY, keys=NoKeys())] == [1, 2]


async def test_several_chains_in_one_statement_are_each_continued(pool: asyncpg.Pool) -> None:
    rows = []
    for chain in (4, 2, 9):
        records = [change_record(number, change(number), chain) for number in range(3)]
        links, _ = extend(Head(chain), [(one.offset, one.value or b"", microseconds(one.timestamp)) for one in records])
        rows += [row_of(*pair, read_change(pair[1].value, ())) for pair in zip(links, records, strict=True)]
    async with batch(pool) as connection:
        for chain in (2, 4, 9):
            await opened(connection, chain, [])
        await insert_changes(connection, rows, 100)
    assert [(chain, head.seq if head else 0, last) for chain, head, last in await log.chain_ends(pool)] == [
        (2, 3, 3), (4, 3, 3), (9, 3, 3),
    ]  # fmt: skip


PARTITION = [
    "insert into {} select * from {}", "select * from {}", "update {} set rule = 'x'", "delete from {}", "truncate {}",
    "alter table {} disable trigger all", "drop table {}", "alter table change detach partition {}",
]  # fmt: skip


@pytest.mark.parametrize("statement", PARTITION)
async def test_a_month_is_reached_through_the_log_alone(
    pool: asyncpg.Pool, owner: asyncpg.Connection, statement: str
) -> None:
    await write(pool, taken_at(1, "2031-05-05T05:05:05"), taken_at(2, "2010-05-05T05:05:05"))
    months = [row["name"] for row in await owner.fetch(
        "select inhrelid::regclass::text as name from pg_inherits where inhparent = 'change'::regclass"
    )]  # fmt: skip
    assert {"change_before", "change_after", "change_2031_05"} < set(months)
    for month in months:
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await pool.execute(statement.replace("{}", month))


@pytest.mark.parametrize("statement", ["update {} set rule = 'x'", "delete from {}", "truncate {}"])
async def test_the_owner_is_stopped_in_every_month(
    pool: asyncpg.Pool, owner: asyncpg.Connection, statement: str
) -> None:
    await write(pool, taken_at(1, "2031-05-05T05:05:05"), taken_at(2, "2010-05-05T05:05:05"))
    await owner.execute("set session_replication_role = replica")
    for month in ("change", "change_before", "change_2031_05"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
            await owner.execute(statement.replace("{}", month))


async def test_a_definers_function_finds_no_temporary_tables(pool: asyncpg.Pool) -> None:
    await write(pool, change_record(1, change(1)))
    async with batch(pool) as connection:
        await connection.execute(
            "create temp table chain_head (chain int, seq bigint, hash bytea, kafka_offset bigint)"
        )
        await connection.execute("insert into pg_temp.chain_head values (0, 77, '', 77)")
        assert (await opened(connection, 0, [])).seq == 1
        await connection.execute("create temp table change_2033_03 (chain int)")
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, [taken_at(2, "2033-03-03T03:03:03")])
    assert await pool.fetchval("select count(*) from change") == 2


BEFORE = ("0001_change.sql", "0002_events.sql", "0003_rollback.sql", "0004_ways_in.sql", "0005_access.sql")


async def test_a_log_from_before_moves_over_and_goes_on(database: str, tmp_path: Path) -> None:
    """Its rows keep their hashes, which hold no time; those that follow hold one."""
    for name in BEFORE:
        (tmp_path / name).write_text((MIGRATIONS / name).read_text())
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "audit", tmp_path)
    records = [change_record(number, change(number, old="x", reason="told")) for number in range(5)]
    links, head = extend(Head(0), [(one.offset, one.value or b"", 0) for one in records])
    pool = await open_pool(settings, "audit")
    names = [
        "chain",
        "seq",
        "kafka_offset",
        "prev",
        "hash",
        "bytes",
        "ce_id",
        "schema_version",
        "subject_key_id",
        "readable",
    ]
    for link, one in zip(links, records, strict=True):
        columns = dict(read_change(one.value, one.headers).columns or {})
        held = (
            link.chain,
            link.seq,
            link.kafka_offset,
            link.prev,
            link.hash,
            link.value,
            columns["event_id"],
            "1",
            "",
            True,
        )
        given = {
            **dict(zip(names, held, strict=True)),
            **columns,
            "old": '"x"',
            "new": f'"value {link.seq}"',
            "reason": "told",
        }
        marks = ", ".join(f"${number}" for number in range(1, len(given) + 1))
        await pool.execute(f"insert into change ({', '.join(given)}) values ({marks})", *given.values())
    await pool.execute("insert into chain_head values (0, $1, $2, $3)", head.seq, head.hash, head.kafka_offset)
    await pool.close()
    applied = await migrate(settings, "audit", MIGRATIONS)
    assert "0006_months.sql" in applied
    pool = await open_pool(settings, "audit")
    records.append(change_record(5, change(5)))
    await write(pool, records[-1])
    assert (await result(pool, records, with_topic=True))["ok"]
    pages = [page async for page in log.chain_pages(pool, 0, 9, 100)]
    assert [row.link.recorded_us == 0 for page in pages for row in page] == [*[True] * 5, False]
    assert [one.change.old for one in await log.record_moves(pool, COMPANY, keys=NoKeys())] == [*["x"] * 5, None]
    held = await pool.fetch(
        "select column_name from information_schema.columns where table_name = 'change' and table_schema = 'audit'"
    )
    assert not {"old", "new", "reason", "verified_by"} & {row["column_name"] for row in held}
    await pool.close()


def test_what_has_no_time_hashes_as_before() -> None:
    (without,), _ = extend(Head(0), [(0, b"value", 0)])
    (with_time,), _ = extend(Head(0), [(0, b"value", 1)])
    text = b"\x00" + bytes(4) + (1).to_bytes(8) + bytes(8) + GENESIS + (5).to_bytes(8) + b"value"
    assert without.hash == hashlib.sha256(text).digest() != with_time.hash
