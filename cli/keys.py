"""`keys`: which master keys wrap the subjects' keys, and wrapping them by the newest one."""

import asyncio
from collections.abc import Coroutine
from typing import Any, TypeVar

import asyncpg
import typer

from cli.client import running
from cli.console import PlainTable, err, out, print_json, say
from cli.errors import CliError
from cli.options import AsJson, Data
from libs.runtime.keyring import Wrapped, rewrap, wrapped_by
from libs.runtime.settings import RuntimeSettings

T = TypeVar("T")
keys_app = typer.Typer(help="The keys that people's data is sealed under: status, rewrap.", no_args_is_help=True)


@keys_app.command("status")
def keys_status(data: Data, as_json: AsJson = False) -> None:
    """How many keys each master key wraps, and whether it is at hand."""
    found = _run(wrapped_by(_settings(data)))
    if as_json:
        print_json([{"master_key": one.name, "keys": one.keys, "held": one.held} for one in found])
        return
    table = PlainTable("master key", "keys", "at hand")
    for one in found:
        table.add_row(one.name, f"{one.keys:,}", "yes" if one.held else "NO")
    out.print(table)
    if missing := [one for one in found if not one.held]:
        raise _missing(missing)


@keys_app.command("rewrap")
def keys_rewrap(data: Data) -> None:
    """Wrap by the first line of the master key what older ones wrapped; after it the older lines can go."""
    with err.status("wrapping keys") as shown:
        count = _run(rewrap(_settings(data), lambda done, total: shown.update(f"wrapping keys: {done:,} of {total:,}")))
    say(f"{count:,} keys wrapped anew: the older master keys are not needed any more, once every service was restarted")


def _settings(data: Data) -> RuntimeSettings:
    return running(data).kafka.settings


def _missing(found: list[Wrapped]) -> CliError:
    names = ", ".join(one.name for one in found)
    return CliError(
        "people's data can't be read", f"master key {names} is not at hand", "put it back into SIGNALBOX_MASTER_KEY"
    )


def _run(asked: Coroutine[Any, Any, T]) -> T:
    """The answer. Raises CliError that says what to do."""
    try:
        return asyncio.run(asked)
    except ValueError as error:
        raise CliError(str(error), "SIGNALBOX_MASTER_KEY", "see docs/erasure.md, Keys") from None
    except (OSError, asyncpg.PostgresError) as error:
        raise CliError(f"Postgres does not answer: {type(error).__name__}", "the schema keys", "is it up?") from None
