"""Audit rows a second as the sink stores them, against a bare COPY of the same rows; real records, real PostgreSQL."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from itertools import count as counter
from pathlib import Path
from typing import Any, cast

import asyncpg

import services.audit
from bench.result import Check, Row, ratios, spreads
from bench.rounds import interleaved
from bench.rows.row import Bench
from bench.samples import Held, Samples, real_samples
from libs.contracts.codec import decode, subject_in
from libs.contracts.ids import derived_id
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime import clock
from libs.runtime.cluster import Cluster, keys_for
from libs.runtime.database import migrate, open_pool, role_of
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings
from libs.runtime.sink import Write
from libs.runtime.state import locked_checkpoint, transaction
from services.audit.domain.chain import GENESIS, Link
from services.audit.domain.row import read_change
from services.audit.sink import ALL_COLUMNS, change_writer, row_of

BATCH = 1_000
OF_A_LEAD = 29
"""Changes of a lead, which share its key."""
TITLE = "audit rows a second, read, chained and stored in months, against a bare COPY, 1,000 a transaction"
CHAINED, PLAIN, COPIED = 101, 102, 103
"""Chain numbers (partitions) that no topic has."""
BARE = "bench_bare"
"""A table with the log's columns and indexes, in one piece, that everybody may write."""


async def unchained(keys: Keys, partition: int, records: Sequence[Record]) -> list[tuple[Any, ...]]:
    """The sink's own rows, without head and hash."""
    cipher = await keys.reading(subject_in(record.headers) for record in records)
    return [
        row_of(
            Link(partition, record.offset + 1, record.offset, GENESIS, GENESIS, record.value or b"", 0),
            record,
            read_change(record.value, record.headers, cipher),
        )
        for record in records
    ]


async def copy_rows(connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]]) -> None:
    """A bare COPY."""
    await connection.copy_records_to_table(BARE, columns=list(ALL_COLUMNS), records=rows)


def plain_writer(keys: Keys) -> Write:
    """Reads as the sink does, and nothing of the chain: no head, no hash, no lock, no months."""

    async def write(connection: asyncpg.Connection, _topic: str, partition: int, records: Sequence[Record]) -> None:
        await copy_rows(connection, await unchained(keys, partition, records))

    return write


class AuditRow:
    """The row's two variants on one database."""

    def __init__(self, bench: Bench, pool: asyncpg.Pool, values: Sequence[bytes], keys: Keys) -> None:
        self._bench, self._pool, self._keys = bench, pool, keys
        self._values = values
        self._fresh = counter()
        self._offsets = dict.fromkeys((CHAINED, PLAIN, COPIED), 0)

    async def _batch(self, partition: int) -> list[Record]:
        """A batch whose ids are all new, as in life: index pages are hit at random. Sealed, a key for as many as a lead has."""
        first = self._offsets[partition]
        self._offsets[partition] += BATCH
        records: list[Record] = []
        numbers = [next(self._fresh) for _ in range(BATCH)]
        subjects = [derived_id("bench subject", number // OF_A_LEAD) for number in numbers]
        cipher = await self._keys.writing(subjects)
        for offset, number, subject in zip(range(first, first + BATCH), numbers, subjects, strict=True):
            value = self._values[offset % len(self._values)]
            for place, name in enumerate(_ids_in(value)):
                value = value.replace(name, derived_id("bench", number, place).encode())
            headers = (("ce_id", b"bench"), ("ce_schemaversion", b"1"), ("ce_subjectkeyid", subject.encode()))
            value = cipher.encrypt(subject, "bench", value)
            taken = int(clock.now().timestamp() * 1000)
            records.append(Held(AUDIT_CHANGE.name, partition, offset, b"k", value, headers, taken))
        return records

    def variant(self, partition: int, write: Write) -> Callable[[], Awaitable[Mapping[str, float]]]:
        """What stores batches for the row's time; only the storing is timed."""

        async def measure() -> Mapping[str, float]:
            rows, taken = 0, 0.0
            while taken < self._bench.pace.seconds / 2:
                batch = await self._batch(partition)
                began = clock.monotonic()
                await self._store(partition, write, batch)
                taken += clock.monotonic() - began
                rows += len(batch)
            return {"per_second": rows / taken}

        return measure

    async def copied(self) -> Mapping[str, float]:
        """The limit: rows that are made already, copied into a table without chain, months and triggers."""
        rows, taken = 0, 0.0
        while taken < self._bench.pace.seconds / 2:
            batch = await unchained(self._keys, COPIED, await self._batch(COPIED))
            began = clock.monotonic()
            async with self._pool.acquire() as connection, connection.transaction():
                await copy_rows(cast(asyncpg.Connection, connection), batch)
            taken += clock.monotonic() - began
            rows += len(batch)
        return {"per_second": rows / taken}

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


async def _bare_table(settings: RuntimeSettings) -> None:
    owner = await asyncpg.connect(settings.database_url)
    try:
        await owner.execute(f"create table if not exists audit.{BARE} (like audit.change including indexes)")
        await owner.execute(f"grant insert on audit.{BARE} to {role_of('audit')}")
    finally:
        await owner.close()


async def measure(bench: Bench, samples: Samples | None = None) -> Row:
    """The row."""
    values = (samples or await real_samples(bench)).changes
    settings = bench.site.settings
    await migrate(settings, "audit", Path(services.audit.__file__).parent / "migrations")
    await _bare_table(settings)
    pool = await open_pool(settings, "audit")
    try:
        async with keys_for(Cluster(settings)) as keys:
            row = AuditRow(bench, pool, values, keys)
            variants = {
                "chain": row.variant(CHAINED, change_writer(keys)),
                "plain": row.variant(PLAIN, plain_writer(keys)),
                "copy": row.copied,
            }
            for variant in variants.values():
                await variant()  # warms connections, caches and indexes
            rounds = await interleaved(variants, bench.pace, bench.site.own, bench.say)
    finally:
        await pool.close()
    checks = [
        Check("rows/s, ours / bare COPY", ratios(rounds, "per_second", "chain", "copy"), 0.5, 0.7, "higher"),
        Check("rows/s, with chain / without", ratios(rounds, "per_second", "chain", "plain"), 0.7, 0.9, "higher"),
    ]
    mean = sum(map(len, values)) / len(values)
    return Row(
        "audit", TITLE, checks, spreads(rounds), rounds, [f"{len(values)} real changes of {mean:,.0f} bytes, renamed."]
    )
