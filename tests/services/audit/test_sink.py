"""Every record of the topic is a row of the chain, whatever is in it; and nobody but a superuser can take one away."""

from random import Random

import asyncpg
import pytest

from libs.contracts.change import RecordRef, Workflow
from libs.contracts.topics import AUDIT_CHANGE, LEAD_ROUTED, RECORD_CHANGED, SUBMISSION_RECEIVED
from libs.runtime.keys import NoKeys
from libs.runtime.record import Record
from services.audit.domain.chain import Head, extend, microseconds
from services.audit.domain.rollback import plan
from services.audit.domain.selection import Selection
from services.audit.proof import Prover
from services.audit.sink import change_writer, event_writer
from services.audit.store import events, log
from services.audit.store.selected import selected_moves
from tests.services.audit.conftest import batch
from tests.services.audit.made import ALICE, COMPANY, at, change, change_record, raw_record, record, recorded, scan
from tests.services.audit.test_ledger import World


async def write(pool: asyncpg.Pool, records: list[Record], copy_from: int = 1_000, lock_timeout: str = "5s") -> None:
    async with batch(pool) as connection:
        await connection.execute(f"set local lock_timeout = '{lock_timeout}'")
        await change_writer(NoKeys(), copy_from=copy_from)(connection, AUDIT_CHANGE.name, 0, records)


@pytest.mark.parametrize("copy_from", [0, 1_000])
async def test_rows_chain_and_head_are_written_together(pool: asyncpg.Pool, copy_from: int) -> None:
    records = [
        change_record(number * 2, change(number, old=[1, {"a": None}], new={"b": "ü\u202e"})) for number in range(5)
    ]
    await write(pool, records[:3], copy_from)
    await write(pool, records[3:], copy_from)
    links, head = extend(
        Head(0), [(record.offset, record.value or b"", microseconds(record.timestamp)) for record in records]
    )
    assert await log.chain_ends(pool) == [(0, head, 5)]
    pages = [page async for page in log.chain_pages(pool, 0, 5, 2)]
    assert [row.link for page in pages for row in page] == links
    moves = await log.record_moves(pool, COMPANY, keys=NoKeys())
    assert [held.change for held in moves] == [
        change(number, old=[1, {"a": None}], new={"b": "ü\u202e"}) for number in range(5)
    ]


async def test_an_unreadable_record_is_kept_and_chained(pool: asyncpg.Pool) -> None:
    nul = recorded(change(2)).model_dump_json().replace("value 2", "\\u0000").encode()
    long = change_record(5, change(3, record=RecordRef(type="company", id="x" * 3000)))
    records = [
        change_record(1, change(1)), raw_record(AUDIT_CHANGE.name, 2, b"\xff{"), raw_record(AUDIT_CHANGE.name, 3, None),
        raw_record(AUDIT_CHANGE.name, 4, nul), long, change_record(6, change(4)),
    ]  # fmt: skip
    await write(pool, records)
    rows = await pool.fetch("select seq, bytes, problem from change where not readable order by seq")
    assert [(row["seq"], row["bytes"]) for row in rows] == [(2, b"\xff{"), (3, b""), (4, nul), (5, long.value)]
    assert all(row["problem"] for row in rows)
    assert len(await log.record_moves(pool, COMPANY, keys=NoKeys())) == 2


HOSTILE = [
    '"\\u0000"', '"\\ud800"', '"\\udc00\\ud800"', "NaN", "-Infinity", "1e400", "-0.0", "1e308", "5e-324", str(2**63), "9" * 5_000,
    "1e-400", "[" * 5_000 + "]" * 5_000, "[" * 190 + "]" * 190, '{"a":1,"a":2}', '"\u202e"', '""', '"' + "x" * 1_000_000 + '"',
    "true", '{"":{"":[]}}', "nul", '"\\/"', "1.10", "[1,]", '"\ufeff"',
]  # fmt: skip
TIMES = [
    "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59-14:00",
    "2026-11-01T09:00:00",
    "0001-01-01T00:00:00Z",
    "never",
]


async def test_no_record_stops_the_sink(pool: asyncpg.Pool) -> None:
    good = recorded(change(1)).model_dump_json()
    chance = Random(7)
    texts = [good.replace('"value 1"', value).encode() for value in HOSTILE]
    texts += [good.replace('"2026-11-01T09:01:00Z"', f'"{at}"').encode() for at in TIMES]
    texts += [chance.randbytes(chance.randrange(200)) for _ in range(200)]
    texts += [_damaged(good.encode(), chance) for _ in range(500)]
    records = [raw_record(AUDIT_CHANGE.name, offset, text) for offset, text in enumerate(texts)]
    await write(pool, records)
    [(_, head, last)] = await log.chain_ends(pool)
    assert head is not None
    assert (head.seq, last) == (len(texts), len(texts))
    lines = [
        line
        async for line in Prover(pool, lambda chain, start: scan(records, chain, start), 100, NoKeys()).lines(
            with_topic=True
        )
    ]
    assert lines[-1]["findings"] == []
    kept = await pool.fetchrow("select count(*) filter (where readable) as read, count(*) as rows from change")
    assert kept is not None
    assert len(texts) == kept["rows"]
    assert 20 < kept["read"] < 500


def _damaged(text: bytes, chance: Random) -> bytes:
    at = chance.randrange(len(text))
    return text[:at] + bytes([chance.randrange(256)]) + text[at + chance.randrange(2) :]


async def test_a_redelivered_event_is_two_rows_and_told_once(pool: asyncpg.Pool) -> None:
    await write(pool, [change_record(1, change(1), event_id="e"), change_record(2, change(1), event_id="e")])
    assert await pool.fetchval("select count(*) from change") == 2
    assert [held.seq for held in await log.record_moves(pool, COMPANY, keys=NoKeys())] == [1]
    assert len(await log.lead_moves(pool, ["lead-1"], NoKeys())) == 1


DENIED = [
    "update change set rule = 'x'", "delete from change", "truncate change", "alter table change disable trigger all",
    "drop table change", "set session_replication_role = replica", "drop trigger change_keeps_rows on change",
    "delete from chain_head", "truncate chain_head", "alter table change owner to current_user",
    "grant update on change to current_user",
]  # fmt: skip


@pytest.mark.parametrize("statement", DENIED)
async def test_the_services_role_may_only_insert(pool: asyncpg.Pool, statement: str) -> None:
    await write(pool, [change_record(1, change(1))])
    if statement.startswith("grant"):
        await pool.execute(statement)  # Postgres warns and grants nothing
        statement = "update change set rule = 'x'"
    with pytest.raises(asyncpg.InsufficientPrivilegeError):
        await pool.execute(statement)


@pytest.mark.parametrize("statement", [*DENIED[:3], "delete from chain_head"])
async def test_the_owner_is_stopped_by_triggers(pool: asyncpg.Pool, owner: asyncpg.Connection, statement: str) -> None:
    await write(pool, [change_record(1, change(1))])
    await owner.execute("set session_replication_role = replica")
    with pytest.raises(asyncpg.InsufficientPrivilegeError, match="append-only"):
        await owner.execute(statement)


async def test_two_sinks_on_one_partition_do_not_fork_the_chain(pool: asyncpg.Pool) -> None:
    await write(pool, [change_record(0, change(0))])
    async with batch(pool) as first:
        await change_writer(NoKeys())(first, AUDIT_CHANGE.name, 0, [change_record(1, change(1))])
        with pytest.raises(asyncpg.LockNotAvailableError):
            await write(pool, [change_record(1, change(1))], lock_timeout="100ms")
    assert await pool.fetchval("select seq from chain_head") == 2


async def test_events_are_kept_for_a_leads_journey(pool: asyncpg.Pool) -> None:
    world = World()
    submission, position = world.submit("s-1")
    lead = world.receive("s-1", 0, position)
    routed = world.route(lead, "owner").event
    assert routed is not None
    gone = raw_record(RECORD_CHANGED.name, 5, None)
    async with batch(pool) as connection:
        for topic, records in (
            (SUBMISSION_RECEIVED, [record(SUBMISSION_RECEIVED, 3, submission, raw=b"body")]),
            (LEAD_ROUTED, [record(LEAD_ROUTED, 4, routed), raw_record(LEAD_ROUTED.name, 5, b"{")]),
            (RECORD_CHANGED, [gone]),
        ):
            await event_writer(NoKeys())(connection, topic.name, 0, records)
    found = await events.lead_events(pool, lead.lead_id, NoKeys())
    assert (found.of(LEAD_ROUTED), found.unreadable) == ([routed], ())
    (held,) = await events.submissions(pool, "s-1")
    assert isinstance(held, dict)
    assert (held["kafka_offset"], held["size_bytes"]) == (3, 4)
    assert [row["kafka_offset"] for row in await pool.fetch("select kafka_offset from unreadable")] == [5]


SELECTIONS = [
    Selection(workflow="enrich"),
    Selection(workflow="enrich", workflow_version="3", since=at(2)),
    Selection(lead_id="lead-2"),
    Selection(change_ids=("change-5",)),
    Selection(records=(COMPANY,), fields=("city", "industry")),
    Selection(actor_id="alice"),
    Selection(policy_version="p1", until=at(3)),
    Selection(source_kind="provider", source_name="offline"),
    Selection(model_version="m"),
    Selection(rollback_id="r"),
    Selection(workflow="router"),
]


async def test_a_selection_finds_lines_and_the_decisions_behind_them(pool: asyncpg.Pool) -> None:
    lead = RecordRef(type="lead", id="lead-1")
    crm = Workflow(name="crm.writes", version="1")
    changes = [
        change(1, record=lead), change(2, new="value 1", old="x", workflow=crm), change(3, lead_id="lead-2", field="city"),
        change(4, record=RecordRef(type="contact", id="c"), lead_id="lead-2"), change(5, actor=ALICE, field="owner"),
    ]  # fmt: skip
    await write(pool, [change_record(number, held) for number, held in enumerate(changes)])
    for selection in SELECTIONS:
        everything = [*await log.record_moves(pool, lead, keys=NoKeys()), *await log.record_moves(pool, COMPANY, keys=NoKeys()),
                      *await log.record_moves(pool, RecordRef(type="contact", id="c"), keys=NoKeys())]  # fmt: skip
        assert plan(await selected_moves(pool, selection, 100, NoKeys()), selection) == plan(everything, selection)
