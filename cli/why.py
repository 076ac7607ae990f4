"""`why`: why a field of a record holds its value, down to the raw bytes or a person's name."""

from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.client import Api
from cli.console import out, print_json, shown
from cli.moments import moment
from cli.options import AsJson, AsOf, Data, path_of, record_of


def why(
    record: Annotated[str, typer.Argument(metavar="TYPE:ID", help="The record, such as contact:1f0c…")],
    field: Annotated[str, typer.Argument(help="The field.")],
    data: Data,
    as_of: AsOf = None,
    as_json: AsJson = False,
) -> None:
    """Explain a value: value ← decision ← rule ← evidence ← raw bytes."""
    named, at = record_of(record), moment(as_of, "--as-of", is_end=True)
    with Api.of(data) as api:
        told: dict[str, Any] = api.get("audit", f"/api/why/{path_of(named)}/{quote(field, safe='')}", as_of=at)
    if as_json:
        print_json(told)
        return
    out.print(f"{record} {field} = {shown(told['value'], 200)}", markup=False)
    for step in told["steps"]:
        out.print(f"  ← {step['kind']}: {step['text']}", markup=False)
    if not told["explained"]:
        out.print(f"  (the log does not reach back to raw bytes or a person: {told['gap']})", markup=False)
