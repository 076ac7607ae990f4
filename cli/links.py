"""`link` and `unlink`: say that a lead is a known record's, or that it is not."""

from typing import Annotated

import typer

from cli.client import Api
from cli.console import out, shown
from cli.options import Actor, Data

Lead = Annotated[str, typer.Argument(help="The lead's id.")]
Record = Annotated[str, typer.Argument(help="The contact's or company's id.")]
Reason = Annotated[str, typer.Option("--reason", help="Why, for the audit log.")]


def link(lead_id: Lead, record_id: Record, data: Data, reason: Reason = "", actor: Actor = "cli") -> None:
    """Link a lead to a contact or company. The link can be cut again."""
    _told("link", lead_id, record_id, data, reason, actor)


def unlink(lead_id: Lead, record_id: Record, data: Data, reason: Reason = "", actor: Actor = "cli") -> None:
    """Cut a lead's link to a contact or company. It is not asked again before something new speaks for it."""
    _told("unlink", lead_id, record_id, data, reason, actor)


def _told(name: str, lead_id: str, record_id: str, data: Data, reason: str, actor: str) -> None:
    with Api.of(data, actor) as api:
        told = api.post("dedupe", f"/api/leads/{lead_id}/{name}", {"record_id": record_id, "reason": reason})
    out.print(f"{name}ed: {shown(told.get('answer'), 200)}", markup=False)
