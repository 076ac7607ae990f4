"""Events a second of a whole rebuild, against processes that read the same topics and make nothing of them."""

import asyncio
import multiprocessing
from collections.abc import Mapping, Sequence

from aiokafka import TopicPartition

from bench.history_of import lengthen, real_past
from bench.result import Check, Row, ratios, spread, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from cli.rebuild import MODULES
from libs.runtime import clock
from libs.runtime.broker import reading_consumer
from libs.runtime.cluster import Cluster
from libs.runtime.rebuild.inventory import inventories
from libs.runtime.rebuild.runner import Order, rebuilt
from libs.runtime.rebuild.spans import Span, look, shares

EVENTS = 400_000
WORKERS = 2
PER_SECOND = (20_000, 50_000)
TITLE = f"state made anew from {EVENTS:,} events, indexes and all, against a bare read of the same topics"


def read_only(kafka: str, spans: Sequence[Span]) -> None:
    """Read a share of the partitions and drop it."""
    asyncio.run(_read(kafka, spans))


async def _read(kafka: str, spans: Sequence[Span]) -> None:
    consumer = reading_consumer(kafka)
    await consumer.start()
    ends = {TopicPartition(one.topic, one.partition): one.end for one in spans}
    consumer.assign(list(ends))
    await consumer.seek_to_beginning()
    left = set(ends)
    while left:
        await consumer.getmany(*left, timeout_ms=500, max_records=4_000)
        left = {tp for tp in left if await consumer.position(tp) < ends[tp]}
    await consumer.stop()


async def measure(bench: Bench) -> Row:
    """The row."""
    kafka, url = Cluster(bench.site.settings), bench.site.addresses.database_url
    names = sorted({topic.name for one in inventories(MODULES) for topic in one.topics})
    bench.say("rebuild: a real history, and copies of it")
    past = await real_past(bench, names)
    events = await lengthen(kafka, past, EVENTS)
    order = Order(kafka, url, "bench", MODULES, replace=True, workers=WORKERS)
    spans, _ = await look(kafka, names)

    async def ours() -> Mapping[str, float]:
        found = await rebuilt(order, lambda _step: None)
        assert found.events >= events, f"{found.events} of {events} events were read"
        assert not found.blocked, found.blocked
        assert not found.unreadable, f"{found.unreadable} records can't be read"
        return {"per_second": found.per_second, "reading_per_second": found.events / found.read_seconds}

    async def bare() -> Mapping[str, float]:
        context, began = multiprocessing.get_context("spawn"), clock.monotonic()
        processes = [context.Process(target=read_only, args=(kafka, share)) for share in shares(spans, WORKERS)]
        for process in processes:
            process.start()
        for process in processes:
            await asyncio.to_thread(process.join)
        return {"per_second": events / (clock.monotonic() - began)}

    rounds = await interleaved({"rebuild": ours, "read": bare}, bench.pace, bench.site.own, bench.say)
    rates = spread([one.figures["per_second"] for one in rounds if one.variant == "rebuild"])
    checks = [
        Check("events/s on this machine", rates, *PER_SECOND, "higher", ""),
        Check("events/s, rebuild / bare read", ratios(rounds, "per_second", "rebuild", "read"), 0.2, 0.4, "higher"),
    ]
    mean = sum(len(one.value) for one in past.records) / len(past.records)
    notes = [f"{events:,} events of {mean:,.0f} bytes; {WORKERS} processes; starting them and making schemas included."]
    return Row("rebuild", TITLE, checks, spreads(rounds), rounds, notes)
