"""`timeline`: every audited move of a record or of one of its fields, in order; and moves as tables."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.client import Api
from cli.console import PlainTable, out, print_json, shown
from cli.journey import change_row
from cli.options import AsJson, Data, path_of, record_of

PAGE = 1_000
UNKNOWN = "The log knows no move of it. `audit changes` shows what it knows; an id is written out in full there."


def timeline(
    record: Annotated[str, typer.Argument(metavar="TYPE:ID", help="The record, such as lead:1f0c…")],
    data: Data,
    named_field: Annotated[str | None, typer.Argument(metavar="[FIELD]", help="One field only.")] = None,
    field: Annotated[str | None, typer.Option("--field", help="The same.")] = None,
    limit: Annotated[int | None, typer.Option("--limit", "-n", min=1, help="At most so many; left out: all.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show everything that happened to a record or one of its fields, in the order in which it did."""
    named = record_of(record)
    asked = {"field": named_field or field} if named_field or field else {}
    moves: list[dict[str, Any]] = []
    after: str | None = ""
    with Api.of(data) as api:
        while after is not None and (limit is None or len(moves) < limit):
            wanted = PAGE if limit is None else min(PAGE, limit - len(moves))
            page = api.get("audit", f"/api/records/{path_of(named)}/timeline", limit=wanted, after=after, **asked)
            moves += page["items"]
            after = page["next"]
    if as_json:
        print_json(moves)
        return
    out.print(history_table(moves) if moves else UNKNOWN, markup=False)
    if after is not None:
        out.print("There is more: raise --limit, or leave it out.")


def timeline_table(moves: list[dict[str, Any]]) -> Table:
    """Moves of one lead's records, as the audit service tells them, one a row."""
    table = _table("at", "record", "field", "old", "new", "by", "confidence", "status")
    for move in moves:
        table.add_row(at_second(move["change"]["at"]), *change_row(move["change"]))
    return table


def history_table(moves: Sequence[Mapping[str, Any]]) -> Table:
    """Moves of one record, one a row."""
    table = _table("at (UTC)", "field", "old", "new", "by", "sure", "status")
    for change in (move["change"] for move in moves):
        table.add_row(
            at_second(change["at"]), change["field"], shown(change["old"], 30), shown(change["new"], 40), by_whom(change),
            f"{change['confidence']:.2f}", change["status"],
        )  # fmt: skip
    return table


def changes_table(moves: Sequence[Mapping[str, Any]]) -> Table:
    """Moves of any records, one a row, each with the whole id of its record, to be copied."""
    table = _table("at (UTC)", "record", "what", "by", "sure", "status")
    for change in (move["change"] for move in moves):
        what = f"{change['field']}: {shown(change['old'], 24)} → {shown(change['new'], 40)}"
        table.add_row(
            at_second(change["at"]), f"{change['record']['type']}:\n{change['record']['id']}", what, by_whom(change),
            f"{change['confidence']:.2f}", change["status"],
        )  # fmt: skip
    table.columns[1].min_width = 36
    return table


def by_whom(change: Mapping[str, Any]) -> str:
    """Who or what made a change, and in which workflow."""
    return f"{change['actor']['kind']} {shown(change['actor']['id'], 24)} in {change['workflow']['name']}"


def at_second(at: str) -> str:
    """A time of the log, to the second."""
    return at[:19].replace("T", " ")


def _table(*names: str) -> Table:
    table = PlainTable()
    for name in names:
        table.add_column(name)
    return table
