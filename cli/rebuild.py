"""`rebuild`: every service's state made anew from the topics, beside the live one; `state-hash`: whether two are the same."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Annotated, Any, TypeVar

import asyncpg
import typer
from aiokafka.errors import KafkaError
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.client import Running, running
from cli.console import PlainTable, err, out, print_json
from cli.errors import CliError
from cli.ledger import kafka_away
from cli.options import AsJson, Data
from libs.runtime.rebuild.hashes import SETTINGS, Compared, ServiceHash, compared, hashed
from libs.runtime.rebuild.inventory import Rebuild, inventories, schema_of
from libs.runtime.rebuild.runner import Order, RebuildError, Rebuilt, Step, rebuilt
from libs.runtime.rebuild.target import TargetError

MODULES = tuple(
    f"services.{name}.rebuild"
    for name in ("fetch", "dedupe", "enrich", "router", "crm", "triage", "notify", "audit", "insights")
)
"""Every service that keeps state in Postgres. The others (intake, classify, score) keep none there."""
Into = Annotated[
    str, typer.Option("--into", help="What the schemas' names begin with: SCHEMA_dedupe, SCHEMA_router and so on.")
]
T = TypeVar("T")


def rebuild(
    data: Data,
    into: Into,
    replace: Annotated[bool, typer.Option("--replace", help="Replace an earlier rebuild of that name.")] = False,
    durable: Annotated[bool, typer.Option("--durable", help="Let it outlive a crash of the database; slower.")] = False,
    workers: Annotated[int, typer.Option("--workers", min=1, max=64, help="Processes that read.")] = 2,
    as_json: AsJson = False,
) -> None:
    """Make every service's state anew from the topics that are kept for ever; nothing live is written, nothing is called."""
    stack = _with_database(running(data))
    order = Order(stack.kafka, stack.database_url, into, MODULES, replace, workers, durable)
    with _shown() as say:
        try:
            found = _run(rebuilt(order, say), stack)
        except (TargetError, ValueError) as error:
            raise CliError(str(error), f"--into {into}", "the live schemas are never written to") from None
        except RebuildError as error:
            raise CliError(
                f"the rebuild failed: {error}", f"schemas {into}_*", "mend that and run it with --replace"
            ) from None
    if as_json:
        print_json(_told(found))
    else:
        out.print(
            f"{found.events:,} events into {len(found.schemas)} schemas in {found.seconds:.1f} s "
            f"({found.per_second:,.0f} a second; read in {found.read_seconds:.1f} s, then newest rows and indexes). "
            f"{len(found.blocked)} calls out were tried. Compare it: signalbox state-hash --compare {into}"
        )
    if found.unreadable or found.blocked:
        said = [f"{found.unreadable} records of state.stored.v1 can't be read: their rows are missing"] * bool(
            found.unreadable
        )
        said += [f"blocked: {call}" for call in found.blocked]
        raise CliError("; ".join(said), f"schemas {into}_*", "do not use them before you know why")


def state_hash(
    data: Data,
    of: Annotated[str, typer.Option("--of", help="A rebuild's name; without it the live state.")] = "",
    compare: Annotated[str, typer.Option("--compare", help="A rebuild's name: is it the same? Exit 1 when not.")] = "",
    as_json: AsJson = False,
) -> None:
    """Hash every service's derived state, table by table; with --compare name the first rows that differ."""
    stack = _with_database(running(data))
    services = inventories(MODULES)
    if not compare:
        hashes = _run(_hashes(stack.database_url, services, of), stack)
        print_json(_hashes_told(hashes)) if as_json else out.print(_hashes_table(hashes))
        return
    sides = _run(_compared(stack.database_url, services, of, compare), stack)
    if as_json:
        print_json({"equal": all(one.equal for one in sides), "services": [_compared_told(one) for one in sides]})
    else:
        out.print(_compared_table(sides, of, compare))
        for one in sides:
            for differing in one.differences:
                key = ", ".join(f"{name}={value}" for name, value in differing.key.items())
                what = f"only in {differing.only}" if differing.only else f"differs in {', '.join(differing.columns)}"
                err.print(f"{one.service}.{differing.table} ({key}): {what}", markup=False)
    if not all(one.equal for one in sides):
        raise typer.Exit(1)


def _with_database(stack: Running) -> Running:
    if not stack.database_url:
        raise CliError("no database is named", "SIGNALBOX_DATABASE_URL", "set it to the URL of the database's owner")
    return stack


def _run(work: Coroutine[Any, Any, T], stack: Running) -> T:
    try:
        return asyncio.run(work)
    except KafkaError as error:
        raise kafka_away(stack.kafka, error) from None
    except (OSError, asyncpg.PostgresError) as error:
        where = stack.database_url.rpartition("@")[2]
        raise CliError(
            f"PostgreSQL: {type(error).__name__}: {error}", where, "look at `./signalbox logs postgres`"
        ) from None
    except LookupError as error:
        raise CliError(
            str(error.args[0]), "the topics and schemas", "rebuild it first, or start the stack once"
        ) from None


@contextmanager
def _shown() -> Iterator[Callable[[Step], None]]:
    """A bar on standard error: offsets passed, the rate of events, and how long it will take still."""
    columns = (
        TextColumn("{task.description:>8}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
        TextColumn("{task.fields[records]:,} events"), TimeRemainingColumn(),
    )  # fmt: skip
    with Progress(*columns, console=err) as bar:
        task = bar.add_task("reading", total=None, records=0)
        yield lambda step: bar.update(
            task, description=step.what, completed=step.offsets, total=step.total, records=step.records
        )


async def _hashes(url: str, services: list[Rebuild], of: str) -> list[ServiceHash]:
    async with _reading(url) as connection:
        return [await hashed(connection, one, _schema(of, one.service)) for one in services]


async def _compared(url: str, services: list[Rebuild], of: str, other: str) -> list[Compared]:
    async with _reading(url) as connection:
        return [
            await compared(connection, one, _schema(of, one.service), _schema(other, one.service)) for one in services
        ]


class _reading:
    """One snapshot of the whole database."""

    def __init__(self, url: str) -> None:
        self._url = url

    async def __aenter__(self) -> asyncpg.Connection:
        self._connection = await asyncpg.connect(self._url)
        await self._connection.execute(SETTINGS)
        await self._connection.execute("begin isolation level repeatable read read only")
        return self._connection

    async def __aexit__(self, *_: object) -> None:
        await self._connection.close()


def _schema(of: str, service: str) -> str:
    try:
        return schema_of(of, service) if of else service
    except ValueError as error:
        raise CliError(str(error), f"--of or --compare {of}", "give the name that `rebuild --into` was given") from None


def _told(found: Rebuilt) -> dict[str, Any]:
    return {
        "schemas": found.schemas, "events": found.events, "seconds": round(found.seconds, 2),
        "read_seconds": round(found.read_seconds, 2), "events_per_second": round(found.per_second),
        "unreadable": found.unreadable, "calls_out": len(found.blocked), "blocked": found.blocked,
    }  # fmt: skip


def _hashes_told(hashes: list[ServiceHash]) -> dict[str, Any]:
    return {
        one.service: {
            "hash": one.hash,
            "tables": {table.table: {"rows": table.rows, "hash": table.hash} for table in one.tables},
        }
        for one in hashes
    }


def _compared_told(one: Compared) -> dict[str, Any]:
    sides = {side.schema: _hashes_told([side])[one.service] for side in (one.left, one.right)}
    listed = [
        {"table": row.table, "key": row.key, "columns": row.columns, "only_in": row.only or None}
        for row in one.differences
    ]
    return {"service": one.service, "equal": one.equal, "sides": sides, "differences": listed}


def _hashes_table(hashes: list[ServiceHash]) -> PlainTable:
    table = PlainTable("service", "table", "rows", "hash")
    for one in hashes:
        table.add_row(one.service, "all", str(sum(each.rows for each in one.tables)), one.hash)
        for each in one.tables:
            table.add_row("", each.table, str(each.rows), each.hash)
    return table


def _compared_table(sides: list[Compared], of: str, other: str) -> PlainTable:
    table = PlainTable("service", "table", of or "live", other, "")
    for one in sides:
        rows = {each.table: each for each in one.right.tables}
        for each in one.left.tables:
            same = "same" if each == rows[each.table] else "DIFFERS"
            table.add_row(one.service, each.table, f"{each.rows} rows", f"{rows[each.table].rows} rows", same)
    return table
