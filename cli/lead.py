"""`lead`: one lead's journey, from its bytes to its route."""

from typing import Annotated

import typer

from cli.client import Api
from cli.console import out, print_json
from cli.journey import journey_of, member_names
from cli.options import AsJson, Data


def lead(lead_id: Annotated[str, typer.Argument(help="The lead's id.")], data: Data, as_json: AsJson = False) -> None:
    """Show a lead's journey: identity, labels with quotes, points, rules asked, changes and decisions."""
    with Api.of(data) as api:
        told = api.get("audit", f"/api/leads/{lead_id}")
        names = member_names(api)
    if as_json:
        print_json(told)
    else:
        out.print(journey_of(told, names, changes=1000))
