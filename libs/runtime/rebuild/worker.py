"""One process of a rebuild: reads its share of the partitions and gives each batch to whoever makes something of it."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass, field
from typing import Any, Protocol

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.topics import STATE_STORED
from libs.runtime.broker import reading_consumer
from libs.runtime.cluster import keys_for
from libs.runtime.keys import Keys, NoKeys
from libs.runtime.rebuild.egress import Guard
from libs.runtime.rebuild.inventory import Rebuild, Write, inventories, schema_of
from libs.runtime.rebuild.loading import Loader
from libs.runtime.rebuild.spans import Span
from libs.runtime.rebuild.target import use
from libs.runtime.record import Record, opened_all
from libs.runtime.start import collect_seldom

BATCH_MAX = 4_000
POLL_MS = 500


@dataclass(frozen=True, slots=True)
class Job:
    """What one process has to do; `allowed` are the only addresses that it may connect to."""

    kafka: str
    database_url: str
    into: str
    modules: tuple[str, ...]
    spans: tuple[Span, ...]
    allowed: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class Told:
    """How far a process got since it last said: records that were read, offsets that are behind it."""

    records: int = 0
    offsets: int = 0
    unreadable: int = 0
    blocked: tuple[str, ...] = ()
    failed: str = ""
    done: bool = False


class Teller(Protocol):
    """Where a process says how far it got."""

    def put(self, told: Told) -> None: ...


def work(job: Job, teller: Teller) -> None:
    """The whole of a process. What ends it is told, and not raised: nobody would see it."""
    guard = Guard(job.allowed)
    guard.install()
    collect_seldom()
    unreadable = 0
    try:
        unreadable = asyncio.run(_Work(job, teller).run())
    except Exception as error:
        teller.put(Told(failed=f"{type(error).__name__}: {error}", blocked=tuple(guard.blocked)))
    else:
        teller.put(Told(unreadable=unreadable, blocked=tuple(guard.blocked), done=True))


@dataclass(slots=True)
class _Work:
    job: Job
    teller: Teller
    loader: Loader = field(default_factory=Loader)
    keys: Keys = field(default_factory=NoKeys)
    writes: dict[str, list["_Writer"]] = field(default_factory=lambda: defaultdict(list))

    async def run(self) -> int:
        """Read it all; returns how many records could not be read."""
        async with AsyncExitStack() as stack:
            self.keys = await stack.enter_async_context(keys_for(self.job.kafka))
            for rebuild in inventories(self.job.modules):
                await self._add(rebuild, stack)
            consumer = reading_consumer(self.job.kafka)
            await consumer.start()
            stack.push_async_callback(consumer.stop)
            await self._read(consumer)
        return self.loader.unreadable

    async def _add(self, rebuild: Rebuild, stack: AsyncExitStack) -> None:
        schema = schema_of(self.job.into, rebuild.service)
        if rebuild.reads_kept:
            await self.loader.add(rebuild, await self._connected(schema, stack))
        for fold in rebuild.folds:
            writer = _Writer(await self._connected(schema, stack), fold.writer(self.keys))
            for topic in fold.topics:
                self.writes[topic.name].append(writer)

    async def _connected(self, schema: str, stack: AsyncExitStack) -> asyncpg.Connection:
        connection = await asyncpg.connect(
            self.job.database_url, server_settings={"application_name": "signalbox-rebuild"}
        )
        stack.push_async_callback(connection.close)
        await use(connection, schema)
        return connection

    async def _read(self, consumer: AIOKafkaConsumer) -> None:
        ends = {TopicPartition(span.topic, span.partition): span.end for span in self.job.spans}
        at = {TopicPartition(span.topic, span.partition): span.begin for span in self.job.spans}
        consumer.assign(list(ends))
        for tp, begin in at.items():
            consumer.seek(tp, begin)
        left = set(ends)
        while left:
            batches: dict[Any, Sequence[Record]] = await consumer.getmany(
                *left, timeout_ms=POLL_MS, max_records=BATCH_MAX
            )
            wanted = {tp: [record for record in records if record.offset < ends[tp]] for tp, records in batches.items()}
            await asyncio.gather(
                *(self._write(tp.topic, tp.partition, records) for tp, records in wanted.items() if records)
            )
            passed = 0
            for tp in tuple(left):
                now = min(await consumer.position(tp), ends[tp])
                passed, at[tp] = passed + now - at[tp], now
                if now >= ends[tp]:
                    left.discard(tp)
                    consumer.pause(tp)
            self.teller.put(Told(records=sum(map(len, wanted.values())), offsets=passed))

    async def _write(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        if topic == STATE_STORED.name:
            await self.loader.load(await opened_all(records, self.keys))
        for writer in self.writes.get(topic, ()):
            await writer.write(topic, partition, records)


@dataclass(frozen=True, slots=True)
class _Writer:
    """A fold on a connection of its own: one batch at a time."""

    connection: asyncpg.Connection
    fold: Write
    free: asyncio.Lock = field(default_factory=asyncio.Lock)

    async def write(self, topic: str, partition: int, records: Sequence[Record]) -> None:
        async with self.free, self.connection.transaction():
            await self.fold(self.connection, topic, partition, records)
