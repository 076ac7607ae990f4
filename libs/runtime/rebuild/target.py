"""The schemas that state is rebuilt into: made by the services' own migrations, filled without indexes, never a live one."""

from collections.abc import Sequence
from dataclasses import dataclass

import asyncpg

from libs.runtime.database import OWN_MIGRATIONS, migrate_schema
from libs.runtime.rebuild.inventory import Derived, Rebuild

STAGED = "staged_"
"""What the table begins with that holds all rows told of another, before the newest of each is taken."""


class TargetError(ValueError):
    """The target can't be rebuilt into; the message says what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column that rows are written to: its name, SQL type, and what it is when a row does not say."""

    name: str
    type: str
    default: str | None
    required: bool


MARK = "made by signalbox rebuild"
"""The comment of a schema that a rebuild made: only such a one is ever replaced."""


async def refuse_taken(connection: asyncpg.Connection, schemas: Sequence[str], *, replace: bool) -> None:
    """Raises TargetError when one of the schemas holds something, unless a rebuild made it and may replace it."""
    rows = await connection.fetch(
        "select nspname, coalesce(obj_description(oid, 'pg_namespace') = $2, false) as ours from pg_namespace n "
        "where nspname = any($1) and exists (select from pg_class where relnamespace = n.oid) order by 1",
        list(schemas), MARK,
    )  # fmt: skip
    foreign = [row["nspname"] for row in rows if not row["ours"]]
    if foreign:
        raise TargetError(f"{', '.join(foreign)} hold something that no rebuild made: name another target")
    if rows and not replace:
        held = ", ".join(row["nspname"] for row in rows)
        raise TargetError(f"{held} hold an earlier rebuild: name another target, or give --replace")


async def use(connection: asyncpg.Connection, schema: str) -> None:
    """Everything on this connection is in that schema from now on, and waits for no disk: what is lost is rebuilt again."""
    await connection.execute(f'set search_path = "{schema}", public')
    await connection.execute("set synchronous_commit = off; set timezone = 'UTC'")


async def make(connection: asyncpg.Connection, schema: str, rebuild: Rebuild) -> list[str]:
    """An empty schema of the service with tables beside for what is told of rows; returns how its indexes are made, which it
    has none of yet, but what holds keys. Replaces a schema that is there.

    Raises LookupError when the migrations make a table that the service's `rebuild.py` says nothing of.
    """
    await connection.execute(f'drop schema if exists "{schema}" cascade; create schema "{schema}"')
    await connection.execute(f"comment on schema \"{schema}\" is '{MARK}'")
    await use(connection, schema)
    files = [*sorted(OWN_MIGRATIONS.glob("*.sql")), *sorted(rebuild.migrations.glob("*.sql"))]
    await migrate_schema(connection, files)
    if missing := sorted(set(await tables_of(connection, schema)) - set(rebuild.declared)):
        raise LookupError(f"services/{rebuild.service}/rebuild.py says nothing of {', '.join(missing)}")
    for name, table in rebuild.tables.items():
        if table.kept:
            await _make_staged(connection, name)
    for name, columns in rebuild.staged.items():
        await connection.execute(
            f'create unlogged table "{STAGED}{name}" ({columns}, _seq bigint, _place int, _gone bool)'
        )
    made = [*await _without_indexes(connection, schema), *await _without_references(connection, schema)]
    await _log(connection, schema, logged=False)
    return made


async def _log(connection: asyncpg.Connection, schema: str, *, logged: bool) -> None:
    """Whether the tables' rows go through the database's log. Those of a rebuild need not: what a crash takes is rebuilt."""
    rows = await connection.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = $1 and c.relkind = 'r' and c.relpersistence <> $2::\"char\" order by c.relname",
        schema, b"p" if logged else b"u",
    )  # fmt: skip
    for row in rows:
        await connection.execute(f'alter table "{schema}"."{row["relname"]}" set {"logged" if logged else "unlogged"}')


async def _make_staged(connection: asyncpg.Connection, name: str) -> None:
    staged = f'"{STAGED}{name}"'
    await connection.execute(f'create unlogged table {staged} (like "{name}" including storage)')
    required = await connection.fetch(
        "select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0 and attnotnull", staged
    )
    loose = "".join(f', alter column "{row["attname"]}" drop not null' for row in required)
    added = "add column _seq bigint, add column _place int, add column _gone bool"
    await connection.execute(f"alter table {staged} {added}{loose}")


async def _without_indexes(connection: asyncpg.Connection, schema: str) -> list[str]:
    """Indexes are made when all rows are in: that takes a fraction of the time."""
    rows = await connection.fetch(
        "select c.relname, pg_get_indexdef(i.indexrelid) as made from pg_index i "
        "join pg_class c on c.oid = i.indexrelid join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = $1 and not c.relispartition "
        "and not exists (select from pg_constraint where conindid = i.indexrelid) order by c.relname",
        schema,
    )
    for row in rows:
        await connection.execute(f'drop index "{schema}"."{row["relname"]}"')
    return [row["made"].replace(" ON ONLY ", " ON ", 1) for row in rows]


async def _without_references(connection: asyncpg.Connection, schema: str) -> list[str]:
    """References between tables, checked at once when all rows are in."""
    rows = await connection.fetch(
        "select r.relname, k.conname, pg_get_constraintdef(k.oid) as made from pg_constraint k "
        "join pg_class r on r.oid = k.conrelid join pg_namespace n on n.oid = r.relnamespace "
        "where n.nspname = $1 and k.contype = 'f' and k.conparentid = 0 order by 1, 2",
        schema,
    )
    for row in rows:
        await connection.execute(f'alter table "{row["relname"]}" drop constraint "{row["conname"]}"')
    return [f'alter table "{row["relname"]}" add constraint "{row["conname"]}" {row["made"]}' for row in rows]


async def columns_of(connection: asyncpg.Connection, table: str) -> list[Column]:
    """The columns that rows are written to; not those whose values the database makes."""
    rows = await connection.fetch(
        "select a.attname, format_type(a.atttypid, a.atttypmod) as type, a.attnotnull, "
        "pg_get_expr(d.adbin, d.adrelid) as made from pg_attribute a "
        "left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum "
        "where a.attrelid = to_regclass($1) and a.attnum > 0 and not a.attisdropped and a.attidentity = '' "
        "and a.attgenerated = '' order by a.attnum",
        f'"{table}"',
    )
    return [Column(row["attname"], row["type"], row["made"], row["attnotnull"]) for row in rows]


async def take_newest(connection: asyncpg.Connection, name: str, table: Derived) -> None:
    """Fill a table with the newest row of each key, unless it is gone; the staged rows are dropped."""
    staged, columns = f"{STAGED}{name}", await columns_of(connection, name)
    keys = ", ".join(f'"{key}"' for key in table.key)
    if table.gone_by:
        same = " and ".join(f'held."{key}" = gone."{key}"' for key in table.gone_by)
        await connection.execute(
            f'delete from "{staged}" held using "{staged}" gone where gone._gone and not held._gone and {same} '
            "and (held._seq, held._place) < (gone._seq, gone._place)"
        )
        await connection.execute(f'delete from "{staged}" where _gone')
    newest = ", ".join(_newest(column, table, keys) for column in columns)
    into = ", ".join(f'"{column.name}"' for column in columns)
    await connection.execute(
        f'insert into "{name}" ({into}) select {into} from ('
        f'select distinct on ({keys}) {newest}, _gone from "{staged}" order by {keys}, _seq desc, _place desc'
        ") newest where not _gone"
    )
    await connection.execute(f'drop table "{staged}"')


def _newest(column: Column, table: Derived, keys: str) -> str:
    if column.name in table.greatest:
        return f'max("{column.name}") over (partition by {keys}) as "{column.name}"'
    if column.required and column.default is not None:
        return f'coalesce("{column.name}", {column.default}) as "{column.name}"'
    return f'"{column.name}"'


async def finish(
    connection: asyncpg.Connection, schema: str, rebuild: Rebuild, indexes: Sequence[str], *, durable: bool = False
) -> None:
    """From what was loaded to the tables as they are in the end, with their indexes; `durable`: a crash does not empty them."""
    for name, table in rebuild.tables.items():
        if table.kept:
            await take_newest(connection, name, table)
    if rebuild.finish is not None:
        async with connection.transaction():
            await rebuild.finish(connection)
    for name in rebuild.staged:
        await connection.execute(f'drop table "{STAGED}{name}"')
    if durable:
        await _log(connection, schema, logged=True)
    for made in indexes:
        await connection.execute(made)
    await connection.execute(
        "analyze " + ", ".join(f'"{schema}"."{name}"' for name in await _pieces(connection, schema))
    )


async def _pieces(connection: asyncpg.Connection, schema: str) -> list[str]:
    """The tables that hold rows: of those in months only these, since their whole would be read a second time."""
    rows = await connection.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = $1 and c.relkind = 'r' order by 1",
        schema,
    )
    return [row["relname"] for row in rows]


async def tables_of(connection: asyncpg.Connection, schema: str) -> list[str]:
    """The tables of a schema, partitions by the table that they belong to."""
    rows = await connection.fetch(
        "select c.relname from pg_class c join pg_namespace n on n.oid = c.relnamespace "
        "where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition order by 1",
        schema,
    )
    return [row["relname"] for row in rows]
