"""From events to facts: what a number needs of an event and nothing else. Facts hold ids, codes and times, and no values of
fields, names or free text; so they need no key, and an erasure takes them by their lead."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from pydantic import JsonValue

from libs.contracts.change import ProposedChange, Workflow
from libs.contracts.events import (
    Answer,
    Event,
    LeadFeedback,
    LeadRouted,
    Question,
    SlaChanged,
    SubmissionReceived,
    TriageDecided,
    TriageRequested,
)
from libs.contracts.lead import Lead, SubmissionRef

Body = Mapping[str, JsonValue]
CODE = re.compile(r"[A-Za-z0-9_.\-]{1,40}")
UNKNOWN: tuple[JsonValue, ...] = (None, "", "unknown", [])
"""What no field is filled with."""


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that happened to a subject. `id` makes it the same fact when its event comes again."""

    subject: str
    kind: str
    id: str
    at: datetime
    body: Body

    def text(self, name: str) -> str:
        """A text of the body; empty when it holds none."""
        held = self.body.get(name)
        return held if isinstance(held, str) else ""

    def number(self, name: str) -> int:
        """A whole number of the body; 0 when it holds none."""
        held = self.body.get(name)
        return held if isinstance(held, int) else 0


def of_lead(lead_id: str) -> str:
    """The subject of a lead."""
    return f"lead:{lead_id}"


def of_submission(submission_id: str) -> str:
    """The subject of a submission."""
    return f"submission:{submission_id}"


def facts_in(event: Event, place: str, heard_at: datetime) -> Iterator[Fact]:
    """The facts of an event that is no audited change. `place` names the record, `heard_at` is the broker's time, which counts
    for events that don't say when they happened."""
    at = _utc(event.decided_at or heard_at)
    match event:
        case SubmissionReceived():
            received = _utc(event.received_at)
            yield Fact(of_submission(event.submission_id), "submission", place, received, {"source": event.source})
        case LeadRouted():
            yield Fact(of_lead(event.lead.lead_id), "route", event.event_id or place, at, _route(event))
            yield _item(event.lead.submission, "lead", event.lead.lead_id)
        case TriageRequested():
            yield from _asked(event, place, at)
        case TriageDecided():
            yield from _decided(event, place, at)
        case SlaChanged():
            told: Body = {"clock": event.clock, "state": event.state}
            yield Fact(of_lead(event.lead_id), "clock", event.event_id or place, _utc(event.at or at), told)
        case LeadFeedback():
            yield Fact(of_lead(event.lead_id), "feedback", event.event_id or place, at, {"kind": event.kind})
        case _:
            return


def _item(submission: SubmissionRef, what: str, name: str) -> Fact:
    at = _utc(submission.received_at)
    subject = of_submission(submission.submission_id)
    return Fact(subject, "item", f"{what}:{name}", at, {"item": submission.item, "what": what})


def origin(lead: Lead) -> dict[str, JsonValue]:
    """What every number about a lead is told apart by, and when it came."""
    return {
        "kind": lead.kind,
        "source": lead.source.name,
        "policy": lead.policy_hash,
        "received": _utc(lead.submission.received_at).isoformat(),
        "submission": lead.submission.submission_id,
        "country": _code(lead.text("country")),
    }


def _route(event: LeadRouted) -> Body:
    lead, route, identity, score = event.lead, event.route, event.lead.identity, event.lead.score
    return {
        **origin(lead),
        "version": lead.version,
        "verdict": identity.verdict if identity else "",
        "contact": identity.contact.id if identity else "",
        "new_contact": bool(identity and identity.contact_is_new),
        "by_person": bool(identity and identity.decided_by),
        "priority": score.priority if score else None,
        "table": score.table if score else "",
        "lacks": any(review.kind == "missing" for review in lead.reviews),
        "filled": [*sorted(name for name, held in lead.fields.items() if held.value not in UNKNOWN)],
        "model": lead.classification.model_version if lead.classification else "",
        "destination": route.destination,
        "queue": route.queue or "",
        "owner": route.owner.id if route.owner else "",
        "suggested": route.suggested,
        "rule": route.rule,
        "offer": route.offer,
        "unsure": any(review.kind in ("low_confidence", "conflict", "identity") for review in lead.reviews),
    }


def _asked(event: TriageRequested, place: str, at: datetime) -> Iterator[Fact]:
    kinds = sorted({question.review.kind for question in event.questions})
    if "unmapped" in kinds:
        yield _item(event.submission, "unmapped", str(event.submission.item))
        return
    if event.lead is None:
        return
    subject, name = of_lead(event.lead_id), event.event_id or place
    if "failure" in kinds:
        yield Fact(subject, "given_up", name, at, origin(event.lead))
        yield _item(event.lead.submission, "lead", event.lead_id)
    since = event.waiting.since if event.waiting else at
    told: Body = {"version": event.lead_version, "kinds": list(kinds), "since": _utc(since).isoformat()}
    yield Fact(subject, "asked", name, at, told)


def _decided(event: TriageDecided, place: str, at: datetime) -> Iterator[Fact]:
    if event.actor.kind != "human":
        return
    subject, name = of_lead(event.lead_id), event.event_id or place
    if undone := getattr(event, "undoes", ""):  # a field that decisions have once they can be taken back
        yield Fact(subject, "withdrawn", name, at, {"decision": str(undone)})
        return
    asked = {question.question_id: question for question in event.questions}
    offered = event.suggested
    ways = [one for one in event.answers if (held := asked.get(one.question_id)) and held.review.kind == "route"]
    yield Fact(
        subject, "decided", name, at,
        {
            "version": event.lead_version,
            "answers": len(event.answers),
            "way": ways[0].verdict if ways else "",
            "same": bool(ways) and _same_way(ways[0], offered.queue if offered else None),
            "destination": offered.destination if offered else "",
            "rule": offered.rule if offered else "",
            "queue": (offered.queue or "") if offered else "",
        },
    )  # fmt: skip
    for answer in event.answers:
        question = asked.get(answer.question_id)
        if question is not None:
            yield from _answered(event, question, answer, name, at)


def _same_way(answer: Answer, queue: str | None) -> bool:
    """Whether a person sends a lead where it would have gone."""
    chosen = answer.value.get("queue") if isinstance(answer.value, dict) else answer.value
    return answer.verdict == "approve" or (answer.verdict == "route" and bool(queue) and chosen == queue)


def _answered(event: TriageDecided, question: Question, answer: Answer, name: str, at: datetime) -> Iterator[Fact]:
    subject, proposal, review = of_lead(event.lead_id), question.proposal, question.review
    one = f"{name}:{question.question_id}"
    if review.kind == "identity":
        yield Fact(subject, "link", one, at, {"question": question.question_id, "verdict": answer.verdict})
    if proposal is None or answer.verdict not in ("approve", "edit", "reject", "block"):
        return
    yield Fact(
        subject, "answer", one, at,
        {
            "question": question.question_id,
            "verdict": answer.verdict,
            "conflict": review.kind == "conflict" and proposal.record.type != "lead",
            "record_type": proposal.record.type,
            "record": proposal.record.key,
            "field": proposal.field,
            **proposed_by(proposal),
            "actor": proposal.actor.id,
            "source_kind": proposal.source.kind,
            "model": proposal.model_version or "",
            "country": _code(event.lead.text("country")) if event.lead else "",
            "from": event.lead.source.name if event.lead else "",
            "kind": event.lead.kind if event.lead else "",
        },
    )  # fmt: skip


def proposed_by(change: ProposedChange) -> dict[str, JsonValue]:
    """Which stage, in which version, proposed a change, where changes tell it; empty where they do not yet."""
    stage = getattr(change, "proposed_by", None)
    return {"by": stage.name, "by_version": stage.version} if isinstance(stage, Workflow) else {}


def _code(text: str) -> str:
    """A country as autonomy tells leads apart by it: a code stays, whatever else somebody typed is `(other)`."""
    return text if not text or CODE.fullmatch(text) else "(other)"


def _utc(at: datetime) -> datetime:
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
