"""`audit verify`: prove the log, row by row, against its hashes and against the topic."""

from collections.abc import Iterator
from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import out, print_json
from cli.options import AsJson, Data

app = typer.Typer(help="The audit log.", no_args_is_help=True)


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify(
    data: Data,
    topic: Annotated[
        bool, typer.Option("--topic/--no-topic", help="Also compare with the topic, record by record.")
    ] = True,
    as_json: AsJson = False,
) -> None:
    """Prove that nobody changed, removed or added a row; exit 1 with the first bad row of each chain."""
    with Api.of(data) as api:
        lines = list(verified(api, topic))
    result = lines[-1]
    if as_json:
        print_json(result)
    else:
        for line in lines:
            if line["kind"] in ("chain", "topic"):
                out.print(
                    f"  {line['kind']} {line['chain']}: " + ("whole" if line["ok"] else f"[red]{line['finding']}[/]")
                )
        out.print(verdict_of(result))
    if not result["ok"]:
        raise typer.Exit(1)


def verified(api: Api, topic: bool = True) -> Iterator[dict[str, Any]]:
    """The lines of a verification as they come; the last one is the result."""
    yield from api.lines("audit", "/api/verify", topic=str(topic).lower())


def verdict_of(result: dict[str, Any]) -> str:
    """The result in one line."""
    if result["ok"]:
        return f"[bold green]The audit log verifies:[/] {result['rows']} rows, every hash holds."
    return f"[bold red]The audit log does not verify:[/] {len(result['findings'])} findings."
