"""Audit rows a second with the hash chain, against the same insert without it; real records, real PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count as counter
from pathlib import Path

import asyncpg

import services.audit
from bench.result import Check, Row, ratios, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from bench.samples import Held, Samples, real_samples
from libs.contracts.codec import decode
from libs.contracts.ids import derived_id
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime import clock
from libs.runtime.broker import Record
from libs.runtime.database import migrate, open_pool
from libs.runtime.sink import Write
from libs.runtime.state import locked_checkpoint, transaction
from services.audit.domain.chain import GENESIS, Link
from services.audit.domain.row import read_change
from services.audit.sink import change_writer, insert_changes, row_of

BATCH = 1_000
TITLE = "audit rows a second with the chain, against the same insert without it, 1,000 a transaction"
CHAINED, PLAIN = 101, 102
"""Chain numbers (partitions) that no topic has."""


async def insert_only(connection: asyncpg.Connection, _topic: str, partition: int, records: Sequence[Record]) -> None:
    """The sink's own rows and insert, without head, hash and lock."""
    rows = [
        row_of(
            Link(partition, record.offset + 1, record.offset, GENESIS, GENESIS, record.value or b""),
            record,
            read_change(record.value, record.headers),
        )
        for record in records
    ]
    await insert_changes(connection, rows, copy_from=BATCH)


class AuditRow:
    """The row's two variants on one database."""

    def __init__(self, bench: Bench, pool: asyncpg.Pool, values: Sequence[bytes]) -> None:
        self._bench, self._pool = bench, pool
        self._values = values
        self._fresh = counter()
        self._offsets = {CHAINED: 0, PLAIN: 0}

    def _batch(self, partition: int) -> list[Record]:
        """A batch whose ids are all new, as in life: index pages are hit at random."""
        first = self._offsets[partition]
        self._offsets[partition] += BATCH
        records: list[Record] = []
        for offset in range(first, first + BATCH):
            value = self._values[offset % len(self._values)]
            number = next(self._fresh)
            for place, name in enumerate(_ids_in(value)):
                value = value.replace(name, derived_id("bench", number, place).encode())
            headers = (("ce_id", b"bench"), ("ce_schemaversion", b"1"), ("ce_subjectkeyid", b"bench"))
            records.append(Held(AUDIT_CHANGE.name, partition, offset, b"k", value, headers))
        return records

    def variant(self, partition: int, write: Write) -> Callable[[], Awaitable[Mapping[str, float]]]:
        """What stores batches for the row's time; only the storing is timed."""

        async def measure() -> Mapping[str, float]:
            rows, taken = 0, 0.0
            while taken < self._bench.pace.seconds / 2:
                batch = self._batch(partition)
                began = clock.monotonic()
                await self._store(partition, write, batch)
                taken += clock.monotonic() - began
                rows += len(batch)
            return {"per_second": rows / taken}

        return measure

    async def _store(self, partition: int, write: Write, batch: Sequence[Record]) -> None:
        """As the runtime's sink does it: rows and checkpoint in one transaction."""
        async with locked_checkpoint(self._pool, f"bench.{partition}", AUDIT_CHANGE.name, partition) as checkpoint:
            await write(transaction(), AUDIT_CHANGE.name, partition, batch)
            await checkpoint.move(batch[-1].offset + 1)


def _ids_in(value: bytes) -> tuple[bytes, ...]:
    """The ids in a change that differ from change to change."""
    event = decode(AUDIT_CHANGE, value, ())
    held = (event.event_id, event.change.change_id, event.change.record.id, event.change.trigger_event_id)
    return tuple(name.encode() for name in dict.fromkeys(held) if name)


async def measure(bench: Bench, samples: Samples | None = None) -> Row:
    """The row."""
    values = (samples or await real_samples(bench)).changes
    settings = bench.site.settings
    await migrate(settings, "audit", Path(services.audit.__file__).parent / "migrations")
    pool = await open_pool(settings, "audit")
    try:
        row = AuditRow(bench, pool, values)
        variants = {
            "chain": row.variant(CHAINED, change_writer(copy_from=BATCH)),
            "plain": row.variant(PLAIN, insert_only),
        }
        for variant in variants.values():
            await variant()  # warms connections, caches and indexes
        rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    finally:
        await pool.close()
    check = Check("rows/s, with chain / without", ratios(rounds, "per_second", "chain", "plain"), 0.7, 0.9, "higher")
    mean = sum(map(len, values)) / len(values)
    return Row(
        "audit", TITLE, [check], spreads(rounds), rounds, [f"{len(values)} real changes of {mean:,.0f} bytes, renamed."]
    )
