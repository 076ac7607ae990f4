"""`leads mine|accept|reject|touch|follow-up|give|comment`: a member's leads, and what they do with them."""

from typing import Annotated, Any

import typer
from rich.text import Text

from cli.client import Api
from cli.console import ID_WIDTH, PlainTable, out, print_json, shown
from cli.options import Actor, AsJson, Data

app = typer.Typer(help="A member's leads: mine, accept, reject, touch, follow-up, give, comment.", no_args_is_help=True)
LeadId = Annotated[str, typer.Argument(metavar="ID", help="The lead's id.")]
Member = Annotated[
    str, typer.Option("--member", "-m", help="For which member, by name or id; left out: the one whom --actor names.")
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it stays on the lead and in the audit log.")]
_STYLE = {"overdue": "red", "offered": "yellow"}


@app.command()
def mine(
    member: Annotated[str, typer.Option("--member", "-m", help="The member, by name or id.")],
    data: Data,
    state: Annotated[
        str, typer.Option("--state", help="active, offered, accepted, overdue, met, gone or all.")
    ] = "active",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """List a member's leads, those due first: why each came, where it stands, and the working minutes that are left."""
    with Api.of(data) as api:
        page = api.get("router", "/api/leads", member=member, state=state, limit=limit)
    if as_json:
        print_json(page)
        return
    more = ", there are more: raise --limit" if page["next"] else ""
    table = PlainTable(title=f"{len(page['items'])} {state}{more}", title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("who", "queue", "state", "clocks", "why"):
        table.add_column(name)
    for item in page["items"]:
        who = " · ".join(shown(item[name], 24) for name in ("name", "company") if item[name]) or "–"
        state_text = Text(item["state"], style=_STYLE.get(item["state"], ""))
        table.add_row(
            item["lead_id"], who, item["queue"] or "–", state_text, clocks_line(item["clocks"]), shown(item["why"], 60)
        )
    out.print(table)


def clocks_line(clocks: list[dict[str, Any]]) -> str:
    """The clocks that run, with the working minutes that are left of each; a breached one says by how many it is over."""
    told = [(one["clock"].replace("_", " "), one["minutes_left"]) for one in clocks if one["minutes_left"] is not None]
    return ", ".join(f"{name} {left} min" if left > 0 else f"{name} over by {-left} min" for name, left in told) or "–"


@app.command()
def accept(lead_id: LeadId, data: Data, member: Member = "", actor: Actor = "cli") -> None:
    """Take a lead that was offered. From then on only a person moves it."""
    _act("accept", lead_id, data, actor, member=member or None)


@app.command()
def reject(lead_id: LeadId, data: Data, reason: Reason, member: Member = "", actor: Actor = "cli") -> None:
    """Do not take a lead: the next of the pool gets it, or a person decides."""
    _act("reject", lead_id, data, actor, member=member or None, reason=reason)


@app.command()
def touch(lead_id: LeadId, data: Data, member: Member = "", actor: Actor = "cli") -> None:
    """Say that somebody spoke to the lead: first touch is met."""
    _act("touch", lead_id, data, actor, member=member or None)


@app.command(name="follow-up")
def follow_up(lead_id: LeadId, data: Data, member: Member = "", actor: Actor = "cli") -> None:
    """Say that somebody followed up."""
    _act("follow-up", lead_id, data, actor, member=member or None)


@app.command()
def give(
    lead_id: LeadId,
    owner: Annotated[str, typer.Argument(metavar="MEMBER", help="Who gets it, by name or id.")],
    data: Data,
    reason: Reason,
    actor: Actor = "cli",
) -> None:
    """Give a lead to a member. No clock is set back."""
    _act("reassign", lead_id, data, actor, owner=owner, reason=reason)


@app.command()
def comment(
    lead_id: LeadId,
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    data: Data,
    actor: Actor = "cli",
) -> None:
    """Say what is right or wrong about a lead's score, summary or route: it is kept for those who tune them."""
    _act("comment", lead_id, data, actor, text=text)


def _act(name: str, lead_id: str, data: Data, actor: str, **said: Any) -> None:
    body = {key: value for key, value in said.items() if value is not None}
    with Api.of(data, actor) as api:
        told = api.post("router", f"/api/leads/{lead_id}/{name}", body)
    out.print(f"{name}: {shown(told.get('answer'), 200)}", markup=False)
