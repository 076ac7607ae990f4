"""`suppress list|add|remove`: who is held back, for what reason, until when. What a reason means is the policy's."""

from datetime import datetime
from typing import Annotated, Any

import typer

from cli.client import Api
from cli.console import PlainTable, out, print_json
from cli.crm_import.resolve import Resolver, has_ended
from cli.errors import CliError
from cli.options import Actor, AsJson, Data, record_of
from cli.records import all_records, aware, create, set_fields
from libs.policy.suppression import Reason
from libs.runtime import clock
from services.crm.domain.natural import natural_key
from services.crm.domain.suppression import MATCHED_BY

app = typer.Typer(help="Who is held back: list, add, remove.", no_args_is_help=True)
Email = Annotated[str, typer.Option(help="Everybody with this address.")]
Domain = Annotated[str, typer.Option(help="Everybody of this domain.")]
Company = Annotated[str, typer.Option(help="This company of the CRM, by name or domain.")]
Named = Annotated[str, typer.Option("--record", metavar="TYPE:ID", help="This contact or company.")]
For = Annotated[Reason, typer.Option("--for", help="One of the suppression matrix's reasons.")]
Until = Annotated[
    datetime | None,
    typer.Option("--until", help="Holds so long; UTC when no offset is given; default: without an end."),
]
Why = Annotated[str, typer.Option("--why", help="Why; it stands in the audit log.")]
DryRun = Annotated[bool, typer.Option("--dry-run", help="Only say what would change.")]


@app.command("list")
def list_entries(
    data: Data,
    ended: Annotated[bool, typer.Option("--all", help="Those that hold nobody back any more, too.")] = False,
    as_json: AsJson = False,
) -> None:
    """List the entries."""
    with Api.of(data) as api:
        held = [one for one in all_records(api, "suppression") if ended or not has_ended(one)]
    if as_json:
        print_json(held)
        return
    table = PlainTable(title=f"{len(held)} entries", title_justify="left")
    for name in ("held back", "for", "until", "by", "since"):
        table.add_column(name)
    for one in sorted(held, key=lambda each: (str(each["fields"].get("reason")), _who(each))):
        meta = one["meta"].get("reason") or {}
        by = f"{meta['actor']['kind']} {meta['actor']['id']}" if meta else "–"
        gone = " (ended)" if has_ended(one) else ""
        until = str(one["fields"].get("until") or "–")[:16]
        table.add_row(_who(one) + gone, str(one["fields"].get("reason")), until, by, str(meta.get("at", "–"))[:16])
    out.print(table)


@app.command()
def add(
    data: Data,
    reason: For,
    why: Why,
    email: Email = "",
    domain: Domain = "",
    company: Company = "",
    record: Named = "",
    until: Until = None,
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Hold somebody back from now on. Said again, it holds as it was said last."""
    end = aware(until)
    if end is not None and end <= clock.now():
        raise CliError("that is over already", "--until", "give a time to come, or leave it out")
    holds = {"active": True, "until": end.isoformat() if end else None}
    with Api.of(data, actor) as api:
        named = _named(api, email, domain, company, record)
        found = _saying(api, reason, named)
        if found:
            set_fields(api, "suppression", found[0], holds, why, dry_run=dry_run)
        else:
            told = {name: value for name, value in holds.items() if value is not None}
            create(api, "suppression", {**named, "reason": reason.value, **told}, why, dry_run=dry_run)


@app.command()
def remove(
    data: Data,
    reason: For,
    why: Why,
    email: Email = "",
    domain: Domain = "",
    company: Company = "",
    record: Named = "",
    actor: Actor = "cli",
    dry_run: DryRun = False,
) -> None:
    """Hold them back no more. The entry stays, and says who ended it and why."""
    with Api.of(data, actor) as api:
        named = _named(api, email, domain, company, record)
        found = _saying(api, reason, named)
        if not found:
            raise _nobody(api, reason, named)
        holding = [one for one in found if not has_ended(one)]
        for one in holding or found[:1]:
            set_fields(api, "suppression", one, {"active": False}, why, dry_run=dry_run)


def _named(api: Api, email: str, domain: str, company: str, record: str) -> dict[str, Any]:
    """Whom an entry names. Raises CliError unless it is one, that the CRM knows where it is a company's name."""
    given = {"email": email.strip().casefold(), "domain": domain.strip().casefold(), "record_id": record, "": company}
    if sum(1 for text in given.values() if text) != 1:
        raise CliError("say who is held back", "suppress", "give one of --email, --domain, --company and --record")
    if record:
        return {"record_id": record_of(record).id}
    if company:
        return {"record_id": _company(api, company)}
    return {name: text for name, text in given.items() if text}


def _company(api: Api, text: str) -> str:
    found = Resolver(api).company(text)
    if not found:
        why = f"the CRM has no company {text!r}, or several"
        raise CliError(why, "--company", "give its domain, or --record company:ID")
    return found


def _saying(api: Api, reason: Reason, named: dict[str, Any]) -> list[dict[str, Any]]:
    """The entries that say the same, those that hold first: tables and other programs may have made several."""
    key = natural_key("suppression", {**named, "reason": reason.value})
    held = [one for one in all_records(api, "suppression") if natural_key("suppression", one["fields"]) == key]
    return sorted(held, key=lambda one: (has_ended(one), one["id"]))


def _nobody(api: Api, reason: Reason, named: dict[str, Any]) -> CliError:
    """What is there instead: the same name held back for other reasons, or an entry that names others, too."""
    ((field, value),) = named.items()
    near = [
        one
        for one in all_records(api, "suppression")
        if str(one["fields"].get(field, "")).casefold() == value.casefold()
    ]
    told = "; ".join(f"{_who(one)} for {one['fields'].get('reason')} (suppression:{one['id']})" for one in near[:5])
    return CliError(
        f"nobody is held back as {value} alone for {reason.value}",
        "suppress remove",
        f"there is: {told}" if near else "look: suppress list",
    )


def _who(one: dict[str, Any]) -> str:
    return " · ".join(str(one["fields"][name]) for name in MATCHED_BY if one["fields"].get(name)) or "nobody"
