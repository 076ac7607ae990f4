"""The physical limits of the path, measured in the run that they are compared with: CPU microseconds of each step alone."""

import asyncio
import hashlib
import hmac
import time
from collections.abc import Awaitable, Callable, Sequence
from statistics import median
from typing import cast

import asyncpg
import orjson
from aiokafka import TopicPartition

from bench.load.posting import post
from bench.load.submissions import Submission
from bench.loops import COPIES, copy_loop
from bench.machine import tree_seconds
from bench.rows.row import Bench
from libs.contracts.codec import Encoded
from libs.contracts.topics import LEAD_CLASSIFIED
from libs.runtime.broker import Producer, transactional_producer
from libs.runtime.bulk import send_all
from services.audit.domain.chain import extend
from services.audit.sink import insert_changes, opened, recorded_at

SECONDS = 1.0
BATCH = 500
RECORDS = 2_500
"""In one transaction of the limit for further records: what 500 leads write with five each."""
LOOKUPS = 100
TRIES = 2_000
LIMIT_CHAIN = 103
"""A chain number (partition) that no topic has."""


class Limits:
    """Measures each step; all answers are CPU microseconds of client and server together."""

    def __init__(
        self, bench: Bench, pool: asyncpg.Pool, rows: Sequence[tuple[object, ...]], made: Sequence[Submission]
    ):
        self._bench, self._pool, self._rows, self._made = bench, pool, rows, made
        self._number = 0

    async def all(self) -> dict[str, float]:
        """Every limit by name."""
        return {
            "http": await self.http(),
            "hmac_parse": self.hmac_parse(),
            "produce": await self.produce(),
            "message": await self.message(),
            "record": await self.record(),
            "lookup": await self.lookup(),
            "audit_row": await self.audit_row(),
        }

    async def http(self) -> float:
        """A request answered by a bare ASGI route: the server's part."""
        server, requests = self._bench.site.pids("bare-asgi"), [one.request for one in self._made]
        before = tree_seconds(server)
        seen = await post(requests, self._bench.folder, self._bench.site.port("bare_asgi"), seconds=SECONDS)
        return (tree_seconds(server) - before) * 1e6 / seen.answered

    def hmac_parse(self) -> float:
        """HMAC-SHA256 of a body and its JSON."""
        body, taken = self._made[0].body, []
        for _ in range(TRIES):
            began = time.thread_time_ns()
            hmac.digest(b"secret", body, hashlib.sha256)
            orjson.loads(body)
            taken.append(time.thread_time_ns() - began)
        return median(taken) / 1000

    async def produce(self) -> float:
        """A durable send of a body, 64 at a time."""
        producer, count = Producer(self._bench.site.addresses.kafka), 0
        await producer.start()
        record = Encoded(COPIES.name, b"key", self._made[0].body, ())
        until = time.monotonic() + SECONDS

        async def sender() -> None:
            nonlocal count
            while time.monotonic() < until:
                await producer.send_and_wait(record)
                count += 1

        try:
            return await self._cpu(lambda: asyncio.gather(*(sender() for _ in range(64))), lambda: count, "kafka")
        finally:
            await producer.stop()

    async def message(self) -> float:
        """A lead read, written again and committed, 500 a transaction: one stage's share, transaction included."""
        self._number += 1
        name, done = f"bench-limit-{self._number}", 0

        async def copy() -> None:
            nonlocal done
            copied = await copy_loop(self._bench.site.settings, LEAD_CLASSIFIED.name, name, SECONDS, BATCH)
            done = copied.records + BATCH

        return await self._cpu(copy, lambda: done, "kafka")

    async def record(self) -> float:
        """A further record of 1 kB in such a transaction: an audit change, a write to the CRM."""
        producer, count = transactional_producer(self._bench.site.settings, "bench-records"), 0
        await producer.start()
        records = [Encoded(COPIES.name, b"%d" % number, bytes(1000), ()) for number in range(RECORDS)]

        async def write() -> None:
            nonlocal count
            until = time.monotonic() + SECONDS
            while time.monotonic() < until:
                await producer.begin_transaction()
                await asyncio.gather(*await send_all(producer, records))
                await producer.send_offsets_to_transaction({TopicPartition(COPIES.name, 0): count}, "bench-records")
                await producer.commit_transaction()
                count += RECORDS

        try:
            return await self._cpu(write, lambda: count, "kafka")
        finally:
            await producer.stop()

    async def lookup(self) -> float:
        """An e-mail looked up by its index, 100 a statement."""
        keys, count = [f"email:nobody{number}@example.com" for number in range(LOOKUPS)], 0

        async def look() -> None:
            nonlocal count
            until = time.monotonic() + SECONDS / 2
            async with self._pool.acquire() as connection:
                while time.monotonic() < until:
                    await connection.fetch("select contact_id from dedupe.contact_key where key = any($1)", keys)
                    count += LOOKUPS

        return await self._cpu(look, lambda: count, "postgres")

    async def audit_row(self) -> float:
        """A prepared row chained and inserted, 1,000 a transaction."""
        count = 0

        async def insert() -> None:
            nonlocal count
            until = time.monotonic() + SECONDS
            async with self._pool.acquire() as connection:
                while time.monotonic() < until:
                    async with connection.transaction():
                        await connection.execute("set local search_path = audit, public")
                        count += await self._chained(cast(asyncpg.Connection, connection))

        return await self._cpu(insert, lambda: count, "postgres")

    async def _chained(self, connection: asyncpg.Connection) -> int:
        head = await opened(connection, LIMIT_CHAIN, [])
        first = head.kafka_offset + 1
        values = ((first + number, cast(bytes, row[6]), 0) for number, row in enumerate(self._rows))
        links, _ = extend(head, values)
        rows = [
            (link.chain, link.seq, link.kafka_offset, recorded_at(0), link.prev, link.hash, *row[6:])
            for link, row in zip(links, self._rows, strict=True)
        ]
        await insert_changes(connection, rows, copy_from=10 * BATCH)
        return len(rows)

    async def _cpu(self, work: Callable[[], Awaitable[object]], count: Callable[[], int], server: str) -> float:
        pids = self._bench.site.pids(server)
        mine, theirs = time.process_time(), tree_seconds(pids)
        await work()
        used = time.process_time() - mine + tree_seconds(pids) - theirs
        return used * 1e6 / max(1, count())
