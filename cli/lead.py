"""`lead`: one lead's journey, from its bytes to its route."""

from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import err, out, print_json
from cli.journey import journey_of, member_names
from cli.options import AsJson, Data
from libs.contracts.ids import lead_id

Wanted = Annotated[
    str, typer.Argument(metavar="ID", help="The lead's id, or the submission's, as its receipt says it.")
]


def lead(wanted: Wanted, data: Data, as_json: AsJson = False) -> None:
    """Show a lead's journey: identity, labels with quotes, points, rules asked, changes and decisions."""
    with Api.of(data) as api:
        told = _journey(api, wanted)
        names = member_names(api)
    if as_json:
        print_json(told)
    else:
        out.print(journey_of(told, names, changes=1000))


def _journey(api: Api, wanted: str) -> Any:
    """The lead's journey; of a submission that of its first lead, and where the next one is."""
    for found in (api.find("audit", f"/api/leads/{wanted}"), api.find("audit", f"/api/leads/{lead_id(wanted, 0)}")):
        if found is not None:
            break
    else:
        return api.get("audit", f"/api/leads/{wanted}")  # says what is wrong
    if found["lead_id"] != wanted and api.find("audit", f"/api/leads/{lead_id(wanted, 1)}") is not None:
        err.print(f"the submission holds more leads, the next one is {lead_id(wanted, 1)}", markup=False)
    return found
