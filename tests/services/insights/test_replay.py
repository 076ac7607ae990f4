"""The sink on a real broker: read in two goes with a crash between, and again from zero, it gives the same rows."""

import asyncio
from collections.abc import Sequence

import asyncpg

from libs.contracts.codec import Encoded, encode
from libs.contracts.events import Event
from libs.contracts.ids import derived_id
from libs.contracts.keys import key_of
from libs.runtime import clock
from libs.runtime.consumer import GroupConsumer
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.settings import RuntimeSettings
from libs.runtime.sink import Sink, SinkOwner
from libs.runtime.telemetry import Meter
from services.insights.sink import TOPICS, fact_writer
from tests.libs.runtime.harness import send_records
from tests.services.insights.stories import everything
from tests.services.insights.storing import TABLES, TOPIC_OF, count, rows
from tests.services.insights.test_counting import DEALS, STORIES

MINE = {name for one in STORIES for name in (f"lead:{one.lead_id}", f"submission:{one.submission}")}
"""Other tests write to the same broker: only these subjects are looked at."""


def encoded(event: Event) -> Encoded:
    """The event as its service would write it."""
    topic = TOPIC_OF[type(event).__name__]
    return encode(topic, event, key_of(event), source="test", raw=b"{}" if topic.raw else None)


async def read(settings: RuntimeSettings, pool: asyncpg.Pool, wanted: int, group: str) -> None:
    """Run the sink in a consumer group of its own until so many facts of ours are there; then end it."""
    sink = Sink("insights.facts", "insights", TOPICS, fact_writer(NoKeys()))
    health = Health()
    owners = {topic.name: lambda tp, consumer: SinkOwner(sink, tp, consumer, pool, health, Meter()) for topic in TOPICS}
    consumer = GroupConsumer(settings, group, owners, health)
    await consumer.start()
    try:
        deadline = clock.monotonic() + 40
        while await pool.fetchval("select count(*) from fact where subject = any($1)", list(MINE)) < wanted:
            assert clock.monotonic() < deadline, "the sink never read it"
            await asyncio.sleep(0.1)
    finally:
        await consumer.stop()


async def ours(pool: asyncpg.Pool) -> dict[str, list[str]]:
    """The rows of our leads."""
    found = await rows(pool)
    return {name: [row for row in found[name] if any(one in row for one in MINE)] for name in ("fact", "mark")}


async def test_a_crash_in_the_middle_and_a_replay_from_zero_give_the_same_rows(
    settings: RuntimeSettings, pool: asyncpg.Pool
) -> None:
    events = everything(STORIES, DEALS)
    half = len(events) // 2

    async def sent(part: Sequence[Event]) -> None:
        await send_records(settings.kafka, [encoded(one) for one in part])

    await sent(events[:half])
    await read(settings, pool, 5, derived_id("group", settings.env, "a"))
    await count(pool)
    await sent(events[half:])
    await sent(
        [one for one in events if type(one).__name__ in ("LeadRouted", "LeadFeedback", "SlaChanged", "TriageDecided")]
    )
    held: dict[str, list[str]] = {}
    for turn in range(2):  # the second turn has its offsets and its checkpoints behind it: nothing comes twice
        await read(settings, pool, 45, derived_id("group", settings.env, "a"))
        await asyncio.sleep(1.5)
        await read(settings, pool, 45, derived_id("group", settings.env, "a"))
        await count(pool)
        held = await ours(pool) if turn == 0 else held
    assert await ours(pool) == held
    for name in (*TABLES, "dirty", "slice", "policy", "zone", "checkpoint"):
        await pool.execute(f"delete from {name}")
    await read(settings, pool, len(held["fact"]), derived_id("group", settings.env, "b"))
    await asyncio.sleep(1.5)
    await count(pool)
    assert await ours(pool) == held
