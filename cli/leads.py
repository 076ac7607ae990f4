"""`leads mine|notices|accept|reject|touch|follow-up|give|comment`: a member's leads, and what they do with them."""

from typing import Annotated, Any

import typer
from rich.text import Text

from cli.client import Api
from cli.console import ID_WIDTH, PlainTable, out, print_json, shown
from cli.options import Actor, AsJson, Data

app = typer.Typer(
    help="A member's leads: mine, notices, accept, reject, touch, follow-up, give, comment.", no_args_is_help=True
)
LeadId = Annotated[str, typer.Argument(metavar="ID", help="The lead's id.")]
Member = Annotated[
    str, typer.Option("--member", "-m", help="For which member, by name or id; left out: the one whom --actor names.")
]
Reason = Annotated[str, typer.Option("--reason", "-r", help="Why; it stays on the lead and in the audit log.")]
_STYLE = {"overdue": "red", "offered": "yellow", "breached": "red", "escalated": "bold red", "moved": "yellow"}


@app.command()
def mine(
    member: Annotated[str, typer.Option("--member", "-m", help="The member, by name or id.")],
    data: Data,
    state: Annotated[
        str, typer.Option("--state", help="active, offered, accepted, overdue, met, waiting, gone or all.")
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
    if not page["items"]:
        out.print("no leads" if state == "all" else f"no {state} leads", markup=False)
        return
    more = ", there are more: raise --limit" if page["next"] else ""
    table = PlainTable(title=f"{len(page['items'])} {state}{more}", title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("who", "queue", "state", "clocks", "why"):
        table.add_column(name)
    for item in page["items"]:
        state_text = Text(item["state"], style=_STYLE.get(item["state"], ""))
        why = item["notes"][-1] if item["state"] == "gone" and item["notes"] else item["why"]
        clocks = clocks_line(item["clocks"])
        table.add_row(item["lead_id"], who_line(item), item["queue"] or "–", state_text, clocks, shown(why, 80))
    out.print(table)


def who_line(item: dict[str, Any]) -> str:
    """Whom a lead is from."""
    return " · ".join(shown(item[name], 24) for name in ("name", "company") if item[name]) or "–"


def standing(told: dict[str, Any]) -> str:
    """Where a lead is now, whose it is, and what its clocks leave."""
    owner, state = told["owner_name"], told["state"]
    whose = f"offered to {owner}" if state == "offered" else f"{owner}'s, {state}" if owner else state
    queue = f" in {told['queue']}" if told["queue"] else ""
    clocks = clocks_line(told["clocks"])
    return f"{who_line(told)}: {whose}{queue}" + ("" if clocks == "–" else f"; {clocks}")


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
    _act("reassign", lead_id, data, actor, told="give", owner=owner, reason=reason)


@app.command()
def notices(
    member: Annotated[str, typer.Option("--as", "--member", "-m", help="Whose, by name or id.")],
    data: Data,
    every: Annotated[bool, typer.Option("--all", help="Those that were read, too.")] = False,
    read: Annotated[bool, typer.Option("--read", help="Mark what is listed as read.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 50,
    actor: Actor = "cli",
    as_json: AsJson = False,
) -> None:
    """List what a member should hear, oldest first: offered, given, moved on, waiting, reminded, over, escalated."""
    with Api.of(data, actor) as api:
        page = api.get("router", "/api/notices", member=member, unread=not every, limit=limit)
        if read and page["items"]:
            upto = page["items"][-1]["number"]
            api.post("router", "/api/notices/read", {"member": page["member"], "upto": upto})
    if as_json:
        print_json(page)
        return
    more = ", there are more: raise --limit" if page["next"] else ""
    table = PlainTable(title=f"{len(page['items'])} notices{more}", title_justify="left")
    table.add_column("at")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("what", "told", "due"):
        table.add_column(name)
    for item in page["items"]:
        what = Text(item["kind"], style=_STYLE.get(item["kind"], ""))
        due = (item["due_at"] or "–")[:16]
        table.add_row(item["at"][:16], item["lead_id"], what, shown(item["text"], 100), due)
    out.print(table)


@app.command()
def comment(
    lead_id: LeadId,
    text: Annotated[str, typer.Argument(help="What is to be said.")],
    data: Data,
    actor: Actor = "cli",
) -> None:
    """Say what is right or wrong about a lead's score, summary or route: it is kept for those who tune them."""
    _act("comment", lead_id, data, actor, text=text)


def _act(name: str, lead_id: str, data: Data, actor: str, *, told: str = "", **said: Any) -> None:
    """Send what a person does, and say what became of the lead. Raises CliError when the router refuses it."""
    body = {key: value for key, value in said.items() if value is not None}
    with Api.of(data, actor) as api:
        answer = api.post("router", f"/api/leads/{lead_id}/{name}", body).get("answer") or {}
        now = api.find("router", f"/api/leads/{lead_id}/route")
    out.print(f"nothing changed: {answer['ignored']}" if "ignored" in answer else f"{told or name}: done", markup=False)
    if now is not None:
        out.print(standing(now), markup=False)
