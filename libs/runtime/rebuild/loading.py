"""Rows that `state.stored.v1` tells of, copied in bulk beside the tables that they belong to."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

import asyncpg

from libs.contracts.codec import UnreadableError, decode, header
from libs.contracts.topics import STATE_STORED
from libs.runtime.kept import SEQ
from libs.runtime.rebuild.inventory import Rebuild
from libs.runtime.rebuild.target import STAGED, columns_of
from libs.runtime.record import Record
from libs.runtime.rows import unpack

_AS: Mapping[str, Callable[[Any], Any]] = {
    "timestamp with time zone": datetime.fromisoformat,
    "bytea": str.encode,
}
"""By SQL type: from what JSON holds to what the driver takes. All other types are taken as they are."""
_Added = tuple[Any, ...]


class UntoldError(LookupError):
    """Rows are told of that nobody says how to rebuild."""


class Loader:
    """The tables of all services, by what is told of them. Each service's rows go to its own connection."""

    def __init__(self) -> None:
        self._tables: dict[str, dict[str, dict[str, Callable[[Any], Any] | None]]] = {}
        self._connections: dict[str, tuple[asyncpg.Connection, asyncio.Lock]] = {}
        self._keys: dict[tuple[str, str], tuple[str, ...]] = {}
        self.unreadable = 0
        """Records that could not be read, and whose rows are missing."""

    async def add(self, rebuild: Rebuild, connection: asyncpg.Connection) -> None:
        """A service whose tables are made already."""
        names = [*(name for name, table in rebuild.tables.items() if table.kept), *rebuild.staged]
        self._tables[rebuild.service] = {
            name: {column.name: _AS.get(column.type) for column in await columns_of(connection, f"{STAGED}{name}")}
            for name in names
        }
        self._connections[rebuild.service] = connection, asyncio.Lock()
        for name, table in rebuild.tables.items():
            if not table.greatest:
                self._keys[rebuild.service, name] = table.key

    async def load(self, records: Sequence[Record]) -> None:
        """Copy the rows of these records. Raises UntoldError for a table that no service has."""
        copied: dict[str, dict[tuple[str, tuple[str, ...]], dict[Any, _Added]]] = defaultdict(lambda: defaultdict(dict))
        for record in records:
            try:
                event = decode(STATE_STORED, record.value, record.headers)
                told, number = unpack(record.value or b""), int(header(record.headers, SEQ))
            except (UnreadableError, ValueError):
                self.unreadable += 1
                continue
            if event.service not in self._tables:
                continue  # not asked for
            for place, table, values, gone in told:
                row = self._converted(event.service, table, values)
                rows = copied[event.service][table, tuple(values)]
                which = self._which(event.service, table, values, gone) or len(rows)
                if which not in rows or rows[which][-3:-1] < (number, place):
                    rows[which] = (*row, number, place, gone)
        for service, tables in copied.items():
            connection, free = self._connections[service]
            async with free:
                for (table, columns), rows in tables.items():
                    await connection.copy_records_to_table(
                        f"{STAGED}{table}", columns=(*columns, "_seq", "_place", "_gone"), records=rows.values()
                    )

    def _which(self, service: str, table: str, values: Mapping[str, Any], gone: bool) -> tuple[Any, ...]:
        """What makes it the same row as others of a batch, of which only the newest is copied; nothing where all are needed."""
        key = self._keys.get((service, table))
        return () if key is None or gone else tuple(values[name] for name in key)

    def _converted(self, service: str, table: str, values: Mapping[str, Any]) -> _Added:
        known = self._tables[service].get(table)
        if known is None or not values.keys() <= known.keys():
            raise UntoldError(
                f"{service} stored rows of {table} with {', '.join(values)}: no such table, or not all of these"
            )
        return tuple(
            value if value is None or (as_type := known[name]) is None else as_type(value)
            for name, value in values.items()
        )
