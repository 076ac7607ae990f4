"""`audit crawl`: every field of many leads and of the records changed for them, each followed to raw bytes or a name."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from cli.client import Api
from cli.console import PlainTable, err, out, print_json
from cli.options import AsJson, Data

CRM_TYPES = ("contact", "company", "opportunity", "activity", "task")
"""Records that crm holds the fields of."""
SETTLED = ("owner", "queue", "nurture")
"""Destinations whose queue and owner are fields of the lead, too; elsewhere it waits for a person, and holds neither yet."""
PAGE = 1_000
STEPS = ("value", "decision", "rule")
"""What every explanation goes through, beside its end."""


@dataclass
class Crawl:
    """What was found: how each field ends, and those that end nowhere."""

    leads: int = 0
    records: int = 0
    ends: Counter[str] = field(default_factory=Counter)
    quoted: int = 0
    """Fields whose chain holds a quote."""
    gaps: list[dict[str, str]] = field(default_factory=list)

    @property
    def fields(self) -> int:
        """How many fields were looked at."""
        return sum(self.ends.values()) + len(self.gaps)

    @property
    def share(self) -> float:
        """0-1 of the fields that are explained; none are when there is none."""
        return sum(self.ends.values()) / self.fields if self.fields else 0.0

    def as_json(self) -> dict[str, Any]:
        """All of it, as data."""
        return {
            "leads": self.leads, "records": self.records, "fields": self.fields, "explained_share": self.share,
            "ends": dict(self.ends), "quoted": self.quoted, "gaps": self.gaps,
        }  # fmt: skip


def crawl(
    data: Data,
    leads: Annotated[int, typer.Option("--leads", min=1, help="How many leads, the newest first.")] = 1_000,
    as_json: AsJson = False,
) -> None:
    """Explain every field of many leads and of the records changed for them; exit 1 when one ends at nothing."""
    with Api.of(data) as api:
        found = crawled(api, leads)
    if as_json:
        print_json(found.as_json())
    else:
        _show(found)
        if found.leads < leads:
            err.print(f"  the log knows of {found.leads:,} leads only, not of {leads:,}")
    if found.gaps or not found.fields:
        raise typer.Exit(1)


def crawled(api: Api, leads: int) -> Crawl:
    """What is found of so many leads, or of all when there are fewer, and of every record that was changed for them."""
    found, seen = Crawl(), set[tuple[str, str]]()
    names = list(_leads(api, leads))
    with _progress() as bars:
        task = bars.add_task("leads", total=len(names))
        for lead_id in names:
            found.leads += 1
            for record in _records(api, lead_id):
                if record not in seen:
                    seen.add(record)
                    _look(api, found, *record)
            bars.advance(task)
    return found


def _leads(api: Api, most: int) -> Iterator[str]:
    """The ids of leads, those that changed last first."""
    seen: set[str] = set()
    after: str | None = ""
    while after is not None and len(seen) < most:
        page = api.get("audit", "/api/changes", record_type="lead", limit=PAGE, after=after)
        for item in page["items"]:
            name = item["change"]["record"]["id"]
            if name not in seen and len(seen) < most:
                seen.add(name)
                yield name
        after = page["next"]


def _records(api: Api, lead_id: str) -> list[tuple[str, str]]:
    """The lead and all records that were changed for it."""
    records = {("lead", lead_id): None}
    after: str | None = ""
    while after is not None:
        page = api.get("audit", "/api/changes", lead_id=lead_id, status="applied", limit=PAGE, after=after)
        for item in page["items"]:
            held = item["change"]["record"]
            records[held["type"], held["id"]] = None
        after = page["next"]
    return list(records)


def _look(api: Api, found: Crawl, record_type: str, record_id: str) -> None:
    """Add every field of one record: those that the log explains, and those that the record holds and the log does not."""
    found.records += 1
    told = {one["field"]: one for one in api.get("audit", f"/api/why/{record_type}/{record_id}")["fields"]}
    for name in sorted({*told, *_held(api, record_type, record_id)}):
        gap = gap_of(told.get(name))
        if gap is None:
            kinds = {step["kind"] for step in told[name]["steps"]}
            found.ends["raw bytes" if "raw" in kinds else "a person"] += 1
            found.quoted += "evidence" in kinds
        else:
            found.gaps.append({"record": f"{record_type}:{record_id}", "field": name, "reason": gap})


def gap_of(why: dict[str, Any] | None) -> str | None:
    """What an explanation lacks; None when it is whole: the value, a decision, its rule, and raw bytes or a person."""
    if why is None:
        return "the record holds it, and no change in the log set it"
    if not why["explained"]:
        return str(why["gap"])
    kinds = {step["kind"] for step in why["steps"]}
    if lacking := [kind for kind in STEPS if kind not in kinds]:
        return f"the explanation has no {', '.join(lacking)}"
    for step in why["steps"]:
        if step["kind"] == "rule" and not step["detail"]["rule"]:
            return "no rule is named for the decision"
        if step["kind"] == "raw" and not all(
            step["detail"].get(name) not in (None, "") for name in ("topic", "partition", "offset", "sha256")
        ):
            return "where the raw bytes stand is not told"
    return None


def _held(api: Api, record_type: str, record_id: str) -> list[str]:
    """The fields that the record itself holds, as its owner tells: crm of its records, the newest routing of a lead."""
    if record_type not in ("lead", *CRM_TYPES):
        return []
    if record_type != "lead":
        known = api.find("crm", f"/api/records/{record_type}/{record_id}")
        return [] if known is None else [name for name, value in known["fields"].items() if value is not None]
    journey = api.find("audit", f"/api/leads/{record_id}")
    if journey is None or not journey["routes"]:
        return []
    newest = journey["routes"][-1]
    return sorted({*newest["fields"], *_routed(newest["route"])})


def _routed(route: dict[str, Any]) -> list[str]:
    """What a routing has made fields of the lead; an owner who was only offered it has not got it."""
    names = ("queue",) if route["offer"] else ("queue", "owner")
    return [name for name in names if route["destination"] in SETTLED and route[name]]


def _show(found: Crawl) -> None:
    ends = ", ".join(f"{count:,} at {name}" for name, count in sorted(found.ends.items()))
    out.print(
        f"{found.leads:,} leads and the records changed for them ({found.records:,} in all): {found.fields:,} fields, "
        f"{found.share:.2%} explained ({ends or 'none'}); {found.quoted:,} with a quote."
    )
    if not found.fields:
        out.print("There was nothing to explain.")
    if found.gaps:
        table = PlainTable()
        for name in ("record", "field", "not explained because"):
            table.add_column(name)
        for gap in found.gaps:
            table.add_row(gap["record"], gap["field"], gap["reason"])
        out.print(table)


def _progress() -> Progress:
    return Progress(TextColumn("  {task.description}"), BarColumn(), MofNCompleteColumn(), console=err, transient=True)
