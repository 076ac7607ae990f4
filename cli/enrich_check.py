"""`enrich check`: hold every enriched value against the evidence that it names."""

from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer
from pydantic import JsonValue

from cli.client import Api, running
from cli.console import PlainTable, out, print_json, shown
from cli.enrich_evidence import Checked, Places, checked
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.score.history import on_kafka
from libs.contracts.codec import decode
from libs.contracts.events import Event
from libs.contracts.lead import Lead
from libs.contracts.topics import LEAD_DEDUPED, LEAD_ENRICHED, RECORD_CHANGED, Topic
from libs.identity.domains import company_domain, site_domain
from libs.runtime.cluster import read_opened

DIRECTORY = "company_directory"


def check(
    data: Data,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Look at so many leads, the newest.")] = 100_000,
    as_json: AsJson = False,
) -> None:
    """Hold every enriched value of the leads against its evidence; exit 1, with each fault, when one does not hold.

    A quote has to stand in the submitted field, the record or the directory's row that it names. Pages and APIs are not
    fetched again: their quotes are counted as not read.
    """
    stack = running(data)
    versions: dict[str, list[Lead]] = {}
    for lead in (event.lead for event in _events(stack.kafka, LEAD_ENRICHED)):
        versions.setdefault(lead.lead_id, []).append(lead)
    if not versions:
        raise CliError("no lead was enriched yet", LEAD_ENRICHED.name, "send some first: ./signalbox send")
    chosen = {lead_id: sorted(versions[lead_id], key=lambda one: one.version) for lead_id in list(versions)[-limit:]}
    said = said_of(event.lead for event in _events(stack.kafka, LEAD_DEDUPED) if event.lead.lead_id in chosen)
    found = checked(chosen, Places(said, _records(stack.kafka), _directory(data, chosen.values())))
    if as_json:
        print_json(_plain(found))
    else:
        _show(found)
    if found.faults:
        raise typer.Exit(1)


def said_of(leads: Iterable[Lead]) -> dict[tuple[str, str], list[str]]:
    """By lead and field, every text that the lead held before it was enriched."""
    said: dict[tuple[str, str], list[str]] = {}
    for lead in leads:
        said.setdefault((lead.lead_id, "kind"), []).append(lead.kind)
        for name, held in lead.fields.items():
            said.setdefault((lead.lead_id, name), []).append(str(held.value))
    return said


def _events(kafka: str, topic: Topic[Any]) -> list[Any]:
    async def read() -> list[Event]:
        return [
            decode(topic, record.value, record.headers)
            async for record in read_opened(kafka, [topic.name])
            if record.value is not None
        ]

    return on_kafka(kafka, read())


def _records(kafka: str) -> dict[str, list[dict[str, JsonValue]]]:
    held: dict[str, list[dict[str, JsonValue]]] = {}
    for event in _events(kafka, RECORD_CHANGED):
        if event.fields is not None:
            held.setdefault(f"{event.record.type}/{event.record.id}", []).append(event.fields)
    return held


def _directory(data: Path, versions: Iterable[list[Lead]]) -> dict[str, dict[str, JsonValue]]:
    """The directory's rows that leads were told of, by their place."""
    domains: set[str] = set()
    names: set[str] = set()
    for lead in (lead for leads in versions for lead in leads):
        if any(one.provider == DIRECTORY and one.outcome == "found" for one in lead.answers):
            texts = (company_domain(lead.text("email")), site_domain(lead.text("website")), lead.text("domain"))
            domains |= {one for one in texts if one}
            names |= {lead.text("company")} - {""}
    rows: dict[str, dict[str, JsonValue]] = {}
    if domains or names:
        with Api.of(data) as api:
            for asked in [{"domain": one} for one in sorted(domains)] + [{"name": one} for one in sorted(names)]:
                rows |= {row["where"]: row["fields"] for row in api.get("enrich", "/api/companies", **asked)["rows"]}
    return rows


def _show(found: Checked) -> None:
    table = PlainTable("provider", "field", "found", "nothing", "late or away")
    for provider, field in sorted({(provider, field) for provider, field, _ in found.outcomes}):
        count = {
            outcome: found.outcomes[provider, field, outcome]
            for outcome in ("found", "nothing", "timed_out", "unavailable")
        }
        late = count["timed_out"] + count["unavailable"]
        table.add_row(provider, field, str(count["found"] or ""), str(count["nothing"] or ""), str(late or ""))
    out.print(table)
    for kind, number in found.not_read.items():
        out.print(f"{number:,} quotes of {kind} addresses were not read again")
    if found.faults:
        faults = PlainTable("lead", "provider", "field", "quote", "where", "fault")
        for one in found.faults[:50]:
            faults.add_row(one.lead_id, one.provider, one.field, shown(one.quote, 40), one.where, one.reason)
        out.print(faults)
    out.print(f"{found.leads:,} leads, {sum(found.outcomes.values()):,} answers, {len(found.faults):,} faults")


def _plain(found: Checked) -> dict[str, Any]:
    outcomes = [
        {"provider": p, "field": f, "outcome": o, "count": n} for (p, f, o), n in sorted(found.outcomes.items())
    ]
    faults = [{name: getattr(one, name) for name in one.__slots__} for one in found.faults]
    return {"leads": found.leads, "answers": outcomes, "not_read": dict(found.not_read), "faults": faults}
