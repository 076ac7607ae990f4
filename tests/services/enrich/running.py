"""Dedupe and enrich together on the real broker and database, in the test's own loop."""

import asyncio
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.events import Command, Event, LeadEnriched
from libs.contracts.topics import COMMANDS, LEAD_ENRICHED
from libs.runtime import clock
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.consumer import GroupConsumer, OwnerOf
from libs.runtime.database import migrate, open_pool
from libs.runtime.effects import EffectRunner, run_due_effects
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.service import Definition, Resources, Service
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage
from libs.runtime.telemetry import Meter
from services.dedupe.service import build as build_dedupe
from services.enrich.domain.provider import Network
from services.enrich.service import build as build_enrich
from tests.libs.runtime import harness


@dataclass(frozen=True)
class Running:
    """Both services; `pool` is enrich's."""

    settings: RuntimeSettings
    pool: asyncpg.Pool
    producer: Producer
    enrich: Service

    async def ask_due(self, runner: EffectRunner | None = None) -> int:
        """Ask what waits to be asked again, now; returns how many were tried. `runner` instead of the service's own."""
        await self.pool.execute("update effect set next_at = $1 where finished_at is null", clock.now())
        effects = {name: runner or own for name, own in self.enrich.effects.items()}
        return await run_due_effects("enrich", self.pool, self.producer, effects)

    async def enriched(self, lead_id: str, version: int) -> LeadEnriched:
        """The lead's version as it left enrich."""
        [event] = await harness.until(self.settings.kafka, LEAD_ENRICHED.name, _is(lead_id, version), 1)
        assert isinstance(event, LeadEnriched)
        return event

    async def versions(self, lead_id: str) -> list[int]:
        """The versions that left enrich so far."""
        found = await harness.events_of(self.settings.kafka, LEAD_ENRICHED.name, _is(lead_id))
        return sorted(event.lead.version for event in found if isinstance(event, LeadEnriched))

    async def until(self, lead_id: str, holds: Callable[[Sequence[asyncpg.Record]], bool]) -> None:
        """Wait until it holds of the lead's missed questions. Raises TimeoutError when it never does."""
        async with asyncio.timeout(20):
            while True:
                if holds(await self.pool.fetch("select * from question where lead_id = $1", lead_id)):
                    return
                await asyncio.sleep(0.1)


def _is(lead_id: str, version: int | None = None) -> Callable[[Event], bool]:
    def wanted(event: Event) -> bool:
        return (
            isinstance(event, LeadEnriched) and event.lead.lead_id == lead_id and version in (None, event.lead.version)
        )

    return wanted


@asynccontextmanager
async def running(settings: RuntimeSettings, network: Network) -> AsyncIterator[Running]:
    """Both services until the block ends. They begin where their topics end: other tests left what they did not read."""
    policies, health = harness.policies(), Health(ready=True)
    async with AsyncExitStack() as ending:
        producer, reader = Producer(settings.kafka), RecordReader(settings.kafka)
        await producer.start()
        ending.push_async_callback(producer.stop)
        pools: dict[str, asyncpg.Pool] = {}
        services: dict[str, Service] = {}
        for name, build in (("dedupe", build_dedupe), ("enrich", build_enrich)):
            await migrate(settings, name, Definition.of(name, build).migrations)
            pools[name] = await open_pool(settings, name)
            ending.push_async_callback(pools[name].close)
            commands = Commands(producer, pools[name])
            given = Resources(settings, policies, producer, reader, commands, health, pools[name])
            services[name] = build_enrich(given, network) if name == "enrich" else build_dedupe(given)
        line = Line(Emitter(policies), pools, {}, clock.now, NoKeys())
        for service in services.values():
            owners = {stage.consumes.name: _owner(stage, line, settings) for stage in service.stages}
            await _skip_to_the_end(settings.kafka, service.name, list(owners))
            consumer = GroupConsumer(settings, service.name, owners, health)
            await consumer.start()
            ending.push_async_callback(consumer.stop)
        yield Running(settings, pools["enrich"], producer, services["enrich"])


async def _skip_to_the_end(kafka: str, group: str, names: Sequence[str]) -> None:
    consumer = AIOKafkaConsumer(bootstrap_servers=kafka, group_id=group, enable_auto_commit=False)
    await consumer.start()
    found = await consumer._client.fetch_all_metadata()
    partitions = [TopicPartition(name, one) for name in names for one in found.partitions_for_topic(name)]
    consumer.assign(partitions)
    await consumer.commit(dict((await consumer.end_offsets(partitions)).items()))
    await consumer.stop()


def _owner(stage: AnyStage, line: Line, settings: RuntimeSettings) -> OwnerOf:
    return lambda tp, consumer: Owner(stage, tp, line, consumer, settings, Health(), Meter())


async def send_command(kafka: str, command: Command) -> None:
    """Put a command on its topic."""
    await harness.send(kafka, COMMANDS[command.target], [command])
