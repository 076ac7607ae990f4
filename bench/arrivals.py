"""When leads come out of the line: the moment each submission's `lead.routed` was read, as any consumer would read it."""

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager

import orjson
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.topics import LEAD_ROUTED
from libs.runtime import clock
from libs.runtime.broker import reading_consumer


class Arrivals:
    """Moments by submission id, on the machine's monotonic clock."""

    def __init__(self) -> None:
        self.at: dict[str, float] = {}
        self._news = asyncio.Event()

    async def read(self, consumer: AIOKafkaConsumer) -> None:
        """Read until cancelled."""
        while True:
            found = await consumer.getmany(timeout_ms=500)
            now = clock.monotonic()
            for records in found.values():
                for record in records:
                    name = orjson.loads(record.value)["lead"]["submission"]["submission_id"]
                    self.at.setdefault(name, now)
            if found:
                self._news.set()

    async def until(self, names: Iterable[str], patience_seconds: float) -> int:
        """Wait until all have arrived, at most so long; returns how many are missing."""
        missing = {name for name in names if name not in self.at}
        deadline = clock.monotonic() + patience_seconds
        while missing and (left := deadline - clock.monotonic()) > 0:
            self._news.clear()
            try:
                await asyncio.wait_for(self._news.wait(), left)
            except TimeoutError:
                break
            missing = {name for name in missing if name not in self.at}
        return len(missing)


@asynccontextmanager
async def arrivals(kafka: str, partitions: int) -> AsyncIterator[Arrivals]:
    """Watches `lead.routed` from now on."""
    consumer, watching = reading_consumer(kafka), Arrivals()
    await consumer.start()
    places = [TopicPartition(LEAD_ROUTED.name, number) for number in range(partitions)]
    consumer.assign(places)
    await consumer.seek_to_end(*places)
    for place in places:
        await consumer.position(place)
    task = asyncio.create_task(watching.read(consumer))
    try:
        yield watching
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        await consumer.stop()
