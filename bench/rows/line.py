"""The whole line, fused: CPU a lead of every process, against the sum of the limits of its steps measured in the same run.

How the sum is made: docs/bench.md, "line".
"""

import asyncio
from collections.abc import Mapping
from itertools import islice
from typing import cast

import asyncpg
from aiokafka import TopicPartition

from bench.arrivals import Arrivals, arrivals
from bench.limits import Limits
from bench.load.posting import post
from bench.load.submissions import SOURCE, submissions
from bench.loops import COPIES
from bench.machine import tree_seconds
from bench.result import Check, Row, ratios, spreads
from bench.rounds import interleaved
from bench.rows.intake import bare
from bench.rows.row import Bench
from cli.stack import service_specs
from libs.contracts.topics import AUDIT_CHANGE, LEAD_CLASSIFIED, TOPICS
from libs.runtime import clock
from libs.runtime.broker import ensure_topics, reading_consumer
from libs.runtime.cluster import Cluster, read_opened
from services.audit.domain.chain import GENESIS, Link
from services.audit.domain.row import read_change
from services.audit.sink import row_of

STAGES = 6
LEADS_PER_SECOND_OF_ROUND = 75
PATIENCE_SECONDS = 120.0
QUIET_SECONDS = 1.0
REST_SECONDS = 2.0
LINE = ("intake", "line", "crm", "triage", "audit", "kafka", "postgres")
ROWS = 1_000
TITLE = "whole line, fused: CPU a lead (services, broker, PostgreSQL), against the sum of its limits"


class LineRow:
    """The row's variants on a running stack."""

    def __init__(self, bench: Bench, watching: Arrivals, database: asyncpg.Connection) -> None:
        self._bench, self._watching, self._database = bench, watching, database
        self._made = submissions(bench.pace.seed + 2, bench.site.secret(SOURCE), clock.now())
        self.idle = dict.fromkeys(LINE, 0.0)
        self.records = 0.0
        self.rows = 0.0

    async def line(self) -> Mapping[str, float]:
        """Leads posted as fast as intake takes them, until all are routed and audited; the idle stack's share is taken off."""
        idle = self.idle
        count = int(LEADS_PER_SECOND_OF_ROUND * self._bench.pace.seconds)
        batch = list(islice(self._made, count))
        before, rows, records = self._seconds(), await self._rows(), await self._ends()
        began = clock.monotonic()
        await post(
            [one.request for one in batch], self._bench.folder, self._bench.site.port("intake"),
            connections=64, seconds=count / 1000, rate=1000,
        )  # fmt: skip
        missing = await self._watching.until([one.submission_id for one in batch], PATIENCE_SECONDS)
        if missing:
            raise RuntimeError(f"{missing} leads were not routed within {PATIENCE_SECONDS:g} s")
        await self._until_audited()
        elapsed = clock.monotonic() - began
        after = self._seconds()
        used = {name: (after[name] - before[name] - idle[name] * elapsed) * 1e6 / count for name in LINE}
        self.rows = (await self._rows() - rows) / count
        self.records = (await self._ends() - records) / count
        return {"cpu_us": sum(used.values()), **used, "audit_rows": self.rows, "records": self.records}

    async def rest(self) -> None:
        """Learn the cores that each process uses at rest: the least of a few windows, before the first lead."""
        await asyncio.sleep(REST_SECONDS)
        windows = []
        for _ in range(3):
            before = self._seconds()
            await asyncio.sleep(QUIET_SECONDS)
            after = self._seconds()
            windows.append({name: (after[name] - before[name]) / QUIET_SECONDS for name in LINE})
        self.idle = {name: min(window[name] for window in windows) for name in LINE}

    def _seconds(self) -> dict[str, float]:
        return {name: tree_seconds(self._bench.site.pids(name)) for name in LINE}

    async def _rows(self) -> int:
        return int(await self._database.fetchval("select coalesce(sum(seq), 0) from audit.chain_head"))

    async def _until_audited(self) -> None:
        """Until the audit log has not grown for a moment."""
        held, since = -1, clock.monotonic()
        while clock.monotonic() - since < QUIET_SECONDS:
            await asyncio.sleep(0.2)
            rows = await self._rows()
            if rows != held:
                held, since = rows, clock.monotonic()

    async def _ends(self) -> int:
        """Records in all topics, by their end offsets: transaction markers count as well."""
        settings = self._bench.site.settings
        consumer = reading_consumer(settings.kafka)
        await consumer.start()
        try:
            places = [
                TopicPartition(topic.name, number)
                for topic in TOPICS
                for number in range(topic.partitions or settings.partitions)
            ]
            return sum((await consumer.end_offsets(places)).values())
        finally:
            await consumer.stop()


def sum_of(limits: Mapping[str, float], rows: float, records: float) -> dict[str, float]:
    """The sum as section 8 lists its steps, and with every record that the line writes beside its own events.

    `rows` and `records` are how many audit rows and Kafka records a lead led to.
    """
    steps = limits["http"] + limits["hmac_parse"] + limits["produce"] + STAGES * limits["message"]
    steps += limits["lookup"] + rows * limits["audit_row"]
    return {"steps_us": steps, "cpu_us": steps + max(0.0, records - STAGES - 1) * limits["record"]}


async def _audit_rows(kafka: str) -> list[tuple[object, ...]]:
    """Rows of real changes, ready to be inserted."""
    found: list[tuple[object, ...]] = []
    async for record in read_opened(kafka, [AUDIT_CHANGE.name]):
        link = Link(0, 1, 0, GENESIS, GENESIS, record.value or b"")
        found.append(row_of(link, record, read_change(record.value, record.headers)))
        if len(found) == ROWS:
            break
    return found


async def measure(bench: Bench) -> Row:
    """The row."""
    site = bench.site
    await site.services([*service_specs(separate=False), bare("asgi")])
    await ensure_topics(site.settings, (COPIES,))
    pool = await asyncpg.create_pool(site.addresses.database_url, min_size=1, max_size=2)
    async with arrivals(site.addresses.kafka, site.settings.partitions) as watching, pool.acquire() as database:
        row = LineRow(bench, watching, cast(asyncpg.Connection, database))
        await row.rest()
        bench.say("warming up")
        await row.line()
        made = list(islice(submissions(bench.pace.seed, site.secret(SOURCE), clock.now()), 200))
        limits = Limits(bench, pool, await _audit_rows(Cluster(site.settings)), made)

        async def sums() -> Mapping[str, float]:
            held = await limits.all()
            return {**held, **sum_of(held, row.rows, row.records)}

        rounds = await interleaved({"line": row.line, "limits": sums}, bench.pace, site.own, bench.say)
    await pool.close()
    return Row(
        "line",
        TITLE,
        [Check("CPU a lead / sum of limits", ratios(rounds, "cpu_us", "line", "limits"), 4.0, 2.0, "lower")],
        spreads(rounds),
        rounds,
        [
            f"A lead leads to {row.records:.0f} Kafka records and {row.rows:.0f} audit rows; limits copy {LEAD_CLASSIFIED.name}."
        ],
    )
