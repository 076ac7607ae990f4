"""The tables in a real Postgres: the same rows whatever the order, however often it comes, and after a rebuild."""

from collections import Counter, defaultdict
from pathlib import Path
from random import Random

import asyncpg
import pytest

import services.insights
from libs.contracts.change import RecordRef
from libs.contracts.events import PolicyPublished, SubjectErased
from libs.contracts.topics import SUBJECT_ERASED
from libs.policy.load import policy_hash
from libs.runtime.database import OWN_MIGRATIONS, migrate_schema
from libs.runtime.erasing import erasing
from libs.runtime.keys import NoKeys
from services.insights.counting import Recount
from services.insights.domain.definitions import BY_NAME
from services.insights.erasure import TOMBSTONES
from services.insights.rebuild import finish
from tests.libs.runtime.harness import FILES
from tests.services.audit.made import record
from tests.services.insights import oracle
from tests.services.insights.stories import ANA, T0, Deal, Story, deal_told, everything, published, told_by
from tests.services.insights.storing import count, rows, store
from tests.services.insights.test_marks import mixed

MIGRATIONS = Path(services.insights.__file__).parent / "migrations"
STORIES = [
    Story(0, 0, contact=1, clock="late", answers=("approve", "reject"), feedback=("rejected", "accepted", "touched")),
    Story(1, 30, contact=1, priority=None, destination="disqualified", way="same", undone="rollback", asked=True),
    Story(2, 50, contact=2, destination="suppressed", redelivered=2, undone="human", source="fair"),
    Story(3, 51, contact=2, destination="triage", asked=True, answers=("edit",), verdict="ambiguous", way="other"),
    Story(
        4,
        70,
        contact=0,
        kind="contact_form",
        verdict="duplicate",
        answers=("approve",),
        clock="met",
        feedback=("touched",),
    ),
]
DEALS = [Deal(0, 1, 20, "closed won"), Deal(1, 1, 31, "lost"), Deal(2, 0, 90, "won")]


async def sums(pool: asyncpg.Pool) -> dict[str, tuple[int, int]]:
    found = await pool.fetch("select metric, sum(num)::int as num, sum(den)::int as den from cell group by metric")
    return {row["metric"]: (row["num"], row["den"]) for row in found if BY_NAME[row["metric"]].kind == "rate"}


@pytest.mark.parametrize("seed", range(4))
async def test_any_order_and_repetition_gives_the_same_rows(pool: asyncpg.Pool, seed: int) -> None:
    """Counted in the middle of things, again and again, a few at a time; and at last exactly what the stories say."""
    events, chance, places = everything(STORIES, DEALS), Random(seed), dict[str, int]()
    told = mixed(events[1:], seed)
    told.insert(chance.randrange(len(told)), events[0])
    for place in range(0, len(told), 7):
        await store(pool, told[place : place + 7], places)
        if chance.random() < 0.5:
            async with pool.acquire() as connection:
                await Recount(chance.choice([1, 3])).once(connection)  # type: ignore[arg-type]
    await count(pool, at_once=2)
    wanted = {name: held for name, held in oracle.rates(STORIES, DEALS).items() if held[1]}
    assert await sums(pool) == wanted
    labels = await pool.fetch(
        "select metric, label, sum(num)::int as num from cell join slice using (slice) where den = 0 and value = -1 group by 1, 2"
    )
    found = {(row["metric"], row["label"]): row["num"] for row in labels if BY_NAME[row["metric"]].kind == "count"}
    assert found == oracle.counts(STORIES, DEALS)
    before = await rows(pool)
    await store(
        pool, [one for one in told if one.event_id and "rollback" not in one.event_id and not _moves(one)], places
    )
    await count(pool)
    assert await rows(pool) == before


def _moves(event: object) -> bool:
    """Audited changes are written by the sink once: its checkpoint sees to it."""
    return type(event).__name__ == "ChangeRecorded"


async def test_cells_are_the_sums_of_marks(pool: asyncpg.Pool) -> None:
    await store(pool, everything(STORIES, DEALS))
    await count(pool)
    both = "select metric, day, slice, value, {} from {} order by 1, 2, 3, 4"
    summed = both.format("count(*), sum(num), sum(den)", "mark group by 1, 2, 3, 4")
    assert await pool.fetch(both.format("n, num, den", "cell")) == await pool.fetch(summed)
    assert await pool.fetchval("select count(*) from cell where n <= 0") == 0
    brief = "metric, day, queue, label, value, {} from {} order by 1, 2, 3, 4, 5"
    summed = "select " + brief.format(
        "count(*), sum(num), sum(den)", "mark join slice using (slice) group by 1, 2, 3, 4, 5"
    )
    assert await pool.fetch("select " + brief.format("n, num, den", "brief")) == await pool.fetch(summed)


async def test_a_rebuild_gives_the_same_rows(pool: asyncpg.Pool, database: str) -> None:
    events, places = everything(STORIES, DEALS), dict[str, int]()
    await store(pool, mixed(events, 1), places)
    await count(pool)
    connection = await asyncpg.connect(database)
    await connection.execute('create schema anew; set search_path = "anew", public')
    await migrate_schema(connection, [*sorted(OWN_MIGRATIONS.glob("*.sql")), *sorted(MIGRATIONS.glob("*.sql"))])
    await connection.close()
    again = await asyncpg.create_pool(database, server_settings={"search_path": "anew, public"}, min_size=1, max_size=2)
    await store(again, events, places)
    async with again.acquire() as one, one.transaction():
        await finish(one)  # type: ignore[arg-type]
    assert await rows(again, "anew") == await rows(pool)
    await again.close()


async def test_who_is_erased_counts_for_nothing_and_leaves_nothing(pool: asyncpg.Pool) -> None:
    await store(pool, everything(STORIES, DEALS))
    await count(pool)
    gone = STORIES[1]
    event = SubjectErased(
        event_id="x", erasure_id="x", lead_ids=(gone.lead_id,), submission_ids=(gone.submission,), actor=ANA, at=T0,
        records=(RecordRef(type="contact", id="w-1"), RecordRef(type="opportunity", id="o-1")),
    )  # fmt: skip
    write = erasing("insights", TOMBSTONES, NoKeys()).write
    for _ in range(2):
        async with pool.acquire() as connection, connection.transaction():
            await write(connection, SUBJECT_ERASED.name, 0, [record(SUBJECT_ERASED, 0, event)])  # type: ignore[arg-type]
    await count(pool)
    for name in ("fact", "mark"):
        assert not await pool.fetchval(
            f"select count(*) from {name} where {name}::text like '%' || $1 || '%'", gone.lead_id
        )
    left, deals = [one for one in STORIES if one is not gone], [DEALS[0], DEALS[2]]
    assert (await pool.fetchval("select sum(num) from cell where metric = 'leads'")) == len(left)
    wanted = oracle.rates(left, deals)
    assert {name: held for name, held in wanted.items() if held[1]} == await sums(pool)
    assert await pool.fetchval("select count(*) from cell where metric in ('rollbacks', 'values_taken_back')") == 0
    assert await pool.fetchval("select count(*) from record where record_key = 'opportunity:o-1'") == 0


async def test_nothing_that_somebody_is_called_or_wrote_is_stored(pool: asyncpg.Pool) -> None:
    await store(pool, everything(STORIES, DEALS))
    await count(pool)
    for name in ("fact", "record", "held", "mark", "slice", "cell"):
        for planted in ("zoe@planted", "CTO", "software"):
            held = await pool.fetchval(f"select count(*) from {name} where {name}::text like $1", f"%{planted}%")
            assert held == 0, f"{planted} is in {name}"


async def test_another_zone_counts_everything_anew(pool: asyncpg.Pool) -> None:
    """23:00 in Berlin is still the afternoon in New York, and 3 in the morning there is the day before here."""
    story = Story(0, 12)  # 2026-11-03 02:00 UTC
    await store(pool, everything([story], []))
    await count(pool)
    assert str(await pool.fetchval("select day from cell where metric = 'leads'")) == "2026-11-02"
    files = {
        **FILES,
        "sla.yaml": FILES["sla.yaml"].replace("default_calendar: sales_us", "default_calendar: sales_emea"),
    }
    moved = PolicyPublished(
        event_id="p2", policy_hash=policy_hash(files), files=files, author="t", reason="t", published_at=T0, decided_at=T0
    )  # fmt: skip
    await store(pool, [moved], {"": 0, " ": 1})
    await count(pool)
    assert await pool.fetchval("select name from zone") == "Europe/Berlin"
    days = await pool.fetch("select day, sum(n)::int as n from cell where metric = 'leads' group by 1")
    assert [(str(row["day"]), row["n"]) for row in days] == [("2026-11-03", 1)]


async def test_what_comes_before_its_policy_waits(pool: asyncpg.Pool) -> None:
    await store(pool, told_by(STORIES[0]))
    async with pool.acquire() as connection:
        assert await Recount(10).once(connection) == 0  # type: ignore[arg-type]
    await store(pool, [published(), deal_told(DEALS[0])])
    await count(pool)
    assert await pool.fetchval("select sum(num) from cell where metric = 'leads'") == 1


def test_the_history_holds_what_it_is_there_for() -> None:
    seen = Counter(name for name, held in oracle.rates(STORIES, DEALS).items() if held[1])
    assert len(seen) >= 14
    assert defaultdict(int, oracle.counts(STORIES, DEALS))["reached", "won"] == 2
