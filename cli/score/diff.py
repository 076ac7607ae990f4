"""`score diff`: what another points table would have given to the leads that came."""

from collections import Counter
from dataclasses import dataclass
from typing import Annotated

import typer
from rich.text import Text

from cli.client import running
from cli.console import ID_WIDTH, PlainTable, err, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.policies import policy_named, published_policies
from cli.score.history import on_kafka, routed_leads
from libs.contracts.lead import Lead, Score
from libs.policy.scoring import Scoring
from services.score.domain.points import score_lead

SHOW_EVERY = 5_000


@dataclass(frozen=True, slots=True)
class Moved:
    """One lead under both policies."""

    lead_id: str
    version: int
    before: int | None
    after: int | None
    band_before: str
    band_after: str
    rows: tuple[tuple[str, int], ...]
    """By row: by how many points it counts more or less; risk is negative."""

    @property
    def height(self) -> int:
        """How far the priority moved; a score that comes or goes moves furthest."""
        return 10_000 if (self.before is None) != (self.after is None) else abs((self.after or 0) - (self.before or 0))


def diff(
    policy_a: Annotated[
        str, typer.Argument(help="A policy folder, `published`, or the beginning of a published hash.")
    ],
    policy_b: Annotated[str, typer.Argument(help="The other one.")],
    data: Data,
    limit: Annotated[int, typer.Option("--limit", min=0, help="How many of the moved leads are listed.")] = 20,
    as_json: AsJson = False,
) -> None:
    """Score all leads of the history by both policies: bands before and after, and the leads that move most.

    Nothing is changed. A lead counts with its newest version and with what was known of it then.
    """
    kafka = running(data).kafka
    published = on_kafka(kafka, published_policies(kafka))
    one, other = policy_named(policy_a, published).scoring, policy_named(policy_b, published).scoring
    found = on_kafka(kafka, history_compared(kafka, one, other))
    if not found:
        raise CliError("there is no routed lead yet", "lead.routed.v1", "send some first: ./signalbox send")
    moved = sorted((one for one in found.values() if one.rows or one.before != one.after), key=lambda one: -one.height)
    if as_json:
        print_json({"leads": len(found), "moved": [_row(one) for one in moved]})
        return
    out.print(_bands(list(found.values()), one, other))
    out.print(f"{len(moved):,} of {len(found):,} leads get other points")
    if moved:
        out.print(_rows(moved))
        out.print(_list(moved[:limit]))


async def history_compared(kafka: str, one: Scoring, other: Scoring) -> dict[str, Moved]:
    """Every routed lead's newest version by both tables, by lead id."""
    found: dict[str, Moved] = {}
    read = 0
    async for lead, _ in routed_leads(kafka):
        read += 1
        if read % SHOW_EVERY == 0:
            err.print(f"  {read:,} routed leads are read")
        held = found.get(lead.lead_id)
        if held is None or lead.version >= held.version:
            found[lead.lead_id] = compared(lead, one, other)
    return found


def compared(lead: Lead, one: Scoring, other: Scoring) -> Moved:
    """A lead's score by each of two tables."""
    before, after = score_lead(lead, one), score_lead(lead, other)
    rows = _signed(after)
    rows.subtract(_signed(before))
    changed = tuple(sorted((name, points) for name, points in rows.items() if points))
    return Moved(
        lead.lead_id, lead.version, before.priority, after.priority,
        one.band_of(before.priority), other.band_of(after.priority), changed,
    )  # fmt: skip


def _signed(score: Score) -> Counter[str]:
    return Counter({part.rule: -part.points if part.group == "risk" else part.points for part in score.parts})


def _bands(found: list[Moved], one: Scoring, other: Scoring) -> PlainTable:
    names = [*dict.fromkeys(band.name for scoring in (one, other) for band in scoring.bands), "none", "not_enough_data"]
    counts = Counter((moved.band_before, moved.band_after) for moved in found)
    used = [name for name in names if any(name in pair for pair in counts)]
    table = PlainTable("before \\ after", *used, title="leads by band", title_justify="left")
    for name in used:
        cells = (Text(str(counts[name, after] or ""), style="bold" if after == name else "") for after in used)
        table.add_row(name, *cells)
    return table


def _rows(moved: list[Moved]) -> PlainTable:
    points: Counter[str] = Counter()
    leads: Counter[str] = Counter()
    for one in moved:
        for name, change in one.rows:
            points[name] += change
            leads[name] += 1
    table = PlainTable("row", "leads", "points in all", title="what moves them", title_justify="left")
    for name, count in leads.most_common(15):
        table.add_row(name, str(count), f"{points[name]:+d}")
    return table


def _list(moved: list[Moved]) -> PlainTable:
    table = PlainTable("lead", "before", "after", "rows", title="the leads that move most", title_justify="left")
    table.columns[0].min_width = ID_WIDTH
    for one in moved:
        rows = ", ".join(f"{name} {points:+d}" for name, points in one.rows)
        table.add_row(one.lead_id, _told(one.before, one.band_before), _told(one.after, one.band_after), rows)
    return table


def _told(priority: int | None, band: str) -> str:
    return "not enough data" if priority is None else f"{priority} ({band})"


def _row(one: Moved) -> dict[str, object]:
    return {
        "lead_id": one.lead_id, "version": one.version, "before": one.before, "after": one.after,
        "band_before": one.band_before, "band_after": one.band_after, "rows": dict(one.rows),
    }  # fmt: skip
