"""The two sinks of audit: the chained log of changes, and the events that a lead's journey is told from."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from libs.contracts.codec import Cipher, ErasedError, UnreadableError, body_of, decode, header, read_as, subject_in
from libs.contracts.topics import (
    BY_NAME,
    CRM_WRITE,
    LEAD_FEEDBACK,
    LEAD_ROUTED,
    NOTICE_DELIVERED,
    RECORD_CHANGED,
    SLA_CHANGED,
    SUBMISSION_RECEIVED,
    TRIAGE_DECIDED,
    TRIAGE_REQUESTED,
)
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from services.audit.domain.chain import Head, Link, extend, microseconds
from services.audit.domain.found_by import shape_of
from services.audit.domain.row import COLUMNS, Read, in_utc, read_change
from services.audit.domain.row import UNSTORABLE as REFUSED

Write = Callable[[asyncpg.Connection, str, int, Sequence[Record]], Awaitable[None]]

EVENT_TOPICS = (
    SUBMISSION_RECEIVED, LEAD_ROUTED, TRIAGE_REQUESTED, TRIAGE_DECIDED, CRM_WRITE, RECORD_CHANGED, SLA_CHANGED,
    LEAD_FEEDBACK, NOTICE_DELIVERED,
)  # fmt: skip
CHAINED = {
    "chain": "int", "seq": "bigint", "kafka_offset": "bigint", "recorded_at": "timestamptz", "prev": "bytea",
    "hash": "bytea", "bytes": "bytea", "ce_id": "text", "schema_version": "text", "subject_key_id": "text",
    "readable": "boolean", "problem": "text",
}  # fmt: skip
ALL_COLUMNS = {**CHAINED, **COLUMNS}
_NAMES = ", ".join(ALL_COLUMNS)
_INSERT = (
    f"insert into change ({_NAMES}) select * from unnest("  # noqa: S608 - names of ours
    + ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(ALL_COLUMNS.values(), 1))
    + ")"
)
_SUBMISSION = (
    "insert into submission select * from unnest($1::text[], $2::int[], $3::bigint[], $4::text[], $5::text[], "
    "$6::text[], $7::text[], $8::text[], $9::text[], $10::text[], $11::int[], $12::timestamptz[])"
)
EVENT_COLUMNS = {
    "topic": "text", "partition": "int", "kafka_offset": "bigint", "event_id": "text", "caused_by": "text",
    "decided_at": "timestamptz", "subject_key_id": "text", "schema_version": "text", "bytes": "bytea",
    "lead_id": "text", "lead_version": "int", "record_type": "text", "record_id": "text", "contact_id": "text",
    "submission_id": "text", "email": "text", "destination": "text", "lead_kind": "text", "write_id": "text",
}  # fmt: skip
_FOUND_BY = tuple(EVENT_COLUMNS)[9:]
_EVENT = (
    f"insert into event ({', '.join(EVENT_COLUMNS)}) select * from unnest("  # noqa: S608 - names of ours
    + ", ".join(f"${number}::{kind}[]" for number, kind in enumerate(EVENT_COLUMNS.values(), 1))
    + ")"
)
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
SENT_AT_ONCE = 64
"""Rows that are made between two turns of the event loop."""
UNSTORABLE = (asyncpg.DataError, asyncpg.ProgramLimitExceededError, asyncpg.StatementTooComplexError, ValueError)
"""What says that a value can't be stored as a column, and nothing about the database's health."""


def change_writer(keys: Keys, copy_from: int = 100) -> Write:
    """Writes a batch of one partition of `audit.change.v1`: rows, chain and head, in the caller's transaction.

    Every record becomes a row, also one that can't be read: then only its bytes are kept, flagged.
    """

    async def write(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:  # noqa: ARG001
        times = [microseconds(record.timestamp) for record in records]
        head = await opened(connection, partition, months_of(times))
        links, _ = extend(head, zip((r.offset for r in records), (r.value or b"" for r in records), times, strict=True))
        cipher = await keys.reading(subject_in(record.headers) for record in records)
        await insert_changes(connection, _Rows(links, records, cipher), copy_from)

    return write


class _Rows:
    """The rows of a batch, made as they are asked for: Postgres stores the first ones while the next are read."""

    def __init__(self, links: Sequence[Link], records: Sequence[Record], cipher: Cipher) -> None:
        self._links, self._records, self._cipher = links, records, cipher
        self._made: list[tuple[Any, ...]] = []

    def __len__(self) -> int:
        return len(self._links)

    def __iter__(self) -> Iterator[tuple[Any, ...]]:
        yield from self._made
        for number in range(len(self._made), len(self._links)):
            record = self._records[number]
            row = row_of(self._links[number], record, read_change(record.value, record.headers, self._cipher))
            self._made.append(row)
            yield row

    async def __aiter__(self) -> AsyncIterator[tuple[Any, ...]]:
        for number, row in enumerate(self):
            yield row
            if number % SENT_AT_ONCE == SENT_AT_ONCE - 1:
                await asyncio.sleep(0)  # what the driver has gathered goes out now


def recorded_at(recorded_us: int) -> datetime:
    """The broker's time of a record as its row holds it; 1970 when it is not known."""
    return EPOCH + timedelta(microseconds=recorded_us)


def months_of(times: Iterable[int]) -> list[datetime]:
    """The first days of the months that these times (microseconds since 1970) lie in."""
    held = set(times)
    first, last = recorded_at(min(held)), recorded_at(max(held))
    within = (first, last) if (first.year, first.month) == (last.year, last.month) else map(recorded_at, held)
    months = {(at.year, at.month) for at in within}
    return [datetime(year, month, 1, tzinfo=UTC) for year, month in sorted(months)]


async def opened(connection: asyncpg.Connection, chain: int, months: Sequence[datetime]) -> Head:
    """The chain's head, locked until the transaction ends, with partitions for these months; the head is moved by the
    database itself, when rows are inserted that continue it (see migration 0006)."""
    row = await connection.fetchrow("select seq, hash, kafka_offset from open_chain($1, $2)", chain, months)
    assert row is not None, "open_chain tells of one chain"
    return Head(chain, row["seq"], row["hash"], row["kafka_offset"])


def row_of(link: Link, record: Record, read: Read) -> tuple[Any, ...]:
    """The row's values in the order of `ALL_COLUMNS`."""
    said = read.columns
    problem = read.problem if record.value is not None else "the record has no value"
    told = dict(reversed(record.headers))
    return (
        link.chain, link.seq, link.kafka_offset, recorded_at(link.recorded_us), link.prev, link.hash, link.value,
        _text(told, "ce_id"), _text(told, "ce_schemaversion"), _text(told, "ce_subjectkeyid"),
        said is not None, None if said is not None else _clean(problem or "unreadable"),
        *((None,) * len(COLUMNS) if said is None else said.values()),
    )  # fmt: skip


def _text(headers: Mapping[str, bytes], name: str) -> str:
    return _clean((headers.get(name) or b"").decode("utf-8", "replace"))


def _clean(text: str) -> str:
    return text.replace("\x00", "\N{REPLACEMENT CHARACTER}")


async def insert_changes(
    connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]] | _Rows, copy_from: int
) -> None:
    """Insert all; when a column can't be stored, one by one, so that only the culprit loses its columns."""
    try:
        async with connection.transaction():
            await _insert(connection, rows, copy_from)
    except UNSTORABLE:
        for row in rows:
            try:
                async with connection.transaction():
                    await _insert(connection, [row], copy_from)
            except UNSTORABLE as error:
                kept = (*row[: len(CHAINED) - 2], False, f"{REFUSED}: {type(error).__name__}")
                await _insert(connection, [(*kept, *(None,) * len(COLUMNS))], copy_from)


async def _insert(connection: asyncpg.Connection, rows: Sequence[tuple[Any, ...]] | _Rows, copy_from: int) -> None:
    if len(rows) > copy_from:
        await connection.copy_records_to_table("change", columns=list(ALL_COLUMNS), records=rows)
    else:
        await connection.execute(_INSERT, *map(list, zip(*rows, strict=True)))


def event_writer(keys: Keys, copy_from: int = 100) -> Write:
    """Writes a batch of one partition of any of `EVENT_TOPICS`, in the caller's transaction; nothing of erased subjects.

    An event is stored as it came, and only what it is found by is read: what else is wrong with it is seen when it is shown.
    """

    async def write(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
        rows: list[tuple[Any, ...]] = []
        problems: list[tuple[int, str]] = []
        cipher = await keys.reading(subject_in(record.headers) for record in records)
        make = _submission if topic == SUBMISSION_RECEIVED.name else _event
        for record in records:
            if record.value is None and BY_NAME[topic].compacted:
                continue
            try:
                rows.append(make(record, cipher))
            except ErasedError:
                continue
            except (UnreadableError, ValueError, OverflowError) as error:
                problems.append((record.offset, _clean(str(error)[:300])))
        problems += await _insert_events(connection, topic, rows, copy_from)
        if problems:
            await connection.executemany(
                "insert into unreadable (topic, partition, kafka_offset, problem) values ($1, $2, $3, $4)",
                [(topic, partition, offset, problem) for offset, problem in problems],
            )

    return write


def _submission(record: Record, cipher: Cipher) -> tuple[Any, ...]:
    event = decode(SUBMISSION_RECEIVED, record.value, record.headers, cipher)
    return (
        record.topic, record.partition, record.offset, event.submission_id, event.event_id, event.source,
        event.delivery_id, event.trust, event.content_type, event.sha256, len(body_of(record.value, record.headers, cipher)),
        in_utc(event.received_at),
    )  # fmt: skip


def _event(record: Record, cipher: Cipher) -> tuple[Any, ...]:
    told = read_as(shape_of(record.topic), BY_NAME[record.topic], record.value, record.headers, cipher)
    columns = told.columns()
    return (
        record.topic, record.partition, record.offset, told.event_id, told.caused_by,
        None if told.decided_at is None else in_utc(told.decided_at), subject_in(record.headers),
        header(record.headers, "ce_schemaversion") or "1", record.value, *map(columns.get, _FOUND_BY),
    )  # fmt: skip


async def _insert_events(
    connection: asyncpg.Connection, topic: str, rows: Sequence[tuple[Any, ...]], copy_from: int
) -> list[tuple[int, str]]:
    """Insert all; returns (offset, problem) of those that can't be stored."""
    if not rows:
        return []
    try:
        async with connection.transaction():
            if topic == SUBMISSION_RECEIVED.name:
                await connection.execute(_SUBMISSION, *map(list, zip(*rows, strict=True)))
            elif len(rows) > copy_from:
                await connection.copy_records_to_table("event", columns=list(EVENT_COLUMNS), records=rows)
            else:
                await connection.execute(_EVENT, *map(list, zip(*rows, strict=True)))
    except UNSTORABLE as error:
        if len(rows) == 1:
            return [(rows[0][2], f"{REFUSED}: {type(error).__name__}")]
        return [problem for row in rows for problem in await _insert_events(connection, topic, [row], copy_from)]
    return []
