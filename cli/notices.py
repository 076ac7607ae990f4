"""`notices deliveries|channels|test`: who was told what outside Signalbox, how channels fare, and whether one works."""

from typing import Annotated
from urllib.parse import quote

import typer
from rich.text import Text

from cli.client import Api
from cli.console import ID_WIDTH, PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import Actor, AsJson, Data

app = typer.Typer(
    help="Notices outside Signalbox: deliveries, channels, test. `leads notices` lists a member's own.",
    no_args_is_help=True,
)
_STYLE = {"sent": "green", "given_up": "red", "held": "yellow", "collected": "yellow"}


@app.command()
def deliveries(
    data: Data,
    lead: Annotated[str, typer.Option(help="Of this lead, by its id.")] = "",
    member: Annotated[str, typer.Option(help="To this member, by their id.")] = "",
    channel: Annotated[str, typer.Option(help="By this channel: email, slack, slack:ROOM, webhook:NAME.")] = "",
    state: Annotated[str, typer.Option(help="queued, held, collected, sent or given_up.")] = "",
    kind: Annotated[str, typer.Option(help="Of this kind: offered, given, breached, …")] = "",
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 50,
    as_json: AsJson = False,
) -> None:
    """List who was told what by which channel, and what became of it, the newest first: ids and outcomes, no words."""
    filters = {"lead": lead, "member": member, "channel": channel, "state": state, "kind": kind}
    with Api.of(data) as api:
        page = api.get(
            "notify", "/api/deliveries", limit=limit, **{name: value for name, value in filters.items() if value}
        )
    if as_json:
        print_json(page)
        return
    more = ", there are more: raise --limit" if page["next"] else ""
    table = PlainTable(title=f"{len(page['items'])} deliveries{more}", title_justify="left")
    table.add_column("at", no_wrap=True)
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("what", "to", "by", "state", "tries", "why or when"):
        table.add_column(name)
    for item in page["items"]:
        due = f"due {item['due_at'][:16]}" if item["state"] in ("held", "collected") and item["due_at"] else ""
        note = item["reason"] or item["answer"] or due or (item["error"] if item["state"] == "queued" else "") or ""
        table.add_row(
            item["at"][:19], item["lead_id"] or "–", item["kind"], item["recipient"] or "–", item["channel"],
            Text(item["state"], style=_STYLE.get(item["state"], "")), str(item["attempts"]), shown(note, 90),
        )  # fmt: skip
    out.print(table)


@app.command()
def channels(data: Data, as_json: AsJson = False) -> None:
    """List every channel that is set up or that the policy names, and how it fares."""
    with Api.of(data) as api:
        items = api.get("notify", "/api/channels")["items"]
    if as_json:
        print_json(items)
        return
    if not items:
        out.print("no channel is set up, and notices.yaml names none: docs/notices.md says how", markup=False)
        return
    table = PlainTable()
    for name in ("channel", "set up", "in the policy", "how it fares"):
        table.add_column(name)
    for item in items:
        fares = "well"
        if item["disabled_at"]:
            fares = f"switched off at {item['disabled_at'][:16]}: {item['disabled_for']}"
        elif item["failing_since"]:
            fares = f"nothing gets through since {item['failing_since'][:16]}"
        elif not item["set_up"]:
            fares = "add it to notify.json"
        table.add_row(item["channel"], "yes" if item["set_up"] else "no", "yes" if item["used"] else "no", fares)
    out.print(table)


@app.command("test")
def try_channel(
    channel: Annotated[str, typer.Argument(help="email, slack, slack:ROOM or webhook:NAME.")],
    data: Data,
    to: Annotated[str, typer.Option(help="For email an address, for slack a user's id.")] = "",
    actor: Actor = "cli",
) -> None:
    """Send a test by a channel now, and say what happened. One that gets through switches the channel on again."""
    with Api.of(data, actor) as api:
        told = api.post("notify", f"/api/channels/{quote(channel, safe='')}/test", {"to": to})
    if not told["sent"]:
        do = "it may pass by itself: try again" if told["again"] else "see docs/notices.md"
        raise CliError(f"nothing was sent: {told['message']}", f"notices test {channel}", do)
    out.print(f"sent by {channel}: {told['message']}", markup=False)
