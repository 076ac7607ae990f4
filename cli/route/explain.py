"""`route explain`: why a lead went where it is, from the topics alone, so that it can be asked when the database is gone too."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.text import Text

from cli.client import running
from cli.console import PlainTable, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.policies import published_policies
from cli.score.history import on_kafka
from libs.contracts.codec import decode
from libs.contracts.events import LeadFeedback, LeadRouted, PolicyPublished, SlaChanged, TriageDecided
from libs.contracts.ids import lead_id
from libs.contracts.lead import Lead, Route
from libs.contracts.topics import LEAD_FEEDBACK, LEAD_ROUTED, SLA_CHANGED, TRIAGE_DECIDED
from libs.runtime.broker import read_topics

_MATCHED = {True: Text("holds", style="green"), False: Text("no"), None: Text("not known", style="yellow")}


@dataclass
class Told:
    """All that the topics tell of one lead's way."""

    routed: list[LeadRouted] = field(default_factory=list)
    clocks: list[SlaChanged] = field(default_factory=list)
    feedback: list[LeadFeedback] = field(default_factory=list)
    decided: list[TriageDecided] = field(default_factory=list)
    policy: PolicyPublished | None = None


def explain(
    wanted: Annotated[str, typer.Argument(metavar="LEAD", help="The lead's id, or the submission's.")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Explain a lead's route: suppression, every rule that was asked with the values that decided, whose turn it was and
    why not the others', offers, clocks, and people's decisions."""
    kafka = running(data).kafka
    told = on_kafka(kafka, told_of(kafka, wanted))
    if not told.routed:
        raise CliError(
            f"no route of {wanted} is known", "lead.routed.v1", "look at `signalbox lead`: it may be on its way"
        )
    if as_json:
        print_json(as_data(told))
        return
    for line in lines_of(told):
        out.print(line, markup=False)
    out.print(rules_table(told.routed[-1].route))
    if told.routed[-1].route.turn is not None:
        out.print(turn_table(told.routed[-1].route))


async def told_of(kafka: str, wanted: str) -> Told:
    """What the topics tell of a lead, oldest first; `wanted` may be the submission it came with."""
    told, ids = Told(), {wanted, lead_id(wanted, 0)}
    topics = {one.name: one for one in (LEAD_ROUTED, SLA_CHANGED, LEAD_FEEDBACK, TRIAGE_DECIDED)}
    async for record in read_topics(kafka, list(topics)):
        event = decode(topics[record.topic], record.value, record.headers)
        match event:
            case LeadRouted() if event.lead.lead_id in ids:
                told.routed.append(event)
            case SlaChanged() if event.lead_id in ids:
                told.clocks.append(event)
            case LeadFeedback() if event.lead_id in ids:
                told.feedback.append(event)
            case TriageDecided() if event.lead_id in ids:
                told.decided.append(event)
    if told.routed:
        told.policy = (await published_policies(kafka)).get(told.routed[-1].lead.policy_hash)
    return told


def lines_of(told: Told) -> Iterator[str]:
    """The story in lines: where it is, why, how it came there, and by when somebody speaks to it."""
    event = told.routed[-1]
    lead, route = event.lead, event.route
    yield f"{lead.lead_id}, version {lead.version}: {_where(route)}"
    yield f"  because {route.reason} (rule {route.rule}, sure to {route.confidence:.2f})"
    yield from _facts(lead, route)
    for note in route.notes:
        yield f"  note: {note}"
    for before in told.routed[:-1]:
        once = f"{before.decided_at:%Y-%m-%d %H:%M:%S} UTC" if before.decided_at else "before"
        yield f"  {once}: version {before.lead.version} went to {_where(before.route)} ({before.route.rule})"
    for decision in told.decided:
        answers = ", ".join(answer.verdict for answer in decision.answers)
        yield f"  {decision.actor.id} decided on version {decision.lead_version}: {answers}"
    for said in told.feedback:
        yield f"  {said.actor.id}: {said.kind}" + (f" ({said.reason})" if said.reason else "")
    for clock in told.clocks:
        at, due = clock.at or clock.decided_at, clock.due_at
        when = f" at {at:%Y-%m-%d %H:%M:%S} UTC" if at else ""
        yield f"  {clock.clock.replace('_', ' ')} {clock.state}{when}" + (
            f", due {due:%Y-%m-%d %H:%M} UTC" if due else ""
        )
    if told.policy is not None:
        yield f"  policy {told.policy.policy_hash[:12]} by {told.policy.author}: {told.policy.reason}"


def _where(route: Route) -> str:
    parts = [
        route.destination,
        f"queue {route.queue}" if route.queue else "",
        f"owner {route.owner.id}" if route.owner else "",
    ]
    parts += ["suggested only" if route.suggested else "", f"offer {route.offer}" if route.offer else ""]
    return ", ".join(part for part in parts if part)


def _facts(lead: Lead, route: Route) -> Iterator[str]:
    if lead.identity is not None:
        yield f"  identity: {lead.identity.verdict} ({lead.identity.rule})"
    if lead.score is not None:
        score = lead.score
        yield f"  score: fit {score.fit} + engagement {score.engagement} − risk {score.risk} = {score.priority}"
    known = {name: value for name, value in route.record.items() if value not in (None, [], False, 0)}
    if known:
        yield "  seen then: " + ", ".join(f"{name} = {value}" for name, value in sorted(known.items()))
    if route.shadow is not None:
        yield f"  the policy that is tried would say {route.shadow.destination} ({route.shadow.rule})"


def rules_table(route: Route) -> PlainTable:
    """Every rule that was asked, in order, with the values that decided."""
    table = PlainTable(title="rules asked, in order", title_justify="left")
    for name in ("rule", "", "with what"):
        table.add_column(name)
    for tried in route.tried:
        table.add_row(tried.rule, _MATCHED[tried.matched], Text(tried.reason))
    return table


def turn_table(route: Route) -> PlainTable:
    """Who stood in line in the pool, who got it, and why not the others."""
    turn = route.turn
    assert turn is not None
    table = PlainTable(title=f"the turn in the pool {turn.pool}", title_justify="left")
    for name in ("member", "weight", ""):
        table.add_column(name)
    for one in turn.members:
        why = Text("got it", style="green") if one.member == turn.picked else Text(one.why_not or "was not due yet")
        table.add_row(one.member, str(one.weight), why)
    return table


def as_data(told: Told) -> dict[str, object]:
    """The same as JSON."""
    return {
        "routes": [{"version": one.lead.version, "route": one.route.model_dump(mode="json")} for one in told.routed],
        "clocks": [one.model_dump(mode="json") for one in told.clocks],
        "feedback": [one.model_dump(mode="json") for one in told.feedback],
        "decisions": [
            {"by": one.actor.id, "answers": [answer.model_dump(mode="json") for answer in one.answers]}
            for one in told.decided
        ],
        "policy": told.policy.model_dump(mode="json", exclude={"files"}) if told.policy else None,
    }
