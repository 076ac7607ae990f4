"""`record`: a record's current values, and where each came from."""

from typing import Annotated

import typer

from cli.client import Api
from cli.console import PlainTable, out, print_json, shown
from cli.options import AsJson, Data, record_of


def record(
    record: Annotated[str, typer.Argument(metavar="TYPE:ID", help="The record, such as company:1f0c…")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Show a CRM record with source, confidence and actor of every value."""
    named = record_of(record)
    with Api.of(data) as api:
        told = api.get("crm", f"/api/records/{named.type}/{named.id}")
    if as_json:
        print_json(told)
        return
    table = PlainTable(title=f"{named.type} {named.id}, version {told['version']}", title_justify="left")
    for name in ("field", "value", "source", "confidence", "by", "at"):
        table.add_column(name)
    for field, value in sorted(told["fields"].items()):
        meta = told["meta"].get(field)
        origin = (
            ("", "", "", "") if meta is None
            else (f"{meta['source']['kind']} {meta['source']['name']}", f"{meta['confidence']:.2f}",
                  f"{meta['actor']['kind']} {meta['actor']['id']}", meta["at"][:19])
        )  # fmt: skip
        lock = " (locked)" if field in told["locked"] else ""
        table.add_row(field + lock, shown(value), *origin)
    out.print(table)
