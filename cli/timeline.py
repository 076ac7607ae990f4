"""`timeline`: every audited move of a record or of one of its fields, in order."""

from typing import Annotated, Any

import typer
from rich.table import Table

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.journey import change_row
from cli.options import AsJson, Data, record_of


def timeline(
    record: Annotated[str, typer.Argument(metavar="TYPE:ID", help="The record, such as lead:1f0c…")],
    data: Data,
    field: Annotated[str | None, typer.Option("--field", help="One field only.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 200,
    as_json: AsJson = False,
) -> None:
    """Show what happened to a record, move by move."""
    named = record_of(record)
    with Api.of(data) as api:
        moves = api.get("audit", f"/api/records/{named.type}/{named.id}/timeline", field=field, limit=limit)["items"]
    if as_json:
        print_json(moves)
    else:
        out.print(timeline_table(moves))


def timeline_table(moves: list[dict[str, Any]]) -> Table:
    """Moves as the audit service tells them, one a row."""
    table = PlainTable()
    for name in ("at", "record", "field", "old", "new", "by", "confidence", "status"):
        table.add_column(name)
    for move in moves:
        table.add_row(move["change"]["at"][:19].replace("T", " "), *change_row(move["change"]))
    return table
