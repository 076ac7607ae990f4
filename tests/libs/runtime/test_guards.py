"""Each guard of the loop is needed: with it every input leads to one outcome, without it one is lost or doubled."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import ProducerFenced

from libs.contracts.codec import header
from libs.contracts.events import Event, LeadClassified, LeadScored
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_SCORED, MAX_RECORD_BYTES
from libs.runtime import clock
from libs.runtime.broker import admin, group_consumer, read_topics
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.line import Line
from libs.runtime.owner import Guards, Owner
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import Stage
from libs.runtime.telemetry import Meter
from tests.libs.runtime import harness
from tests.libs.runtime.leads import lead


async def nothing(events: Sequence[Event]) -> None:
    """Facts of a stage that needs none."""


def copied(event: LeadClassified, facts: None, now: datetime) -> Outcome[LeadScored]:
    return Outcome(next=LeadScored(lead=event.lead))


STAGE = Stage("score", "score", "1", LEAD_CLASSIFIED, (LEAD_SCORED,), nothing, copied)


@dataclass
class Partition:
    """One partition with events of one test on it, and the stage's group standing before them."""

    settings: RuntimeSettings
    mine: str
    tp: TopicPartition

    @asynccontextmanager
    async def consumer(self) -> AsyncIterator[AIOKafkaConsumer]:
        """A paused consumer that owns the partition, with the position it got at its rebalance."""
        consumer = group_consumer(self.settings, "score")
        consumer.assign([self.tp])
        consumer.pause(self.tp)
        await consumer.start()
        try:
            await consumer.position(self.tp)
            yield consumer
        finally:
            await consumer.stop()

    def owner(self, consumer: AIOKafkaConsumer, guards: Guards, pause: float = 0.0) -> Owner:
        """An owner of the partition; `pause` holds it inside its transactions."""
        line = Line(Emitter(harness.policies()), {}, {}, clock.now)
        settings = self.settings.model_copy(update={"drill_pause": pause, "data": self.settings.data / str(pause)})
        return Owner(STAGE, self.tp, line, consumer, settings, Health(), Meter(), guards)

    async def causes(self, topic: str) -> list[str]:
        """Which events of this test led to something on a topic, repeats included."""
        found = [header(record.headers, "ce_causationid") async for record in read_topics(self.settings.kafka, [topic])]
        return sorted(cause for cause in found if cause.startswith(self.mine))


async def partition_with(settings: RuntimeSettings, mine: str, forms: Sequence[str]) -> Partition:
    """Puts one event a form on one partition and the group's offset before the first of them."""
    leads = [lead(n, harness.POLICY_HASH, key=mine, prefix=mine) for n in range(len(forms))]
    events = [
        LeadClassified(event_id=f"{mine}-{n:03}", lead=one.model_copy(update={"form": form}))
        for n, (one, form) in enumerate(zip(leads, forms, strict=True))
    ]
    await harness.send(settings.kafka, LEAD_CLASSIFIED, events)
    async for record in read_topics(settings.kafka, [LEAD_CLASSIFIED.name]):
        if header(record.headers, "ce_id") == events[0].event_id:
            partition = Partition(settings, mine, TopicPartition(record.topic, record.partition))
            async with partition.consumer() as consumer:
                await consumer.commit({partition.tp: record.offset})
            return partition
    raise AssertionError("what was sent is not there")


async def limit_scored(kafka: str, limit: int) -> None:
    """The largest batch that lead.scored.v1 takes."""
    config = ConfigResource(ConfigResourceType.TOPIC, LEAD_SCORED.name, {"max.message.bytes": str(limit)})
    async with admin(kafka) as client:
        await client.alter_configs([config])


async def run_until_idle(owner: Owner) -> None:
    """Let the owner work until it has read everything, then stop it."""
    task = asyncio.create_task(owner.run())
    end = (await owner.consumer.end_offsets([owner.partition]))[owner.partition]
    async with asyncio.timeout(30):
        while owner._next < end and not task.done():
            await asyncio.sleep(0.05)
    owner.stopping.set()
    await task


@pytest.mark.parametrize("gather", [True, False])
async def test_without_the_gather_a_refused_record_is_lost(settings: RuntimeSettings, gather: bool) -> None:
    """The one large record fails alone or with its batch: with the gather it is a dead letter and 39 others go on."""
    mine = f"gather-{gather}"
    partition = await partition_with(settings, mine, ["x" * 9000 if n == 20 else "" for n in range(40)])
    await limit_scored(settings.kafka, 7000)
    try:
        async with partition.consumer() as consumer:
            await run_until_idle(partition.owner(consumer, Guards(gather=gather)))
    finally:
        await limit_scored(settings.kafka, MAX_RECORD_BYTES)
    written, letters = await partition.causes("lead.scored.v1"), await partition.causes("score.dead-letter.v1")
    if gather:
        assert letters == [f"{mine}-020"]
        assert len(written) == len(set(written)) == 39
    else:
        assert len(set(written)) < 39
        assert letters == []


@pytest.mark.parametrize("fence", [True, False])
async def test_without_the_fence_a_frozen_owner_doubles_its_batch(settings: RuntimeSettings, fence: bool) -> None:
    """One owner stands still inside its transaction, another takes over, then the first goes on."""
    mine = f"fence-{fence}"
    partition = await partition_with(settings, mine, [""] * 10)
    guards = Guards(fence=fence)
    async with partition.consumer() as first, partition.consumer() as second:
        frozen = partition.owner(first, guards, pause=4.0)
        task = asyncio.create_task(frozen.run())
        await asyncio.sleep(1.5)
        await run_until_idle(partition.owner(second, guards))
        frozen.stopping.set()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
    written = await partition.causes("lead.scored.v1")
    assert len(set(written)) == 10
    assert len(written) == (10 if fence else 20)
    assert isinstance(ended, ProducerFenced) == fence


@pytest.mark.parametrize("seek", [True, False])
async def test_without_the_seek_an_old_position_doubles_a_batch(settings: RuntimeSettings, seek: bool) -> None:
    """A new owner's consumer got its position at the rebalance; the old owner commits after that and before the fence."""
    mine = f"seek-{seek}"
    partition = await partition_with(settings, mine, [""] * 10)
    guards = Guards(seek=seek)
    async with partition.consumer() as second:
        async with partition.consumer() as first:
            await run_until_idle(partition.owner(first, guards))
        await run_until_idle(partition.owner(second, guards, pause=0.1))
    written = await partition.causes("lead.scored.v1")
    assert len(set(written)) == 10
    assert len(written) == (10 if seek else 20)
