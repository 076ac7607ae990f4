"""`status`: what runs, on which port, how often it was restarted, and how much memory it takes."""

from dataclasses import asdict

import typer
from rich.table import Table

from cli.console import PlainTable, megabytes, out, print_json
from cli.options import AsJson, Data
from embedded.status import StackStatus
from embedded.status import status as stack_status


def status(data: Data, as_json: AsJson = False) -> None:
    """Show what runs; exit 1 when nothing does or a part is down."""
    seen = stack_status(data)
    if as_json:
        told = asdict(seen)
        if told["addresses"] is not None:
            told["addresses"]["database_url"] = told["addresses"]["database_url"].rpartition("@")[2]
        print_json(told)
    elif seen.processes:
        out.print(status_table(seen))
    else:
        out.print(f"nothing runs in {data}")
    if not seen.processes or not seen.all_running:
        raise typer.Exit(1)


def status_table(seen: StackStatus) -> Table:
    """The processes of a stack, one a row, with the sum of their memory."""
    table = PlainTable()
    for name in ("part", "state", "pid", "port", "restarts", "up for", "memory"):
        table.add_column(name, justify="left" if name in ("part", "state") else "right")
    for process in seen.processes:
        table.add_row(
            process.name,
            process.state,
            str(process.pid or "–"),
            str(process.port or "–"),
            str(process.restarts),
            f"{process.uptime_seconds:.0f} s",
            megabytes(process.rss_bytes),
        )
    table.add_section()
    table.add_row("all", "", "", "", "", "", megabytes(sum(process.rss_bytes for process in seen.processes)))
    return table
