"""`verify` against a real Postgres: 500 random tamperings by a superuser, each found and its first bad row named."""

from functools import partial
from random import Random
from typing import Any

import asyncpg

from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.keys import NoKeys
from libs.runtime.record import Record
from services.audit.domain.row import COLUMNS
from services.audit.proof import Prover
from services.audit.sink import change_writer
from tests.services.audit.conftest import batch
from tests.services.audit.made import change, change_record, scan

ROWS = 16
TAMPERINGS = 500
Expected = tuple[int, set[str]]


async def filled(pool: asyncpg.Pool) -> list[Record]:
    """Two chains with changes; the records of both."""
    records = [
        change_record(number * 2, change(number, old=number), partition)
        for partition in (0, 1)
        for number in range(ROWS)
    ]
    for partition in (0, 1):
        async with batch(pool) as connection:
            mine = [held for held in records if held.partition == partition]
            await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, partition, mine)
    return records


async def result(db: Any, records: list[Record], with_topic: bool = False) -> dict[str, Any]:
    return [line async for line in Prover(db, partial(scan, records), 5, NoKeys()).lines(with_topic)][-1]


async def test_an_untouched_log_verifies_with_progress(pool: asyncpg.Pool) -> None:
    records = await filled(pool)

    lines = [line async for line in Prover(pool, partial(scan, records), 5, NoKeys()).lines(with_topic=True)]
    assert lines[-1] == {
        "kind": "result", "ok": True, "rows": 2 * ROWS, "unreadable": 0, "findings": [], "from": {},
        "checkpoints": {"signed": 0, "torn": 0, "problems": [], "rows_after": 2 * ROWS, "newest": None},
    }  # fmt: skip
    assert [line["rows"] for line in lines if line["kind"] == "progress" and line["chain"] == 0] == [5, 10, 15, 16]


async def tamper(owner: asyncpg.Connection, chance: Random) -> Expected:
    """One random act; the row number that must be named and the kinds that may name it."""
    seq = chance.randint(1, ROWS)
    match chance.choice(
        ["bytes", "column", "delete", "swap", "tail", "insert", "hash", "offset", "head", "unread", "prev"]
    ):
        case "bytes":
            await owner.execute("update change set bytes = bytes || ' ' where chain = 0 and seq = $1", seq)
            return seq, {"edited"}
        case "column":
            column = chance.choice([name for name in COLUMNS if name not in ("at", "source_trust", "confidence")])
            await owner.execute(f"update change set {column} = 'x' where chain = 0 and seq = $1", seq)
            return seq, {"edited"}
        case "delete":
            await owner.execute("delete from change where chain = 0 and seq = $1", seq)
            return seq, {"truncated" if seq == ROWS else "deleted"}
        case "swap":
            other = chance.choice([number for number in range(1, ROWS + 1) if number != seq])
            await owner.execute("update change set seq = 1000 where chain = 0 and seq = $1", seq)
            await owner.execute("update change set seq = $1 where chain = 0 and seq = $2", seq, other)
            await owner.execute("update change set seq = $1 where chain = 0 and seq = 1000", other)
            return min(seq, other), {"reordered"}
        case "tail":
            await owner.execute("delete from change where chain = 0 and seq >= $1", seq)
            return seq, {"truncated"}
        case "insert":
            await owner.execute(
                "create temp table copy on commit drop as select * from change where chain = 0 and seq = $1", seq
            )
            await owner.execute("update copy set seq = $1, kafka_offset = 1000", ROWS + 1)
            await owner.execute("insert into change select * from copy")
            return ROWS + 1, {"inserted"}
        case "hash":
            await owner.execute("update change set hash = sha256(hash) where chain = 0 and seq = $1", seq)
            return seq, {"edited"}
        case "prev":
            await owner.execute("update change set prev = sha256(prev) where chain = 0 and seq = $1", seq)
            return seq, {"edited"}
        case "offset":
            await owner.execute("update change set kafka_offset = kafka_offset + 1 where chain = 0 and seq = $1", seq)
            return seq, {"edited"}
        case "head":
            await owner.execute("update chain_head set seq = seq - 1 where chain = 0")
            return ROWS, {"inserted"}
        case _:
            emptied = ", ".join(f"{name} = null" for name in COLUMNS)
            await owner.execute(
                f"update change set readable = false, problem = 'bad', {emptied} where chain = 0 and seq = $1", seq
            )
            return seq, {"edited"}


async def test_every_tampering_is_found(pool: asyncpg.Pool, owner: asyncpg.Connection) -> None:
    records = await filled(pool)
    chance = Random(20)
    for number in range(TAMPERINGS):
        transaction = owner.transaction()
        await transaction.start()
        await owner.execute("alter table change disable trigger all")
        seq, kinds = await tamper(owner, chance)
        found = await result(owner, records)
        await transaction.rollback()
        assert not found["ok"], number
        (finding,) = found["findings"]
        assert (finding["chain"], finding["seq"]) == (0, seq), (number, finding)
        assert finding["kind"] in kinds, (number, finding)
    assert (await result(owner, records, with_topic=True))["ok"]


async def test_a_log_written_anew_is_found_by_the_topic(pool: asyncpg.Pool, owner: asyncpg.Connection) -> None:
    records = await filled(pool)
    forged = [change_record(number * 2, change(number, old=number, new="forged" if number == 3 else f"value {number}"))
              for number in range(ROWS)]  # fmt: skip
    await owner.execute("alter table change disable trigger all; alter table chain_head disable trigger all")
    await owner.execute("delete from change where chain = 0; delete from chain_head where chain = 0")
    await owner.execute("alter table change enable always trigger change_continues")
    async with batch(pool) as connection:
        await change_writer(NoKeys())(connection, AUDIT_CHANGE.name, 0, forged)
    assert (await result(pool, records))["ok"]
    found = await result(pool, records, with_topic=True)
    assert [(finding["chain"], finding["seq"], finding["kind"]) for finding in found["findings"]] == [(0, 4, "edited")]


async def test_rows_that_come_in_meanwhile_are_no_finding(pool: asyncpg.Pool) -> None:
    records = await filled(pool)
    later = [*records, change_record(ROWS * 2, change(ROWS))]
    assert (await result(pool, later, with_topic=True))["ok"]
    missing = await result(pool, [held for held in records if (held.partition, held.offset) != (1, 4)], with_topic=True)
    assert [(finding["chain"], finding["seq"], finding["kind"]) for finding in missing["findings"]] == [
        (1, 3, "inserted")
    ]
