"""Kafka into Postgres exactly once: offset, rows and whatever the sink chains are one database transaction per batch."""

import asyncio
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.events import Event
from libs.contracts.topics import Topic
from libs.runtime.backoff import Backoff
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from libs.runtime.record import Record
from libs.runtime.state import locked_checkpoint, transaction
from libs.runtime.telemetry import Meter

log = logging.getLogger(__name__)

BATCH_MAX = 2000
POLL_MS = 500

Write = Callable[[asyncpg.Connection, str, int, Sequence[Record]], Awaitable[None]]


@dataclass(frozen=True)
class Sink:
    """Stores records of topics. `write(connection, topic, partition, records)` runs inside the transaction that moves the
    checkpoint; it gets each record once, in order, and must take every record: an unreadable one is a row too."""

    name: str
    service: str
    consumes: tuple[Topic[Event], ...]
    write: Write
    gap_seconds: float = 0.025
    """How long it waits after a small batch, so that the next one is larger."""


@dataclass
class SinkOwner:
    """Runs a sink on one partition. Two owners of one partition do no harm: the checkpoint row is locked."""

    sink: Sink
    partition: TopicPartition
    consumer: AIOKafkaConsumer
    pool: asyncpg.Pool
    health: Health
    meter: Meter
    stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Work until stopped."""
        backoff = Backoff()
        while not self.stopping.is_set():
            try:
                await self._from_checkpoint(backoff)
            except Retryable as error:
                self.health.trouble(self.name, str(error))
                log.warning("%s waits: %s", self.name, error)
                await backoff.wait(self.stopping)

    @property
    def name(self) -> str:
        """See PartitionOwner."""
        return f"{self.sink.name} {self.partition.topic}/{self.partition.partition}"

    async def _from_checkpoint(self, backoff: Backoff) -> None:
        tp = self.partition
        async with locked_checkpoint(self.pool, self.sink.name, tp.topic, tp.partition) as checkpoint:
            start = checkpoint.next_offset
        first = (await self.consumer.beginning_offsets([tp]))[tp]
        end = (await self.consumer.end_offsets([tp]))[tp]
        if start > end:
            raise Retryable(
                f"its checkpoint {start} is past the end of the log {end}: Kafka and Postgres are not of one history; "
                "restore the one that was lost"
            )
        self.consumer.seek(tp, max(start, first))
        self.consumer.resume(tp)
        while not self.stopping.is_set():
            batch = await self.consumer.getmany(tp, timeout_ms=POLL_MS, max_records=BATCH_MAX)
            self.health.beat(self.name)
            records = batch.get(tp)
            if records:
                await self._store(records)
                self.health.fine(self.name)
                backoff.reset()
                await asyncio.sleep(self.sink.gap_seconds if len(records) < BATCH_MAX else 0)

    async def _store(self, records: Sequence[Record]) -> None:
        tp = self.partition
        async with locked_checkpoint(self.pool, self.sink.name, tp.topic, tp.partition) as checkpoint:
            fresh = [record for record in records if record.offset >= checkpoint.next_offset]
            if fresh:
                await self.sink.write(transaction(), tp.topic, tp.partition, fresh)
                await checkpoint.move(fresh[-1].offset + 1)
        self.meter.batch(self.sink.name, len(records), 0.0)
