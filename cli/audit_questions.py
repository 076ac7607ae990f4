"""`audit changes|diff|state`: questions to the audit log, by who, what and when, and as of any time."""

from pathlib import Path
from typing import Annotated, Any

import typer

from cli.client import Api, running
from cli.console import PlainTable, err, out, print_json, shown
from cli.errors import CliError
from cli.moments import moment
from cli.options import AsJson, AsOf, Data, path_of, record_of
from cli.policies import publication_named, published_policies
from cli.score.history import on_kafka
from cli.timeline import at_second, by_whom, changes_table

Record = Annotated[str, typer.Argument(metavar="TYPE:ID", help="The record, such as lead:1f0c…")]
From = typer.Option(
    "--from", metavar="TIME", help="Decided at or after (UTC): 2026-11-23, '2026-11-23 14:05', 2h, 7d, today."
)
To = typer.Option("--to", metavar="TIME", help="Decided at or before (UTC); a day: its end.")
NOTHING = "No change fits. Leave a condition out, or see with `audit changes --json -n 3` how things are named."
WHOLE_HASH = 64


def changes(
    data: Data,
    record: Annotated[str | None, typer.Option("--record", metavar="TYPE:ID", help="Of one record.")] = None,
    record_type: Annotated[str | None, typer.Option("--type", help="Of records of one type.")] = None,
    field: Annotated[str | None, typer.Option("--field", help="Of one field.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Made for a lead, on whichever record.")] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="NAME or NAME@VERSION.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="By a model's version.")] = None,
    policy: Annotated[
        str | None, typer.Option("--policy", help="Under a policy: its hash, 6 characters of it, or `newest`.")
    ] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", help="By a person, rule or model: ID, KIND: or KIND:ID.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="From a source: NAME, KIND: or KIND:NAME.")] = None,
    confidence_from: Annotated[float | None, typer.Option("--confidence-from", min=0, max=1)] = None,
    confidence_to: Annotated[float | None, typer.Option("--confidence-to", min=0, max=1)] = None,
    status: Annotated[str | None, typer.Option("--status", help="applied, queued, rejected, blocked, …")] = None,
    since: Annotated[str | None, From] = None,
    until: Annotated[str | None, To] = None,
    rollback: Annotated[str | None, typer.Option("--rollback", help="Made by a rollback.")] = None,
    oldest: Annotated[bool, typer.Option("--oldest", help="The oldest first.")] = False,
    limit: Annotated[int, typer.Option("--limit", "-n", min=1, help="Rows to show; a file is whole.")] = 50,
    as_csv: Annotated[bool, typer.Option("--csv", help="The whole answer as CSV, for a spreadsheet.")] = False,
    as_jsonl: Annotated[bool, typer.Option("--jsonl", help="The whole answer as JSON lines, for programs.")] = False,
    file: Annotated[Path | None, typer.Option("--out", help="Write it to this file.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show who or what changed what, and when; or write the whole answer as a file."""
    if as_csv and as_jsonl:
        raise CliError("a file is CSV or JSON lines", "--csv --jsonl", "leave one of them out")
    if file is not None and not (as_csv or as_jsonl):
        raise CliError("the form of the file is not said", "--out", "add --csv or --jsonl")
    asked: dict[str, Any] = {
        "record_type": record_type, "field": field, "lead_id": lead, "model_version": model,
        "policy_version": None if policy is None else _policy(data, policy),
        "confidence_from": confidence_from, "confidence_to": confidence_to, "status": status, "rollback_id": rollback,
        "since": moment(since, "--from"), "until": moment(until, "--to", is_end=True), "order": "oldest" if oldest else None,
        **_pair(workflow, "@", ("workflow", "workflow_version")), **_named(actor, "actor_kind", "actor_id"),
        **_named(source, "source_kind", "source_name"),
    }  # fmt: skip
    if record is not None:
        named = record_of(record)
        if record_type not in (None, named.type):
            raise CliError(f"{record} is no {record_type}", "--record --type", "leave --type out: --record says it")
        asked |= {"record_type": named.type, "record_id": named.id}
    asked = {name: value for name, value in asked.items() if value is not None}
    with Api.of(data) as api:
        if as_csv or as_jsonl:
            size = api.download("audit", "/api/changes/export", file, **asked, format="csv" if as_csv else "jsonl")
            err.print(f"{size:,} bytes{'' if file is None else f' in {file}'}", markup=False)
            return
        page = api.get("audit", "/api/changes", **asked, limit=limit)
    if as_json:
        print_json(page)
        return
    out.print(changes_table(page["items"]) if page["items"] else NOTHING, markup=False)
    if page["next"]:
        out.print("There are more: raise --limit, narrow it, or write them all with --jsonl or --csv and --out.")


def diff(
    record: Record,
    data: Data,
    since: Annotated[
        str, typer.Option("--from", metavar="TIME", help="From this time on (UTC): 2026-11-23, 2h, 7d, today.")
    ],
    until: Annotated[
        str, typer.Option("--to", metavar="TIME", help="Up to this time (UTC), a day to its end; left out: now.")
    ] = "now",
    as_json: AsJson = False,
) -> None:
    """Show which fields of a record were set between two times, from what to what, and by whom."""
    named = record_of(record)
    asked = {"from": moment(since, "--from"), "to": moment(until, "--to", is_end=True)}
    with Api.of(data) as api:
        told = api.get("audit", f"/api/records/{path_of(named)}/diff", **asked)
    if as_json:
        print_json(told)
        return
    first, second = at_second(told["from"]), at_second(told["to"])
    if not told["fields"]:
        out.print(f"Nothing of it was set after {first} and up to {second} (UTC).")
        return
    table = PlainTable()
    for name in ("field", f"at {first}", f"at {second}", "moves", "the last one by"):
        table.add_column(name)
    for one in told["fields"]:
        new = shown(one["new"]) + (" (the same again)" if one["differs"] is False else "")
        last = by_whom(one["moves"][-1]["change"])
        table.add_row(one["field"], shown(one["old"]), new, str(len(one["moves"])), last)
    out.print(table)


def state(record: Record, data: Data, as_of: AsOf = None, as_json: AsJson = False) -> None:
    """Show a record's fields as the log has them, now or as of any time."""
    named, at = record_of(record), moment(as_of, "--as-of", is_end=True)
    with Api.of(data) as api:
        told = api.get("audit", f"/api/records/{path_of(named)}/state", as_of=at)
    if as_json:
        print_json(told)
        return
    if not told["fields"]:
        out.print(f"No field of it holds anything{' at that time' if at else ''}; {told['moves']} moves were read.")
        return
    table = PlainTable()
    for name in ("field", "value", "since (UTC)", "by"):
        table.add_column(name)
    for field, value in told["fields"].items():
        by = told["set_by"][field]
        table.add_row(field, shown(value), at_second(by["at"]), by_whom(by))
    out.print(table)


def _policy(data: Path, name: str) -> str:
    """The hash that a name stands for. Raises CliError when no published policy is called so."""
    if len(name) == WHOLE_HASH:
        return name
    kafka = running(data).kafka
    return publication_named(name, on_kafka(kafka, published_policies(kafka))).policy_hash


def _pair(text: str | None, mark: str, names: tuple[str, str]) -> dict[str, str | None]:
    first, _, second = (text or "").partition(mark)
    return {names[0]: first or None, names[1]: second or None}


def _named(text: str | None, kind: str, name: str) -> dict[str, str | None]:
    """KIND:NAME, KIND: or NAME alone."""
    return _pair(text, ":", (kind, name)) if text and ":" in text else {name: text}
