"""`up`: bring the whole stack up and print where everything is."""

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.console import PlainTable, err, out
from cli.errors import CliError
from cli.options import Data, PolicyFolder
from cli.ready.into_force import into_force
from cli.settings import CliSettings
from cli.stack import bring_up
from embedded.status import status
from libs.policy.load import read_files


def up(
    data: Data,
    policy: PolicyFolder,
    port_base: Annotated[int | None, typer.Option("--port-base", help="First port; default: free ones.")] = None,
    separate: Annotated[bool, typer.Option("--separate", help="Each stage of the line as its own process.")] = False,
) -> None:
    """Bring Kafka, PostgreSQL and every service up; a stack that is up already is changed only where it differs."""
    files = policy_files(policy)
    bring_up(
        data,
        files,
        author="cli",
        reason="up",
        port_base=port_base,
        separate=separate,
        on_progress=lambda line: err.print(f"  {line}"),
    )
    try:
        into_force(data, files, "cli", "up")
    except CliError as refusal:
        err.print(f"the launch mode stays as it is: {refusal}", markup=False)
    out.print(addresses_table(data))
    named = "" if data == CliSettings().data else f" --data {data}"
    out.print(
        f"Post a lead:  ./signalbox send FILE --source demo{named}      End it:  ./signalbox down{named}", markup=False
    )


def policy_files(folder: Path) -> dict[str, str]:
    """The policy's files. Raises CliError when the folder holds none."""
    try:
        files = read_files(folder)
    except (OSError, UnicodeDecodeError) as error:
        raise CliError(f"the policy can't be read: {error}", str(folder), "make it readable UTF-8") from None
    if not files:
        raise CliError("there is no policy", str(folder), "name a folder with the policy's *.yaml files with --policy")
    return files


def addresses_table(data: Path) -> Table:
    """Where each part of a running stack is."""
    seen = status(data)
    table = PlainTable(title=f"Signalbox is up (data: {data})", title_justify="left")
    table.add_column("part")
    table.add_column("address")
    if seen.addresses is not None:
        table.add_row("kafka", seen.addresses.kafka)
        table.add_row("postgres", seen.addresses.database_url.rpartition("@")[2])
    for process in seen.processes:
        if process.name not in ("kafka", "postgres"):
            address = f"http://127.0.0.1:{process.port}" if process.port else f"pid {process.pid}"
            table.add_row(process.name, address)
    table.add_row("API token", f"in {data / 'secrets.json'}")
    return table
