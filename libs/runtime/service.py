"""A service as data, and how one or several of them run in a process."""

import asyncio
import inspect
import logging
import signal
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import asyncpg
import uvloop

from libs.contracts.topics import TOPICS
from libs.runtime import clock
from libs.runtime.batches import EffectBatch, run_due_batches
from libs.runtime.broker import Producer, RecordReader, topic_limits
from libs.runtime.commands import Commands
from libs.runtime.consumer import GroupConsumer, OwnerOf
from libs.runtime.database import migrate, open_pool
from libs.runtime.effects import EffectRunner, run_due_effects
from libs.runtime.emit import Emitter
from libs.runtime.erasing import Tombstone, erasing
from libs.runtime.errors import Retryable
from libs.runtime.exits import exit_now
from libs.runtime.health import Health
from libs.runtime.http import connect, new_app
from libs.runtime.keyring import keys_of
from libs.runtime.keys import Keys, NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Guards, Owner
from libs.runtime.people import People, PublishedAccesses
from libs.runtime.policies import PolicyVersions, PublishedPolicies
from libs.runtime.policy_feed import follow_policies
from libs.runtime.prune import prune
from libs.runtime.serve import serve_http
from libs.runtime.settings import RuntimeSettings, port_of
from libs.runtime.sink import Sink, SinkOwner
from libs.runtime.stage import AnyStage
from libs.runtime.start import collect_seldom, until_up
from libs.runtime.state import DATABASE_AWAY
from libs.runtime.telemetry import Meter, configure_logging, export_logs, meter_of
from libs.runtime.timers import fire_due_timers
from libs.runtime.tracing import tracer_of

log = logging.getLogger(__name__)

TICK_SECONDS = 0.5
"""How often due timers and effects are looked for."""
PRUNE_SECONDS = 600.0
RETRY_SECONDS = 2.0


@dataclass(frozen=True)
class Resources:
    """What a service's `build` may use."""

    settings: RuntimeSettings
    policies: PolicyVersions
    producer: Producer
    reader: RecordReader
    commands: Commands
    health: Health
    _pool: asyncpg.Pool | None = None
    keys: Keys = field(default_factory=NoKeys)

    @property
    def pool(self) -> asyncpg.Pool:
        """The service's database connections. Raises LookupError for a service without a folder `migrations`."""
        if self._pool is None:
            raise LookupError("this service keeps no state: give it a folder `migrations` first")
        return self._pool

    @property
    def tenant_secret(self) -> bytes:
        """The secret that keys the HMACs of identity keys."""
        return bytes.fromhex(self.settings.tenant_secret)

    @property
    def data_dir(self) -> Path:
        """Where the service may keep files."""
        return self.settings.data


@dataclass(frozen=True)
class Service:
    """All that a service consists of. `background` runs until it is cancelled at shutdown."""

    name: str
    stages: Sequence[AnyStage] = ()
    sinks: Sequence[Sink] = ()
    app: Any = None
    effects: Mapping[str, EffectRunner] = field(default_factory=dict)
    effects_at_once: int = 1
    """How many effects run side by side; more than one keeps no order between them."""
    batches: Mapping[str, EffectBatch] = field(default_factory=dict)
    """Effects that are run many at a time, by name; each name has its own loop, so that none waits for another."""
    background: Sequence[Callable[[], Awaitable[None]]] = ()
    tombstones: Sequence[Tombstone] = ()
    """How the service's own tables forget a person; what the runtime holds for it is forgotten beside that."""


Build = Callable[[Resources], Service]


@dataclass(frozen=True)
class Definition:
    """A service that can be started: its name, its `build`, and its folder of migrations when it keeps state."""

    name: str
    build: Build
    migrations: Path | None = None

    @classmethod
    def of(cls, name: str, build: Build) -> "Definition":
        """The definition of a service; a folder `migrations` beside the module of `build` means that it keeps state."""
        migrations = Path(inspect.getfile(build)).parent / "migrations"
        return cls(name, build, migrations if migrations.is_dir() else None)


def run(name: str, build: Build) -> None:
    """Run one service until SIGTERM or SIGINT."""
    run_all([Definition.of(name, build)], fused=False)


def run_all(definitions: Sequence[Definition], fused: bool, guards: Guards | None = None) -> None:
    """Run services in one process until SIGTERM or SIGINT; `fused` carries a lead through their stages in one transaction."""
    settings = RuntimeSettings()
    configure_logging(settings.log_level)
    export_logs(settings, "+".join(definition.name for definition in definitions))
    uvloop.run(Process(settings, definitions, fused, guards or Guards()).main())


class Process:
    """Starts what its services need, runs them, and stops in good order; anything unknown ends it at once."""

    def __init__(
        self, settings: RuntimeSettings, definitions: Sequence[Definition], fused: bool, guards: Guards
    ) -> None:
        self._settings = settings
        self._definitions = definitions
        self._fused = fused
        self._guards = guards
        self._health = Health()
        self._meter: Meter = meter_of(settings, "+".join(definition.name for definition in definitions))
        self._tracer = tracer_of(settings, "+".join(definition.name for definition in definitions))
        self._policies = PublishedPolicies()
        self._people = People()
        self._keys = keys_of(settings)
        self._producer = Producer(settings.kafka, self._keys)
        self._pools: dict[str, asyncpg.Pool] = {}
        self._consumers: list[GroupConsumer] = []
        self._tasks: list[asyncio.Future[None]] = []

    async def main(self) -> None:
        """Run until told to stop."""
        stop = asyncio.Event()
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, stop.set)
        await self._start()
        collect_seldom()
        self._health.ready = True
        log.info("ready: %s", ", ".join(definition.name for definition in self._definitions))
        await stop.wait()
        self._health.ready = False
        await self._stop()

    async def _start(self) -> None:
        """HTTP first: intake has to take submissions, into its spool, also while Kafka is away."""
        settings = self._settings
        services = [await self._build(definition) for definition in self._definitions]
        for service in services:
            self._serve(service.name, service.app, port_of(service.name))
        self._serve("health", new_app("health", settings.api_token, self._health), settings.health_port)
        await until_up("Kafka", self._producer.start)
        self._spawn("policies", follow_policies(settings.kafka, self._policies, self._people, self._health))
        limits = await until_up("topics", lambda: topic_limits(settings.kafka, [topic.name for topic in TOPICS]))
        line = Line(
            self._emitter(services), self._pools, limits, clock.now, self._keys, self._followers(services), self._tracer
        )
        for service in services:
            await self._start_service(service, line)

    def _serve(self, name: str, app: Any, port: int) -> None:
        if app is not None and port:
            connect(app, self._people, self._policies, PublishedAccesses(self._producer))
            self._spawn(f"{name} http", serve_http(app, port, self._settings.listen))

    async def _build(self, definition: Definition) -> Service:
        settings, pool = self._settings, None
        if definition.migrations is not None:
            await until_up("Postgres", lambda: migrate(settings, definition.name, definition.migrations))
            pool = await until_up("Postgres", lambda: open_pool(settings, definition.name))
            self._pools[definition.name] = pool
        commands, reader = Commands(self._producer, pool), RecordReader(settings.kafka, self._keys)
        return definition.build(
            Resources(settings, self._policies, self._producer, reader, commands, self._health, pool, self._keys)
        )

    def _emitter(self, services: Sequence[Service]) -> Emitter:
        return Emitter(self._policies, frozenset(self._followers(services)))

    def _followers(self, services: Sequence[Service]) -> dict[str, AnyStage]:
        """In a fused line: which stage goes on with an event of a topic. Commands and decisions are never carried on."""
        if not self._fused:
            return {}
        stages = [stage for service in services for stage in service.stages]
        produced = {topic.name for stage in stages for topic in stage.produces}
        return {
            stage.consumes.name: stage
            for stage in stages
            if stage.consumes.name in produced and stage.consumes.name.startswith("lead.")
        }

    async def _start_service(self, service: Service, line: Line) -> None:
        owners: dict[str, OwnerOf] = {stage.consumes.name: self._stage_owner(stage, line) for stage in service.stages}
        sinks = (
            [*service.sinks, erasing(service.name, service.tombstones, self._keys)]
            if service.name in self._pools
            else service.sinks
        )
        for sink in sinks:
            owners.update({topic.name: self._sink_owner(sink) for topic in sink.consumes})
        if owners:
            consumer = GroupConsumer(self._settings, service.name, owners, self._health)
            await until_up("Kafka", consumer.start)
            self._consumers.append(consumer)
        for number, background in enumerate(service.background):
            self._spawn(f"{service.name} background {number}", background())
        if service.name in self._pools:
            self._spawn_ticks(service, self._pools[service.name])

    def _stage_owner(self, stage: AnyStage, line: Line) -> OwnerOf:
        return lambda tp, consumer: Owner(
            stage, tp, line, consumer, self._settings, self._health, self._meter, self._guards
        )

    def _sink_owner(self, sink: Sink) -> OwnerOf:
        pool = self._pools[sink.service]
        return lambda tp, consumer: SinkOwner(sink, tp, consumer, pool, self._health, self._meter)

    def _spawn_ticks(self, service: Service, pool: asyncpg.Pool) -> None:
        """Each on its own: a slow provider must not hold up a timer."""
        name, producer = service.name, self._producer
        self._tick(f"{name} timers", TICK_SECONDS, lambda: fire_due_timers(name, pool, producer))
        self._tick(
            f"{name} effects",
            TICK_SECONDS,
            lambda: run_due_effects(name, pool, producer, service.effects, service.effects_at_once, service.batches),
        )
        for effect, batch in service.batches.items():
            self._tick(f"{name} {effect}", TICK_SECONDS, partial(run_due_batches, name, pool, producer, effect, batch))
        self._tick(f"{name} pruning", PRUNE_SECONDS, lambda: prune(pool, clock.now()))

    def _tick(self, name: str, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        self._spawn(name, self._ticking(name, seconds, work))

    async def _ticking(self, name: str, seconds: float, work: Callable[[], Awaitable[int]]) -> None:
        """Do the work again and again; while the world is away, wait."""
        while True:
            try:
                await work()
                self._health.gone(name)
            except (Retryable, *DATABASE_AWAY) as error:
                self._health.trouble(name, type(error).__name__, beats=False)
                await asyncio.sleep(min(seconds, RETRY_SECONDS))
            else:
                await asyncio.sleep(seconds)

    def _spawn(self, name: str, work: Awaitable[None]) -> None:
        task = asyncio.ensure_future(work)
        task.add_done_callback(lambda done: self._ended(name, done))
        self._tasks.append(task)

    def _ended(self, name: str, done: "asyncio.Future[None]") -> None:
        if not done.cancelled() and done.exception() is not None:
            log.error("%s ended", name, exc_info=done.exception())
            exit_now(f"{name}: {type(done.exception()).__name__}")

    async def _stop(self) -> None:
        for consumer in self._consumers:
            await consumer.stop()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._producer.stop()
        for pool in self._pools.values():
            await asyncio.wait_for(pool.close(), 5)
