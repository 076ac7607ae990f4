"""Questions to the log. A change is always read from its stored bytes; the columns only find it."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Protocol

from libs.contracts.change import WHOLE, RecordRef
from libs.contracts.codec import Cipher, ErasedError, decode
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.keys import Keys
from services.audit.domain.chain import Head, Link
from services.audit.domain.move import Move, by_field
from services.audit.domain.row import COLUMNS
from services.audit.domain.timeline import once

MOVE_COLUMNS = "chain, seq, kafka_offset, hash, bytes, ce_id, schema_version, subject_key_id"
_MOVE = f"select {MOVE_COLUMNS} from change"  # noqa: S608 - names of ours
BELOW_ALL = -(1 << 62)
"""A row number that is before any."""
_TOLD = {"at": "case when at between '0002-01-01+00' and '9998-12-31+00' then at end as at"}
"""What a tamperer may set that the driver can't read: told as null, which the bytes never say."""
_LIES = "tableoid::text || ctid::text"
_LINK = (
    "chain, seq, kafka_offset, prev, hash, bytes, "
    "case when isfinite(recorded_at) then (extract(epoch from recorded_at) * 1000000)::bigint else -1 end as recorded_us, "
    f"{_LIES} as place"
)
_OF_CHAIN = (
    f"from change where chain = $1 and seq >= $2 and (seq > $2 or {_LIES} > $3) and seq <= $4 "
    "order by seq, place limit $5"
)
_LINK_PAGE = f"select {_LINK} {_OF_CHAIN}"
_PAGE = (
    f"select {_LINK}, ce_id, schema_version, subject_key_id, readable, problem, "
    f"{', '.join(_TOLD.get(name, name) for name in COLUMNS)} {_OF_CHAIN}"
)
_BEFORE_COLUMNS = 13
"""How many things a page tells of a row before its columns begin."""
_TWICE = "select event_id from change where event_id = any($1) group by event_id having count(*) > 1"
_PLACES = "select event_id, record_type, record_id, chain, seq from change where event_id = any($1) and readable"
_START = (-1, 0)
"""A place before all of the log."""


class Database(Protocol):
    """A pool, or the connection of a transaction."""

    async def fetch(self, query: str, *args: Any) -> list[Any]: ...

    async def fetchrow(self, query: str, *args: Any) -> Any: ...

    async def execute(self, query: str, *args: Any) -> str: ...


@dataclass(frozen=True, slots=True)
class StoredRow:
    """A whole row, for `verify`: its link, the headers that reading it takes, and its columns as they stand."""

    link: Link
    problem: str | None
    """Why it was kept unread; None for a readable row."""
    headers: tuple[tuple[str, bytes], ...]
    columns: Mapping[str, Any]


def headers_of(row: Any) -> tuple[tuple[str, bytes], ...]:
    """The headers that reading a row's bytes takes."""
    return (
        ("ce_id", row["ce_id"].encode()),
        ("ce_schemaversion", row["schema_version"].encode()),
        ("ce_subjectkeyid", row["subject_key_id"].encode()),
    )


async def moves_of(rows: Sequence[Any], keys: Keys) -> list[Move]:
    """The moves of rows that hold `MOVE_COLUMNS`, read from their bytes; none of subjects that were erased.

    Raises Retryable while keys can't be read.
    """
    cipher = await keys.reading(row["subject_key_id"] for row in rows)
    moves: list[Move] = []
    for row in rows:
        with suppress(ErasedError):
            moves += by_field(_move_of(row, cipher))
    return moves


def _move_of(row: Any, cipher: Cipher) -> Move:
    event = decode(AUDIT_CHANGE, row["bytes"], headers_of(row), cipher)
    return Move(row["chain"], row["seq"], row["kafka_offset"], row["hash"].hex(), event.event_id, event.change)


async def record_moves(
    db: Database, record: RecordRef, field: str | None = None, *, limit: int | None = None,
    after: tuple[int, int] = _START, keys: Keys,
) -> list[Move]:  # fmt: skip
    """The moves of a record, or of one of its fields, in the log's order from after a place on.

    A row that made a whole record says only in its bytes which fields, so rows are read on until there are `limit` moves.
    """
    moves: list[Move] = []
    is_whole = after == _START
    while True:
        rows = await db.fetch(
            f"{_MOVE} where record_type = $1 and record_id = $2 and readable "
            f"and ($3::text is null or field in ($3, '{WHOLE}')) "
            f"and (chain, seq) > ($4, $5) order by chain, seq limit $6",
            record.type, record.id, field, *after, limit,
        )  # fmt: skip
        made = await moves_of(rows, keys)
        found = [move for move in made if field is None or move.change.field == field]
        # From the record's first row on, a row that came before is among these.
        moves = once([*moves, *found]) if is_whole else [*moves, *await told_once(db, found)]
        if limit is None or len(rows) < limit or len(moves) >= limit:
            return moves
        after = rows[-1]["chain"], rows[-1]["seq"]


async def told_once(db: Database, moves: Sequence[Move]) -> list[Move]:
    """The moves without those of a record whose event stands in the log before: a redelivered event is in it twice, and is
    told once. Asked for a page at once: a lookup for each row and month took most of a page's time."""
    twice = [row["event_id"] for row in await db.fetch(_TWICE, list({move.event_id for move in moves}))]
    first: dict[tuple[str, str, str], tuple[int, int]] = {}
    for event_id, record_type, record_id, *at in await db.fetch(_PLACES, twice) if twice else ():
        key, place = (event_id, record_type, record_id), (at[0], at[1])
        first[key] = min(first.get(key, place), place)
    return [
        move for move in moves
        if first.get((move.event_id, move.change.record.type, move.change.record.id), move.place) == move.place
    ]  # fmt: skip


async def lead_moves(db: Database, lead_ids: Iterable[str], keys: Keys) -> list[Move]:
    """All moves that were made for these leads, of the leads themselves and of other records, by time."""
    rows = await db.fetch(
        f"{_MOVE} where lead_id = any($1) and readable order by at, chain, seq", sorted(set(lead_ids))
    )
    moves = await moves_of(rows, keys)
    kept = {(move.place, move.change.field) for move in once(moves)}
    return [move for move in moves if (move.place, move.change.field) in kept]


async def submission_moves(db: Database, submission_id: str, keys: Keys) -> list[Move]:
    """The moves of a submission's own record: what was decided about items that are no leads."""
    return await record_moves(db, RecordRef(type="submission", id=submission_id), keys=keys)


async def chain_ends(db: Database) -> list[tuple[int, Head | None, int]]:
    """For every chain that has rows or a head: its number, its head if it has one, and its highest row number.

    One snapshot: rows and head are written together, so what does not fit was not written by the sink.
    """
    rows = await db.fetch(
        "with recursive held(chain) as (select min(chain) from change union all "
        "select (select min(change.chain) from change where change.chain > held.chain) from held where held.chain is not null), "
        "chains as (select chain from chain_head union select chain from held where chain is not null) "
        "select chains.chain, head.seq, head.hash, head.kafka_offset, "
        "(select coalesce(max(change.seq), 0) from change where change.chain = chains.chain) as last "
        "from chains left join chain_head head on head.chain = chains.chain order by chains.chain"
    )
    return [(row["chain"], _head(row), row["last"]) for row in rows]


def _head(row: Any) -> Head | None:
    return None if row["seq"] is None else Head(row["chain"], row["seq"], row["hash"], row["kafka_offset"])


async def chain_heads(db: Database) -> list[Head]:
    """Where every chain ends by its own account, in order of their numbers."""
    return [
        Head(*row) for row in await db.fetch("select chain, seq, hash, kafka_offset from chain_head order by chain")
    ]


async def link_pages(db: Database, chain: int, after: int, upto: int, page_rows: int) -> AsyncIterator[Sequence[Link]]:
    """The links alone of the rows of a chain after a number up to a number, in order, a page at a time."""
    async for rows in _pages(db, _LINK_PAGE, chain, after, upto, page_rows):
        yield [_link(row) for row in rows]


async def chain_pages(
    db: Database, chain: int, upto: int, page_rows: int, after: int = BELOW_ALL
) -> AsyncIterator[Sequence[StoredRow]]:
    """All rows of a chain after a number up to a number, in order, a page at a time; each page is a query of its own.

    Rows are told apart by where they lie too: in two months, or without its key, one number may stand twice.
    """
    async for rows in _pages(db, _PAGE, chain, after, upto, page_rows):
        yield [_stored(row) for row in rows]


async def _pages(db: Database, page: str, chain: int, after: int, upto: int, rows_max: int) -> AsyncIterator[list[Any]]:
    last = (after + 1, "")
    while True:
        rows = await db.fetch(page, chain, *last, upto, rows_max)
        if not rows:
            return
        last = (rows[-1]["seq"], rows[-1]["place"])
        yield rows


def _link(row: Any) -> Link:
    return Link(
        row["chain"], row["seq"], row["kafka_offset"], row["prev"], row["hash"], row["bytes"], row["recorded_us"]
    )


def _stored(row: Any) -> StoredRow:
    link = _link(row)
    problem = None if row["readable"] else row["problem"] or ""
    return StoredRow(link, problem, headers_of(row), dict(zip(COLUMNS, row[_BEFORE_COLUMNS:], strict=True)))
