"""Hashes of derived state: what is compared of live and rebuilt schemas, table by table, and where they differ."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import asyncpg

from libs.runtime.rebuild.inventory import Derived, Rebuild

SETTINGS = "set timezone = 'UTC'; set datestyle = 'ISO, YMD'; set bytea_output = 'hex'; set extra_float_digits = 1"
SHOWN = 5
"""Rows of a table that are named when they differ."""


@dataclass(frozen=True, slots=True)
class TableHash:
    """A table's derived rows: how many, and their hash (hex sha256), whatever order they stand in."""

    table: str
    rows: int
    hash: str


@dataclass(frozen=True, slots=True)
class ServiceHash:
    """A service's derived tables and their hash together."""

    service: str
    schema: str
    tables: tuple[TableHash, ...]

    @property
    def hash(self) -> str:
        """Hex sha256 over the tables' names and hashes, in order of their names."""
        told = sorted((one.table, one.rows, one.hash) for one in self.tables)
        return hashlib.sha256(json.dumps(told).encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Difference:
    """A row that is not the same on both sides: its key, and the columns that differ, or on which side alone it is. No values:
    they may be personal data."""

    table: str
    key: Mapping[str, Any]
    columns: tuple[str, ...] = ()
    only: str = ""


@dataclass(frozen=True, slots=True)
class Compared:
    """One service on both sides."""

    service: str
    left: ServiceHash
    right: ServiceHash
    differences: tuple[Difference, ...] = field(default=())

    @property
    def equal(self) -> bool:
        """Whether all derived rows are the same."""
        return self.left.hash == self.right.hash


async def hashed(connection: asyncpg.Connection, rebuild: Rebuild, schema: str) -> ServiceHash:
    """The hashes of a schema of this service. Raises LookupError when the schema is not there."""
    tables = []
    for name, table in rebuild.tables.items():
        rows = await connection.fetch(
            f"select get_byte(h, 0), count(*) as rows, sha256(string_agg(h, ''::bytea order by h)) as h "
            f"from ({await _hashes(connection, schema, name, table)}) t group by 1 order by 1"
        )
        together = hashlib.sha256(b"".join(row["h"] for row in rows)).hexdigest()
        tables.append(TableHash(name, sum(row["rows"] for row in rows), together))
    return ServiceHash(rebuild.service, schema, tuple(tables))


async def compared(connection: asyncpg.Connection, rebuild: Rebuild, left: str, right: str) -> Compared:
    """Both schemas of a service, with the first rows that differ of each table that does."""
    one, other = await hashed(connection, rebuild, left), await hashed(connection, rebuild, right)
    hashes = {table.table: table for table in other.tables}
    differences: list[Difference] = []
    for table in one.tables:
        if table != hashes[table.table]:
            differences += await _differences(connection, left, right, table.table, rebuild.tables[table.table])
    return Compared(rebuild.service, one, other, tuple(differences))


async def _hashes(connection: asyncpg.Connection, schema: str, name: str, table: Derived, keys: str = "") -> str:
    columns = ", ".join(f'"{column}"' for column in await _columns(connection, schema, name, table))
    return (
        f"select {keys}sha256(convert_to(row({columns})::text, 'UTF8')) as h from ({_rows(schema, name, table)}) rows"
    )


def _rows(schema: str, name: str, table: Derived) -> str:
    quoted = f'"{schema}"'
    if table.query:
        return table.query.format(schema=quoted)
    where = f" where {table.where.format(schema=quoted)}" if table.where else ""
    return f'select * from "{schema}"."{name}"{where}'


async def _columns(connection: asyncpg.Connection, schema: str, name: str, table: Derived) -> list[str]:
    if table.query:
        return sorted(table.key)
    rows = await connection.fetch(
        "select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and not attisdropped",
        f'"{schema}"."{name}"',
    )
    if not rows:
        raise LookupError(f"there is no table {schema}.{name}")
    return sorted(row["attname"] for row in rows if row["attname"] not in table.without)


async def _differences(
    connection: asyncpg.Connection, left: str, right: str, name: str, table: Derived
) -> list[Difference]:
    keys = "".join(f'"{key}", ' for key in table.key)
    using = ", ".join(f'"{key}"' for key in table.key)
    rows = await connection.fetch(
        f"select {keys}a.h is null as no_left, b.h is null as no_right "
        f"from ({await _hashes(connection, left, name, table, keys)}) a "
        f"full join ({await _hashes(connection, right, name, table, keys)}) b using ({using}) "
        f"where a.h is distinct from b.h order by {using} limit {SHOWN}"
    )
    found = []
    for row in rows:
        key = {column: row[column] for column in table.key}
        only = right if row["no_left"] else left if row["no_right"] else ""
        columns = () if only else await _differing(connection, (left, right), name, table, key)
        found.append(Difference(name, key, tuple(columns), only))
    return found


async def _differing(
    connection: asyncpg.Connection, schemas: Sequence[str], name: str, table: Derived, key: Mapping[str, Any]
) -> list[str]:
    which = " and ".join(f'"{column}" = ${place}' for place, column in enumerate(key, 1))
    sides = []
    for schema in schemas:
        text = f"select to_jsonb(rows)::text from ({_rows(schema, name, table)}) rows where {which}"
        sides.append(json.loads(await connection.fetchval(text, *key.values()) or "{}"))
    return [
        column
        for column in sorted(sides[0])
        if sides[0][column] != sides[1].get(column) and column not in table.without
    ]
