"""Intake and fetch together on the real broker and database, in the test's own loop."""

import json
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
import httpx
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.runtime import clock
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.consumer import GroupConsumer, OwnerOf
from libs.runtime.database import migrate, open_pool
from libs.runtime.effects import run_due_effects
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.service import Definition, Resources, Service
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage
from libs.runtime.telemetry import Meter
from services.fetch.service import build as build_fetch
from services.intake.service import build as build_intake
from tests.libs.runtime.harness import policies
from tests.services.fetch.providers import Providers

SECRET = "s" * 32
SOURCES = ("meta_lead_ads", "linkedin_lead_sync", "hubspot_events")


@dataclass(frozen=True)
class Running:
    """Both services; `client` is in front of intake."""

    client: httpx.AsyncClient
    pool: asyncpg.Pool
    producer: Producer
    fetch: Service

    async def call_due(self) -> int:
        """Run the calls that are due now; returns how many."""
        return await run_due_effects("fetch", self.pool, self.producer, self.fetch.effects, at_once=2)

    async def make_due(self) -> None:
        """What waits is due now."""
        await self.pool.execute("update effect set next_at = $1 where finished_at is null", clock.now())


@asynccontextmanager
async def running(settings: RuntimeSettings, held: Providers, *, again: bool = False) -> AsyncIterator[Running]:
    """Both services until the block ends; what is not called before stays for the next start.

    They begin where their topics end, since other tests left what they did not wait for; `again`: where they stopped.
    """
    settings.data.joinpath("fetch.json").write_text(json.dumps(held.accounts()))
    secrets = {name: [{"name": "first", "value": SECRET}] for name in SOURCES}
    settings.data.joinpath("sources.json").write_text(json.dumps(secrets))
    definition = Definition.of("fetch", build_fetch)
    await migrate(settings, "fetch", definition.migrations)
    async with AsyncExitStack() as ending:
        pool = await open_pool(settings, "fetch")
        ending.push_async_callback(pool.close)
        producer, reader = Producer(settings.kafka), RecordReader(settings.kafka)
        await producer.start()
        ending.push_async_callback(producer.stop)
        ending.push_async_callback(reader.stop)
        health = Health(ready=True)
        own = Resources(settings, policies(), producer, reader, Commands(producer, None), health)
        intake = build_intake(own)
        fetch = build_fetch(Resources(settings, policies(), producer, reader, Commands(producer, pool), health, pool))
        line = Line(Emitter(policies()), {"fetch": pool}, {}, clock.now, NoKeys())
        for service in (intake, fetch):
            owners = {stage.consumes.name: _owner(stage, line, settings) for stage in service.stages}
            if not again:
                await _skip_to_the_end(settings.kafka, service.name, list(owners))
            consumer = GroupConsumer(settings, service.name, owners, health)
            await consumer.start()
            ending.push_async_callback(consumer.stop)
        headers = {"Authorization": f"Bearer {settings.api_token}"}
        transport = httpx.ASGITransport(intake.app)
        async with httpx.AsyncClient(transport=transport, base_url="http://t", headers=headers) as client:
            yield Running(client, pool, producer, fetch)


async def _skip_to_the_end(kafka: str, group: str, names: Sequence[str]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    found = await consumer._client.fetch_all_metadata()
    partitions = [TopicPartition(name, one) for name in names for one in found.partitions_for_topic(name)]
    consumer.assign(partitions)
    ends = await consumer.end_offsets(partitions)
    await consumer.commit(dict(ends.items()))
    await consumer.stop()


def _owner(stage: AnyStage, line: Line, settings: RuntimeSettings) -> OwnerOf:
    return lambda tp, consumer: Owner(stage, tp, line, consumer, settings, Health(), Meter())
