"""`access grant|revoke|list|history|shown`: who may see and do what, and who was shown whose personal data."""

from datetime import datetime
from typing import Annotated, Any
from urllib.parse import quote

import typer

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import Actor, AsJson, Data, record_of
from cli.records import aware
from libs.policy.fields import Role

app = typer.Typer(help="Who may see and do what: grant, revoke, list, history, shown.", no_args_is_help=True)
Person = Annotated[str, typer.Argument(metavar="NAME", help="The person, as the audit log shall call them.")]
Reason = Annotated[str, typer.Option("--reason", help="Why; it is kept.")]


@app.command()
def grant(
    person: Person,
    data: Data,
    role: Annotated[Role, typer.Option(help="What they are; docs/access.md says what each may do.")],
    reason: Reason,
    queue: Annotated[list[str] | None, typer.Option(help="Only leads of this queue; may be given again.")] = None,
    member: Annotated[str | None, typer.Option(help="The id of the CRM member that they are; a rep is one.")] = None,
    until: Annotated[datetime | None, typer.Option(help="It ends then; UTC when no offset is given.")] = None,
    keep_tokens: Annotated[bool, typer.Option(help="Tokens that they have go on to work; no new one is made.")] = False,
    actor: Actor = "cli",
) -> None:
    """Give somebody a role, in the place of any they had, and print their new token. It is shown this once."""
    end = aware(until)
    asked = {"role": role, "reason": reason, "queues": queue or [], "member": member, "keep_tokens": keep_tokens,
             "until": end.isoformat() if end else None}  # fmt: skip
    with Api.of(data, actor) as api:
        answer = api.post("audit", f"/api/access/{quote(person, safe='')}/grant", asked)
    out.print(f"{person} is {role} now", markup=False)
    if answer["token"]:
        out.print(answer["token"], markup=False, soft_wrap=True)
        out.print("Give it to them alone. Commands take it from SIGNALBOX_TOKEN, HTTP as `Authorization: Bearer …`.")


@app.command()
def revoke(person: Person, data: Data, reason: Reason, actor: Actor = "cli") -> None:
    """Take everything from somebody, at once. Tokens that they have are void for good."""
    with Api.of(data, actor) as api:
        api.post("audit", f"/api/access/{quote(person, safe='')}/revoke", {"reason": reason})
    out.print(f"{person} may do nothing any more", markup=False)


@app.command("list")
def list_people(data: Data, as_json: AsJson = False) -> None:
    """List what everybody may do now."""
    newest: dict[str, dict[str, Any]] = {}
    with Api.of(data) as api:
        for one in api.get("audit", "/api/access/grants")["items"]:
            newest.setdefault(one["person"], one)
    rows = [one for one in newest.values() if one["role"] is not None]
    _print(rows, f"{len(rows)} people", as_json)


@app.command()
def history(data: Data, person: Annotated[str, typer.Argument(metavar="[NAME]")] = "", as_json: AsJson = False) -> None:
    """Show every grant and revocation, the newest first."""
    with Api.of(data) as api:
        rows = api.get("audit", "/api/access/grants", person=person)["items"]
    _print(rows, f"{len(rows)} grants and revocations", as_json)


@app.command()
def shown(
    data: Data,
    record: Annotated[str, typer.Option(metavar="TYPE:ID", help="Who was shown this record.")] = "",
    person: Annotated[str, typer.Option(help="What this person was shown.")] = "",
    since: Annotated[datetime | None, typer.Option(help="From then on; UTC when no offset is given.")] = None,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1)] = 100,
    as_json: AsJson = False,
) -> None:
    """Show who was shown whose personal data, the newest first."""
    named, start = record_of(record) if record else None, aware(since)
    found: list[dict[str, Any]] = []
    with Api.of(data) as api:
        before: str | None = ""
        while before is not None and len(found) < limit:
            page = api.get(
                "audit", "/api/accesses", record_type=named and named.type, record_id=named and named.id, person=person,
                since=start and start.isoformat(), limit=min(limit - len(found), 1000), before=before,
            )  # fmt: skip
            found += page["items"]
            before = page["next"]
    if as_json:
        print_json(found)
        return
    if not found:
        raise CliError(
            "nobody was shown that", "access shown", "check the id with `signalbox lead ID`; try without --since"
        )
    table = PlainTable(title=f"{len(found)} answers with personal data", title_justify="left")
    for name in ("at", "person", "role", "asked", "records"):
        table.add_column(name)
    for one in found:
        listed = one["records"]
        told = ", ".join(listed[:2]) + (f" and {len(listed) - 2} more" if len(listed) > 2 else "")
        table.add_row(
            one["at"][:19].replace("T", " "), one["person"], one["role"], f"{one['service']} {one['route']}", told
        )
    out.print(table)


def _print(rows: list[dict[str, Any]], title: str, as_json: bool) -> None:
    if as_json:
        print_json(rows)
        return
    table = PlainTable(title=title, title_justify="left")
    for name in ("person", "role", "queues", "member", "since", "until", "by", "reason"):
        table.add_column(name)
    for one in rows:
        since, until = str(one["valid_from"])[:16].replace("T", " "), str(one["until"] or "–")[:16].replace("T", " ")
        queues = ", ".join(one["queues"]) or "all"
        table.add_row(
            one["person"],
            one["role"] or "nothing",
            queues,
            one["member"] or "–",
            since,
            until,
            one["by"],
            one["reason"],
        )
    out.print(table)
