"""What the topics tell of one lead's way, and the same in lines, oldest first."""

from collections.abc import AsyncIterator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from cli.policies import publications
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import (
    Event,
    LeadFeedback,
    LeadRouted,
    PolicyPublished,
    RecordChanged,
    SlaChanged,
    TriageDecided,
    TriageRequested,
)
from libs.contracts.ids import lead_id
from libs.contracts.lead import Lead, Route
from libs.contracts.topics import (
    LEAD_FEEDBACK,
    LEAD_ROUTED,
    RECORD_CHANGED,
    SLA_CHANGED,
    TRIAGE_DECIDED,
    TRIAGE_REQUESTED,
)
from libs.runtime.cluster import read_opened

_TOPICS = {
    one.name: one for one in (LEAD_ROUTED, SLA_CHANGED, LEAD_FEEDBACK, TRIAGE_REQUESTED, TRIAGE_DECIDED, RECORD_CHANGED)
}
_ACTS = {"rejected": "did not take it", "accepted": "took it", "touched": "spoke to the lead"}
_ACTS |= {"followed_up": "followed up", "comment": "said"}


@dataclass
class Told:
    """All that the topics tell of one lead's way."""

    routed: list[LeadRouted] = field(default_factory=list)
    clocks: list[SlaChanged] = field(default_factory=list)
    feedback: list[LeadFeedback] = field(default_factory=list)
    asked: list[TriageRequested] = field(default_factory=list)
    decided: list[TriageDecided] = field(default_factory=list)
    policy: PolicyPublished | None = None
    names: dict[str, str] = field(default_factory=dict)
    """The members' names by id."""

    def name_of(self, member: str) -> str:
        """A member as people call them; the id of one whom no record names."""
        return self.names.get(member) or member


async def told_of(kafka: str, wanted: str) -> Told:
    """What the topics tell of a lead, oldest first; `wanted` may be the submission it came with."""
    told, ids = Told(), {wanted, lead_id(wanted, 0)}
    async for event in _events(kafka):
        match event:
            case LeadRouted() if event.lead.lead_id in ids:
                told.routed.append(event)
            case SlaChanged() if event.lead_id in ids:
                told.clocks.append(event)
            case LeadFeedback() if event.lead_id in ids:
                told.feedback.append(event)
            case TriageRequested() if event.lead_id in ids:
                told.asked.append(event)
            case TriageDecided() if event.lead_id in ids:
                told.decided.append(event)
            case RecordChanged() if event.fields and event.fields.get("name"):
                told.names[event.record.id] = str(event.fields["name"])
    told.routed.sort(key=lambda one: one.lead.version)  # a version whose identity changed is in another partition
    if told.routed:
        told.policy = _in_force(await publications(kafka), told.routed[-1])
    return told


def _in_force(held: Iterable[PolicyPublished], event: LeadRouted) -> PolicyPublished | None:
    """The publication that a lead was decided by: one policy may be published again later, for another reason."""
    fitting = [one for one in held if one.policy_hash == event.lead.policy_hash and one.role == "live"]
    before = [one for one in fitting if event.decided_at is None or one.published_at <= event.decided_at]
    return next(reversed(before or fitting), None)


async def _events(kafka: str) -> AsyncIterator[Event]:
    """What can be read. Of records only the members: a base of contacts is not decoded for the sake of some names."""
    async for record in read_opened(kafka, list(_TOPICS)):
        if record.topic == RECORD_CHANGED.name and b'"member"' not in (record.value or b""):
            continue
        try:
            event = decode(_TOPICS[record.topic], record.value, record.headers)
        except UnreadableError:
            continue
        if not isinstance(event, RecordChanged) or event.record.type == "member":
            yield event


def lines_of(told: Told) -> Iterator[str]:
    """The story in lines: where it is, why, what was known, and how it came there, oldest first."""
    event = told.routed[-1]
    lead, route = event.lead, event.route
    yield f"{lead.lead_id}, version {lead.version}: {place_of(route, told.names, taken=_is_taken(told))}"
    yield f"  because {route.reason} (rule {route.rule}, sure to {route.confidence:.2f})"
    yield from _facts(lead, route)
    for note in route.notes:
        yield f"  note: {note}"
    for at, line in sorted(_moves(told), key=lambda one: (one[0] is not None, one[0])):
        yield f"  {f'{at:%Y-%m-%d %H:%M:%S}' if at else 'before'}  {line}"
    if told.policy is not None:
        yield f"  policy {told.policy.policy_hash[:12]} by {told.policy.author}: {told.policy.reason}"


def waiting_lines(asked: Iterable[TriageRequested]) -> Iterator[str]:
    """Why a lead that has no route waits for a person."""
    for event in asked:
        since = f" since {event.decided_at:%Y-%m-%d %H:%M} UTC" if event.decided_at else ""
        yield f"{event.lead_id} waits in triage{since}; it has no route before that is answered"
        for question in event.questions:
            yield f"  {question.review.kind}: {question.review.reason}"


def place_of(route: Route, names: Mapping[str, str], *, taken: bool = False) -> str:
    """Where a route sends a lead, in words. An offer that nobody took makes no owner."""
    parts: list[str] = [route.destination if route.destination not in ("queue", "owner") or not route.queue else ""]
    parts += [f"queue {route.queue}" if route.queue and route.queue != route.destination else ""]
    if route.owner is not None:
        who = names.get(route.owner.id) or route.owner.id
        parts += [f"offered to {who} (offer {route.offer})" if route.offer and not taken else f"owner {who}"]
    parts += ["suggested only" if route.suggested else ""]
    return ", ".join(part for part in parts if part)


def _is_taken(told: Told) -> bool:
    """Whether the newest offer was taken: what a member said last."""
    said = [one.kind for one in told.feedback if one.kind in ("accepted", "rejected")]
    return said[-1:] == ["accepted"]


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


def _moves(told: Told) -> Iterator[tuple[datetime | None, str]]:
    """Everything that happened, with when (UTC)."""
    before = ""
    for event in told.routed:
        where = f"version {event.lead.version}: {place_of(event.route, told.names)}, by {event.route.rule}"
        if where != before:  # what a person says of a lead is told with its route, which stays as it was
            yield event.decided_at, where
        before = where
    for request in told.asked:
        kinds = ", ".join(dict.fromkeys(question.review.kind for question in request.questions))
        yield request.decided_at, f"a person is asked: {kinds}"
    for decision in told.decided:
        answers = ", ".join(answer.verdict for answer in decision.answers)
        yield (
            decision.decided_at,
            f"{told.name_of(decision.actor.id)} decided on version {decision.lead_version}: {answers}",
        )
    for said in told.feedback:
        why = f": {said.reason}" if said.reason else ""
        yield said.decided_at, f"{told.name_of(said.actor.id)} {_ACTS[said.kind]}{why}"
    for clock in told.clocks:
        due = f", due {clock.due_at:%Y-%m-%d %H:%M}" if clock.due_at and clock.state == "started" else ""
        to = f", {clock.to} is told" if clock.to else ""
        yield clock.at or clock.decided_at, f"{clock.clock.replace('_', ' ')} {clock.state}{due}{to}"
