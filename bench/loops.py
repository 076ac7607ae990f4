"""Bare limits of the stage loop, with the very clients that the runtime uses: a copy loop and single transactions."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from libs.contracts.codec import Encoded
from libs.contracts.events import Event
from libs.contracts.topics import Topic
from libs.runtime import clock
from libs.runtime.broker import group_consumer, transactional_producer
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings

COPIES = Topic("bench.copy.v1", Event, "that of the original", 1)
"""Where the bare loops write."""
PATIENCE_SECONDS = 20.0

Outputs = Callable[[Record], Sequence[Encoded]]


@dataclass(frozen=True)
class Copied:
    """How many records were read and committed, in how many seconds, after the first transaction."""

    records: int
    seconds: float
    transactions: int


def copy_of(record: Record) -> Sequence[Encoded]:
    """The record itself, as one output."""
    return (Encoded(COPIES.name, record.key or b"", record.value or b"", tuple(record.headers)),)


async def copy_loop(
    settings: RuntimeSettings, topic: str, name: str, seconds: float, batch: int, outputs: Outputs = copy_of
) -> Copied:
    """Read committed, write `outputs` and commit, a batch a transaction, for so long; begins again at the topic's end.

    Raises TimeoutError when there is nothing to read.
    """
    consumer, producer = group_consumer(settings, name), transactional_producer(settings, f"{settings.env}.{name}")
    await producer.start()
    await consumer.start()
    try:
        partitions = [TopicPartition(topic, number) for number in range(settings.partitions)]
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        records = transactions = 0
        began = last = 0.0
        patience = clock.monotonic() + seconds + PATIENCE_SECONDS
        while not began or last - began < seconds:
            found = await consumer.getmany(timeout_ms=200, max_records=batch)
            if not found:
                if clock.monotonic() > patience:
                    raise TimeoutError(f"nothing could be read from {topic}")
                await consumer.seek_to_beginning(*partitions)  # what is left are markers of transactions
                continue
            await producer.begin_transaction()
            sent = [
                await producer.send(one.topic, one.value, key=one.key, headers=list(one.headers))
                for held in found.values()
                for record in held
                for one in outputs(record)
            ]
            for future in sent:
                await future
            offsets = {tp: held[-1].offset + 1 for tp, held in found.items()}
            await producer.send_offsets_to_transaction(offsets, name)
            await producer.commit_transaction()
            last = clock.monotonic()
            if began:
                records += sum(map(len, found.values()))
                transactions += 1
            began = began or last
            for tp, offset in offsets.items():
                if offset >= ends[tp]:
                    await consumer.seek_to_beginning(tp)
        return Copied(records, last - began, transactions)
    finally:
        await consumer.stop()
        await producer.stop()


async def transaction_seconds(
    settings: RuntimeSettings, name: str, count: int, gap: Callable[[], Awaitable[object]]
) -> list[float]:
    """How long each of `count` transactions took that hold one small record and one offset; `gap` is awaited between."""
    producer = transactional_producer(settings, f"{settings.env}.{name}")
    await producer.start()
    taken = []
    try:
        for number in range(count):
            await gap()
            began = clock.monotonic()
            await producer.begin_transaction()
            await (await producer.send(COPIES.name, b"{}", key=b"%d" % number))
            await producer.send_offsets_to_transaction({TopicPartition(COPIES.name, 0): number + 1}, name)
            await producer.commit_transaction()
            taken.append(clock.monotonic() - began)
    finally:
        await producer.stop()
    return taken


def paced(seconds: float) -> Callable[[], Awaitable[None]]:
    """A gap between two transactions: the markers of the last one are written meanwhile."""
    return lambda: asyncio.sleep(seconds)
