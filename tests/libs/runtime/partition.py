"""One partition with events of one test on it, and owners of it."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.codec import header
from libs.contracts.events import Event, LeadClassified, LeadScored
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_SCORED
from libs.runtime import clock
from libs.runtime.broker import group_consumer, read_topics
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Guards, Owner
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage, Stage
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

    def owner(self, consumer: AIOKafkaConsumer, guards: Guards, pause: float = 0.0, stage: AnyStage = STAGE) -> Owner:
        """An owner of the partition; `pause` holds it inside its transactions."""
        line = Line(Emitter(harness.policies()), {}, {}, clock.now, NoKeys())
        settings = self.settings.model_copy(update={"drill_pause": pause, "data": self.settings.data / str(pause)})
        return Owner(stage, self.tp, line, consumer, settings, Health(), Meter(), guards)

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


async def run_until_idle(owner: Owner) -> None:
    """Let the owner work until it has read everything, then stop it."""
    task = asyncio.create_task(owner.run())
    end = (await owner.consumer.end_offsets([owner.partition]))[owner.partition]
    async with asyncio.timeout(30):
        while owner._next < end and not task.done():  # noqa: ASYNC110 - the owner tells nobody
            await asyncio.sleep(0.05)
    owner.stopping.set()
    await task
