"""`audit changes|diff|state|timeline`: questions to the audit log, by who, what and when, and as of any time."""

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from cli.client import Api
from cli.console import PlainTable, err, out, print_json, shown
from cli.errors import CliError
from cli.options import AsJson, Data, record_of, utc_of
from cli.timeline import timeline_table
from libs.runtime import clock

Record = Annotated[str, typer.Argument(metavar="TYPE:ID", help="The record, such as lead:1f0c…")]
When = Annotated[datetime | None, typer.Option("--as-of", help="As of this time (UTC); left out: now.")]
PAGE = 1_000


def changes(
    data: Data,
    record: Annotated[str | None, typer.Option("--record", metavar="TYPE:ID", help="Of one record.")] = None,
    record_type: Annotated[str | None, typer.Option("--type", help="Of records of one type.")] = None,
    field: Annotated[str | None, typer.Option("--field", help="Of one field.")] = None,
    lead: Annotated[str | None, typer.Option("--lead", help="Made for a lead, on whichever record.")] = None,
    workflow: Annotated[str | None, typer.Option("--workflow", help="NAME or NAME@VERSION.")] = None,
    model: Annotated[str | None, typer.Option("--model", help="By a model's version.")] = None,
    policy: Annotated[str | None, typer.Option("--policy", help="Under a policy's hash.")] = None,
    actor: Annotated[
        str | None, typer.Option("--actor", help="By a person, rule or model: ID, KIND: or KIND:ID.")
    ] = None,
    source: Annotated[str | None, typer.Option("--source", help="From a source: NAME, KIND: or KIND:NAME.")] = None,
    confidence_from: Annotated[float | None, typer.Option("--confidence-from", min=0, max=1)] = None,
    confidence_to: Annotated[float | None, typer.Option("--confidence-to", min=0, max=1)] = None,
    status: Annotated[str | None, typer.Option("--status", help="applied, queued, rejected, blocked, …")] = None,
    since: Annotated[datetime | None, typer.Option("--from", help="Decided at or after (UTC).")] = None,
    until: Annotated[datetime | None, typer.Option("--to", help="Decided at or before (UTC).")] = None,
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
        "record_type": record_type, "field": field, "lead_id": lead, "model_version": model, "policy_version": policy,
        "confidence_from": confidence_from, "confidence_to": confidence_to, "status": status, "rollback_id": rollback,
        "since": utc_of(since), "until": utc_of(until), "order": "oldest" if oldest else None,
        **_pair(workflow, "@", ("workflow", "workflow_version")), **_named(actor, "actor_kind", "actor_id"),
        **_named(source, "source_kind", "source_name"),
    }  # fmt: skip
    if record is not None:
        named = record_of(record)
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
    out.print(timeline_table(page["items"]))
    if page["next"]:
        out.print("There are more: raise --limit, narrow it, or write them all with --jsonl or --csv and --out.")


def diff(
    record: Record,
    data: Data,
    since: Annotated[datetime, typer.Option("--from", help="From this time on (UTC).")],
    until: Annotated[datetime | None, typer.Option("--to", help="Up to this time (UTC); left out: now.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show which fields of a record were set between two times, from what to what, and by whom."""
    named = record_of(record)
    asked = {"from": utc_of(since), "to": utc_of(until or clock.now())}
    with Api.of(data) as api:
        told = api.get("audit", f"/api/records/{named.type}/{named.id}/diff", **asked)
    if as_json:
        print_json(told)
        return
    table = PlainTable()
    for name in ("field", "at the first time", "at the second", "moves", "the last one by"):
        table.add_column(name)
    for one in told["fields"]:
        last = one["moves"][-1]["change"]
        new = shown(one["new"]) + (" (came back to it)" if one["differs"] is False else "")
        table.add_row(one["field"], shown(one["old"]), new, str(len(one["moves"])), _by(last))
    out.print(table if told["fields"] else "Nothing was set between them.")


def state(record: Record, data: Data, as_of: When = None, as_json: AsJson = False) -> None:
    """Show a record's fields as the log has them, now or as of any time."""
    named = record_of(record)
    with Api.of(data) as api:
        told = api.get("audit", f"/api/records/{named.type}/{named.id}/state", as_of=utc_of(as_of))
    if as_json:
        print_json(told)
        return
    table = PlainTable()
    for name in ("field", "value", "since", "row"):
        table.add_column(name)
    for field, value in told["fields"].items():
        by = told["set_by"][field]
        table.add_row(field, shown(value), by["at"][:19].replace("T", " "), by["place"])
    out.print(table)


def timeline(
    record: Record,
    data: Data,
    field: Annotated[str | None, typer.Argument(help="One field only.")] = None,
    as_json: AsJson = False,
) -> None:
    """Show everything that happened to a record or one of its fields, in the order in which it did."""
    named = record_of(record)
    path = f"/api/records/{named.type}/{named.id}/timeline"
    moves: list[dict[str, Any]] = []
    after: str | None = ""
    with Api.of(data) as api:
        while after is not None:
            page = api.get("audit", path, limit=PAGE, after=after, **({} if field is None else {"field": field}))
            moves += page["items"]
            after = page["next"]
    if as_json:
        print_json(moves)
        return
    found: Table | str = timeline_table(moves) if moves else "The log knows nothing of it."
    out.print(found)


def _by(change: Mapping[str, Any]) -> str:
    return f"{change['actor']['kind']} {change['actor']['id']} ({change['workflow']['name']})"


def _pair(text: str | None, mark: str, names: tuple[str, str]) -> dict[str, str | None]:
    first, _, second = (text or "").partition(mark)
    return {names[0]: first or None, names[1]: second or None}


def _named(text: str | None, kind: str, name: str) -> dict[str, str | None]:
    """KIND:NAME, KIND: or NAME alone."""
    return _pair(text, ":", (kind, name)) if text and ":" in text else {name: text}
