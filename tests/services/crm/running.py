"""A whole service on the real broker and database, in the test's own loop, from where its topics end now."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.runtime import clock
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.consumer import GroupConsumer
from libs.runtime.database import migrate, open_pool
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.policies import PublishedPolicies
from libs.runtime.service import Build, Definition, Resources, Service
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage
from libs.runtime.telemetry import Meter
from libs.runtime.timers import fire_due_timers
from tests.libs.runtime.harness import policies


@dataclass(frozen=True)
class Running:
    """A service at work, and its API as a client sees it."""

    client: httpx.AsyncClient
    pool: asyncpg.Pool
    producer: Producer
    service: Service

    async def tick(self, service: str) -> int:
        """Fire the timers that are due."""
        return await fire_due_timers(service, self.pool, self.producer)


@asynccontextmanager
async def running_service(
    settings: RuntimeSettings, name: str, build: Build, known: PublishedPolicies | None = None
) -> AsyncIterator[Running]:
    """The service until the block ends; it decides by the `known` policies."""
    known = known or policies()
    definition = Definition.of(name, build)
    await migrate(settings, name, definition.migrations)
    pool = await open_pool(settings, name)
    producer, reader = Producer(settings.kafka), RecordReader(settings.kafka)
    await producer.start()
    service = build(Resources(settings, known, producer, reader, Commands(producer, pool), Health(), pool))
    await _skip_to_the_end(settings.kafka, name, [stage.consumes.name for stage in service.stages])
    consumer = _consumer(settings, service, pool, known)
    await consumer.start()
    headers = {"Authorization": f"Bearer {settings.api_token}", "X-Signalbox-Actor": "ana"}
    transport = httpx.ASGITransport(service.app)
    try:
        async with httpx.AsyncClient(transport=transport, base_url="http://service", headers=headers) as client:
            yield Running(client, pool, producer, service)
    finally:
        await consumer.stop()
        await reader.stop()
        await producer.stop()
        await pool.close()


def _consumer(
    settings: RuntimeSettings, service: Service, pool: asyncpg.Pool, known: PublishedPolicies
) -> GroupConsumer:
    line = Line(Emitter(known), {service.name: pool}, {}, clock.now, NoKeys())

    def owner_of(stage: AnyStage):  # type: ignore[no-untyped-def]
        return lambda tp, consumer: Owner(stage, tp, line, consumer, settings, Health(), Meter())

    return GroupConsumer(
        settings, service.name, {stage.consumes.name: owner_of(stage) for stage in service.stages}, Health()
    )


async def _skip_to_the_end(kafka: str, group: str, names: Sequence[str]) -> None:
    """Other tests wrote to the same topics: the group starts after what they left."""
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    found = await consumer._client.fetch_all_metadata()
    partitions = [TopicPartition(name, one) for name in names for one in found.partitions_for_topic(name)]
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    await consumer.commit(dict(ends.items()))
    await consumer.stop()
