"""Rows that a stage stores, as data: what its `save` writes to Postgres, and what `state.stored.v1` keeps of it for ever.

A row has the values of its columns by name, so that a column that comes later has its default in rows from before. Times are
aware, texts that go into `bytea` are bytes, and what goes into `jsonb` is JSON text: exactly what the database gets.
"""

import zlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from pydantic_core import from_json, to_json

from libs.contracts.change import RecordRef

LEVEL = 1
"""A lead is up to 100 kB of JSON; the fastest level makes it an eighth."""


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table as it is now; `subject` says whom it is about: a lead's id, a record's `type:id`, or nobody."""

    table: str
    values: Mapping[str, Any]
    subject: str = ""


@dataclass(frozen=True, slots=True)
class Gone:
    """Rows of a table that are no more: all that have these values."""

    table: str
    values: Mapping[str, Any]
    subject: str = ""


Kept = Row | Gone


def named(table: str, columns: Iterable[str], values: Iterable[Any], subject: str = "") -> Row:
    """A row by its columns' names and their values in that order."""
    return Row(table, dict(zip(columns, values, strict=True)), subject)


def about(record: RecordRef) -> str:
    """The subject of a record's row."""
    return record.id if record.type == "lead" else record.key


def by_subject(rows: Iterable[Kept]) -> Mapping[str, list[tuple[int, Kept]]]:
    """The rows of each subject, each with its place in the outcome."""
    found: dict[str, list[tuple[int, Kept]]] = {}
    for place, row in enumerate(rows):
        found.setdefault(row.subject, []).append((place, row))
    return found


def pack(rows: Iterable[tuple[int, Kept]]) -> bytes:
    """The rows as compressed JSON: `[place, table, values]` each, with a fourth entry, 1, for those that are gone."""
    told = [[place, row.table, row.values, *((1,) if isinstance(row, Gone) else ())] for place, row in rows]
    return zlib.compress(to_json(told), LEVEL)


def unpack(packed: bytes) -> list[tuple[int, str, dict[str, Any], bool]]:
    """Place, table, values as JSON has them, and whether such rows are gone. Raises ValueError for bytes that `pack` did not
    make."""
    try:
        return [
            (place, table, values, bool(gone))
            for place, table, values, *gone in from_json(zlib.decompress(packed), cache_strings="keys")
        ]
    except (zlib.error, TypeError) as error:
        raise ValueError(f"stored rows are damaged: {type(error).__name__}") from None
