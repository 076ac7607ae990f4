"""`score explain`: every point of a lead's score, with its reason, its evidence, and what was not known."""

from collections.abc import Iterator
from typing import Annotated

import typer
from rich.console import Group, RenderableType
from rich.text import Text

from cli.client import running
from cli.console import PlainTable, out, print_json, shown
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.policies import policy_named, published_policies
from cli.score.history import on_kafka, routed_leads
from libs.contracts.ids import lead_id
from libs.contracts.lead import Lead, Score
from libs.policy.policy import Policy
from services.score.domain.points import rows_left_out


def explain(
    wanted: Annotated[str, typer.Argument(metavar="ID", help="The lead's id, or the submission's of its receipt.")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Explain a lead's newest score: each row that counted and each that did not, and what was not known."""
    kafka = running(data).kafka
    lead, published = on_kafka(kafka, newest_of(kafka, wanted)), on_kafka(kafka, published_policies(kafka))
    if lead is None or lead.score is None:
        raise CliError(
            f"no scored lead has the id {wanted}",
            LOOKED,
            "look for its id with `./signalbox triage list` or in the CRM",
        )
    policy = policy_named(lead.policy_hash, published)
    if as_json:
        print_json({"lead_id": lead.lead_id, "version": lead.version, "policy": lead.policy_hash,
                    "band": policy.scoring.band_of(lead.score.priority), **lead.score.model_dump(mode="json")})  # fmt: skip
        return
    out.print(Group(*told(lead, policy)))


LOOKED = "lead.routed.v1, which keeps every routed lead"


async def newest_of(kafka: str, wanted: str) -> Lead | None:
    """The newest version of a lead that was routed, by its id or its submission's; None when there is none."""
    ids = (wanted, lead_id(wanted, 0))
    newest: Lead | None = None
    async for lead, _ in routed_leads(kafka):
        if lead.lead_id in ids and (newest is None or lead.version >= newest.version):
            newest = lead
    return newest


def told(lead: Lead, policy: Policy) -> Iterator[RenderableType]:
    """All that the score is made of, for a terminal."""
    score = lead.score
    if score is None:
        return
    band = policy.scoring.band_of(score.priority)
    yield Text(f"Lead {lead.lead_id}, version {lead.version}: {_sum(score)} ({band})", style="bold")
    yield Text(f"points table {score.table or 'none'}, policy {lead.policy_hash[:12]}", style="dim")
    counted = PlainTable("group", "points", "row", "reason", "because")
    for part in score.parts:
        sign = "−" if part.group == "risk" else "+"
        because = "; ".join(f"“{shown(one.quote, 60)}” in {one.where}" for one in part.evidence) or "–"
        counted.add_row(part.group, f"{sign}{part.points}", part.rule, part.reason, because)
    yield counted
    for question in score.needs_review:
        yield Text(f"a person is asked: {question}", style="yellow")
    if score.missing:
        yield Text(f"not known: {', '.join(score.missing)}", style="yellow")
    others = PlainTable("row that did not count", "points", "because")
    for rule, asked in rows_left_out(lead, policy.scoring):
        if not rule.review:
            others.add_row(rule.name, str(rule.points), asked)
    yield others


def _sum(score: Score) -> str:
    told = f"fit {score.fit} + engagement {score.engagement} − risk {score.risk}"
    return f"not enough data ({told})" if score.priority is None else f"{told} = {score.priority}"
