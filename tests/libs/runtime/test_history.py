"""A stateful stage whose checkpoint and whose log do not match: what was stored is sent again, or the stage stands still."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg
import pytest
from aiokafka import TopicPartition

from libs.contracts.codec import encode, header
from libs.contracts.events import Event, LeadClassified, LeadRouted, LeadScored
from libs.contracts.lead import Route
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_ROUTED, LEAD_SCORED
from libs.runtime import clock, state
from libs.runtime.broker import group_consumer
from libs.runtime.database import migrate, open_pool
from libs.runtime.emit import FUSED, Emitter
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.prune import KEPT, prune
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings
from libs.runtime.sink import Sink, SinkOwner
from libs.runtime.stage import AnyStage, Stage
from libs.runtime.telemetry import Meter
from tests.libs.runtime import harness
from tests.libs.runtime.leads import AT, lead


@dataclass
class Held:
    """A record as a consumer hands it out."""

    offset: int
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    topic: str = LEAD_CLASSIFIED.name
    partition: int = 0
    key: bytes | None = b"input"
    timestamp: int = 0


def record(offset: int, event_id: str) -> Held:
    event = LeadClassified(event_id=event_id, lead=lead(offset, harness.POLICY_HASH))
    encoded = encode(LEAD_CLASSIFIED, event, "k", source="test")
    return Held(offset, encoded.value, encoded.headers)


async def nothing(events: Sequence[Event]) -> None:
    """Facts of stages that need none."""


async def kept(outcomes: Sequence[Outcome[Event]]) -> None:
    """No state beside the outcome."""


def scored(event: LeadClassified, facts: None, now: datetime) -> Outcome[LeadScored]:
    return Outcome(next=LeadScored(lead=event.lead))


def routed(event: LeadScored, facts: None, now: datetime) -> Outcome[LeadRouted]:
    route = Route(destination="queue", queue="inbound", rule="test", reason="test", confidence=1)
    return Outcome(next=LeadRouted(lead=event.lead, route=route))


SCORE = Stage("score", "router", "1", LEAD_CLASSIFIED, (LEAD_SCORED,), nothing, scored, save=kept)
ROUTE = Stage("router", "router", "1", LEAD_SCORED, (LEAD_ROUTED,), nothing, routed, save=kept)


@pytest.fixture
async def pool(settings: RuntimeSettings) -> AsyncIterator[asyncpg.Pool]:
    await migrate(settings, "router", None)
    opened = await open_pool(settings, "router")
    yield opened
    await opened.close()


def line(pool: asyncpg.Pool, *followers: AnyStage) -> Line:
    by_topic = {stage.consumes.name: stage for stage in followers}
    return Line(Emitter(harness.policies(), frozenset(by_topic)), {"router": pool}, {}, clock.now, NoKeys(), by_topic)


async def test_what_a_fused_line_stored_goes_on_by_its_topic_when_the_line_is_no_longer_fused(
    pool: asyncpg.Pool,
) -> None:
    """Stored, never sent (the process ended before the Kafka transaction), then started again as one stage."""
    await line(pool, ROUTE).work(SCORE, [record(5, "e5")])
    (records,) = (await line(pool).work(SCORE, [record(5, "e5")])).records
    assert [held.topic for held in records] == ["lead.scored.v1"]
    assert header(records[0].headers, FUSED) == ""


async def test_what_one_stage_stored_is_not_carried_by_a_line_fused_since(pool: asyncpg.Pool) -> None:
    await line(pool).work(SCORE, [record(5, "e5")])
    (records,) = (await line(pool, ROUTE).work(SCORE, [record(5, "e5")])).records
    assert [held.topic for held in records] == ["lead.scored.v1"]
    assert header(records[0].headers, FUSED) == ""


async def test_a_fused_line_sends_the_same_bytes_again(pool: asyncpg.Pool) -> None:
    first = await line(pool, ROUTE).work(SCORE, [record(5, "e5"), record(6, "e6")])
    again = await line(pool, ROUTE).work(SCORE, [record(5, "e5"), record(6, "e6")])
    assert again.records == first.records
    assert [held.topic for held in first.records[0]] == ["lead.scored.v1", "lead.routed.v1"]


async def test_other_events_at_stored_offsets_stop_the_stage(pool: asyncpg.Pool) -> None:
    """Kafka was wiped and Postgres was not: the new events must not be answered with the old ones' outcomes."""
    await line(pool).work(SCORE, [record(0, "old-0"), record(1, "old-1")])
    with pytest.raises(Retryable, match="not of one history"):
        await line(pool).work(SCORE, [record(0, "new-0")])


async def test_a_follower_decides_what_the_stage_before_it_gave_up_at_first(pool: asyncpg.Pool) -> None:
    """The stage before keeps no outcomes, and its second try at a batch that was not committed may go otherwise."""

    def refused(event: LeadClassified, facts: None, now: datetime) -> Outcome[LeadScored]:
        if event.event_id == "e5":
            raise Rejected(RejectionReason.INVALID, "the provider made no sense")
        return scored(event, facts, now)

    batch = [record(5, "e5"), record(6, "e6")]
    first = Stage("score", "score", "1", LEAD_CLASSIFIED, (LEAD_SCORED,), nothing, refused)
    second = Stage("score", "score", "1", LEAD_CLASSIFIED, (LEAD_SCORED,), nothing, scored)
    await line(pool, ROUTE).work(first, batch)
    worked = await line(pool, ROUTE).work(second, batch)
    assert [[held.topic for held in out] for out in worked.records] == [["lead.scored.v1", "lead.routed.v1"]] * 2
    assert await pool.fetchval("select next_offset from checkpoint where stage = 'router'") == 7


async def test_a_dead_letter_of_a_carried_event_has_that_events_key(pool: asyncpg.Pool) -> None:
    """Redriven under the input's key, it would go to another partition than the lead's other events."""

    def refused(event: LeadScored, facts: None, now: datetime) -> Outcome[LeadRouted]:
        raise Rejected(RejectionReason.INVALID, "never")

    last = Stage("router", "router", "1", LEAD_SCORED, (LEAD_ROUTED,), nothing, refused, save=kept)
    (records,) = (await line(pool, last).work(SCORE, [record(5, "e5")])).records
    carried, letter = records[0], next(held for held in records if held.topic == "router.dead-letter.v1")
    assert letter.key == carried.key != b"input"


async def test_only_what_is_older_than_90_days_is_forgotten_and_the_checkpoint_stays(pool: asyncpg.Pool) -> None:
    ages = [KEPT + timedelta(hours=1), KEPT - timedelta(hours=1)]
    for offset, age in enumerate(ages):
        async with state.locked_checkpoint(pool, "score", "t", 0) as checkpoint:
            await checkpoint.advance(offset + 1, [state.Stored(offset, f"e{offset}", "decided", b"")], AT - age)
    assert await prune(pool, AT) == 1
    assert [row["event_id"] for row in await pool.fetch("select event_id from outcome")] == ["e1"]
    assert await pool.fetchval("select next_offset from checkpoint") == 2
    assert await prune(pool, AT) == 0


async def test_a_sink_whose_log_ends_before_its_checkpoint_stands_still(
    settings: RuntimeSettings, pool: asyncpg.Pool
) -> None:
    """Kafka was wiped and Postgres was not: reading from the beginning would drop all below the checkpoint."""
    written: list[int] = []

    async def write(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
        written.append(len(records))

    tp, health = TopicPartition(LEAD_CLASSIFIED.name, 0), Health()
    async with state.locked_checkpoint(pool, "sink", *tp) as checkpoint:
        await checkpoint.move(1 << 40)
    consumer = group_consumer(settings, settings.env)
    consumer.assign([tp])
    await consumer.start()
    owner = SinkOwner(Sink("sink", "router", (LEAD_CLASSIFIED,), write), tp, consumer, pool, health, Meter())
    task = asyncio.create_task(owner.run())
    async with asyncio.timeout(20):
        while not health.problems() and not written:  # noqa: ASYNC110 - the owner tells nobody
            await asyncio.sleep(0.01)
    owner.stopping.set()
    await task
    await consumer.stop()
    assert "not of one history" in health.problems()[owner.name]
    assert written == []
