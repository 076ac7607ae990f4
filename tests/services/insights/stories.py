"""Histories for insights' tests: stories of leads whose truth is known, and the events that tell them."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import strategies as st

from libs.contracts import ids
from libs.contracts.change import WHOLE, Actor, FieldChange, ProposedChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import (
    Answer,
    ChangeRecorded,
    Event,
    LeadFeedback,
    LeadRouted,
    PolicyPublished,
    Question,
    SlaChanged,
    SubmissionReceived,
    TriageDecided,
    TriageRequested,
    Waiting,
)
from libs.contracts.lead import FieldValue, Identity, Lead, Position, Review, Route, Score, ScorePart, SubmissionRef
from tests.libs.runtime.harness import FILES, POLICY_HASH

T0 = datetime(2026, 11, 2, 14, 0, tzinfo=UTC)
"""A Monday morning in New York, whose calendar the policy's default is."""
RULE, ANA = Actor(kind="rule", id="enrich"), Actor(kind="human", id="ana")
MINE = Source(kind="provider", name="directory")
VERDICTS = ("approve", "edit", "reject", "block")


@dataclass(frozen=True)
class Story:
    """What becomes of one lead. Hours count from T0."""

    number: int
    hour: int
    kind: str = "demo_request"
    source: str = "website"
    contact: int = 0
    verdict: str = "new"
    priority: int | None = 65
    destination: str = "queue"
    asked: bool = False
    way: str = ""
    feedback: tuple[str, ...] = ()
    clock: str = ""
    answers: tuple[str, ...] = ()
    """Verdicts on the same suggestion, one after the other."""
    undone: str = ""
    suppressed: bool = False
    redelivered: int = 0

    @property
    def lead_id(self) -> str:
        """Its lead."""
        return ids.lead_id(self.submission, 0)

    @property
    def submission(self) -> str:
        """Its submission."""
        return f"s-{self.number}"

    @property
    def received(self) -> datetime:
        """When it came."""
        return T0 + timedelta(hours=self.hour)


@dataclass(frozen=True)
class Deal:
    """An opportunity of a contact."""

    number: int
    contact: int
    hour: int
    stage: str


STORIES = st.lists(
    st.builds(
        Story,
        number=st.integers(0, 5),
        hour=st.integers(0, 300),
        kind=st.sampled_from(["demo_request", "contact_form"]),
        source=st.sampled_from(["website", "fair"]),
        contact=st.integers(0, 2),
        verdict=st.sampled_from(["new", "duplicate", "ambiguous"]),
        priority=st.sampled_from([None, 5, 40, 65, 90]),
        destination=st.sampled_from(["queue", "triage", "disqualified", "suppressed", "nurture"]),
        asked=st.booleans(),
        way=st.sampled_from(["", "same", "other"]),
        feedback=st.lists(st.sampled_from(["accepted", "rejected", "touched", "comment"]), max_size=3).map(tuple),
        clock=st.sampled_from(["", "met", "breached", "late"]),
        answers=st.lists(st.sampled_from(VERDICTS), max_size=3).map(tuple),
        undone=st.sampled_from(["", "human", "rollback"]),
        suppressed=st.booleans(),
        redelivered=st.integers(0, 2),
    ),
    max_size=6,
    unique_by=lambda one: one.number,
)
DEALS = st.lists(
    st.builds(
        Deal, number=st.integers(0, 3), contact=st.integers(0, 2), hour=st.integers(0, 400),
        stage=st.sampled_from(["new", "closed won", "lost"]),
    ),
    max_size=3, unique_by=lambda one: one.number,
)  # fmt: skip


def lead_of(story: Story) -> Lead:
    """The lead as the router lets it out."""
    contact = RecordRef(type="contact", id=f"c-{story.contact}")
    points = story.priority or 0
    score = Score(
        fit=points, engagement=0, risk=0, priority=story.priority, table="everybody",
        parts=(ScorePart(group="fit", rule="r", points=points, reason="r"),),
    )  # fmt: skip
    return Lead(
        lead_id=story.lead_id,
        submission=SubmissionRef(
            submission_id=story.submission, position=Position(topic="submission.received.v1", partition=0, offset=story.number),
            sha256="0" * 64, received_at=story.received,
        ),
        facts_hash="f", source=Source(kind="submission", name=story.source), kind=story.kind, submitted_at=story.received,
        policy_hash=POLICY_HASH, partition_key=story.submission, subject_key_id=ids.subject_key_id(story.submission),
        fields={"email": FieldValue(value="zoe@planted.example", source=MINE)}, score=score,
        identity=Identity(verdict=story.verdict, rule="r", contact=contact, contact_is_new=story.verdict == "new"),
    )  # fmt: skip


def proposal_of(story: Story) -> ProposedChange:
    """The suggestion about its company."""
    actor = Actor(kind="ai", id="classify")
    company = RecordRef(type="company", id=f"k-{story.number}")
    return ProposedChange(
        record=company, field="industry", new="software", actor=actor, reason="said so", source=Source(kind="model", name="m"),
        model_version="m1",
    )  # fmt: skip


def told_by(story: Story) -> list[Event]:
    """The events of a story, in their order."""
    made: list[Event] = []

    def at(minutes: int) -> dict[str, Any]:
        number = len(made)
        return {
            "event_id": ids.derived_id("e", story.number, number),
            "decided_at": story.received + timedelta(minutes=minutes),
        }

    for copy in range(1 + story.redelivered):
        made.append(SubmissionReceived(
            event_id=f"s{story.number}-{copy}", submission_id=story.submission, source=story.source,
            received_at=story.received + timedelta(minutes=copy), sha256="0",
        ))  # fmt: skip
    lead, owner = lead_of(story), RecordRef(type="member", id="bob") if story.destination == "queue" else None
    route = Route(
        destination=story.destination, queue="inbound_sales", owner=owner, rule="inbound", reason="r", confidence=1.0
    )  # fmt: skip
    made.append(LeadRouted(**at(1), lead=lead, route=route))
    questions = (
        Question(
            question_id="q", review=Review(kind="change", reason="r", stage="classify"), proposal=proposal_of(story)
        ),
    )
    way = Question(
        question_id="way", review=Review(kind="route", reason="r", stage="router"), choices=("approve", "route")
    )
    if story.asked:
        since = story.received + timedelta(minutes=2)
        clock = Waiting(since=since, remind_at=since, due_at=since, escalate_at=since)
        made.append(TriageRequested(
            **at(2), lead_id=lead.lead_id, lead_version=1, questions=(*questions, way), question_hash="h",
            submission=lead.submission, lead=lead, suggested=route, waiting=clock,
        ))  # fmt: skip
    for place, verdict in enumerate(story.answers):
        given = (Answer(question_id="q", verdict=verdict, value="it" if verdict == "edit" else None),)
        made.append(_decided(story, lead, route, questions, given, at(62 + place)))
    if story.way:
        same = Answer(question_id="way", verdict="approve" if story.way == "same" else "route", value="nurture")
        made.append(_decided(story, lead, route, (way,), (same,), at(92)))
    for place, kind in enumerate(story.feedback):
        made.append(LeadFeedback(**at(100 + place), lead_id=lead.lead_id, kind=kind, actor=ANA))
    for state in {"": (), "late": ("started", "breached", "met")}.get(story.clock, ("started", story.clock)):
        made.append(SlaChanged(**at(110), lead_id=lead.lead_id, clock="first_touch", state=state))
    made += _changes(story)
    return made


def _decided(story: Story, lead: Lead, route: Route, questions: Any, answers: Any, at: dict[str, Any]) -> TriageDecided:
    return TriageDecided(
        **at, lead_id=lead.lead_id, lead_version=1, question_hash="h", questions=questions, answers=answers, actor=ANA,
        lead=lead, suggested=route,
    )  # fmt: skip


def _changes(story: Story) -> list[Event]:
    contact = RecordRef(type="contact", id=f"w-{story.number}")
    write = changed(
        story,
        0,
        contact,
        "title",
        new="CTO",
        actor=RULE,
        source=MINE,
        workflow=Workflow(name="crm.writes", version="1"),
    )
    found = [write]
    if story.undone:
        source = Source(kind="rollback" if story.undone == "rollback" else "human", name="rb-1")
        found.append(changed(story, 1, contact, "title", old="CTO", new="VP", actor=ANA, source=source, lead_id=None))
    if story.suppressed:
        found.append(changed(story, 2, contact, "owner", new="bob", actor=RULE, source=MINE, status=Status.SUPPRESSED))
    return list(found)


def changed(story: Story, number: int, record: RecordRef, field: str, **given: Any) -> ChangeRecorded:
    """An audited change of a story; any field of it may be given."""
    values: dict[str, Any] = {
        "record": record, "field": field, "reason": "r", "change_id": ids.derived_id("c", story.number, number),
        "workflow": Workflow(name="enrich", version="3"), "policy_version": POLICY_HASH, "trigger_event_id": "t",
        "lead_id": story.lead_id, "status": Status.APPLIED, "rule": "x",
        "at": story.received + timedelta(hours=3, minutes=number),
    }  # fmt: skip
    change = FieldChange(**{**values, **given})
    return ChangeRecorded(event_id=f"a{story.number}-{number}", decided_at=change.at, change=change)


def deal_told(deal: Deal) -> Event:
    """The opportunity, made in the CRM."""
    new = {"name": "deal", "contact_id": f"c-{deal.contact}", "stage": deal.stage}
    record, at = RecordRef(type="opportunity", id=f"o-{deal.number}"), T0 + timedelta(hours=deal.hour, minutes=30)
    change = FieldChange(
        record=record, field=WHOLE, new=new, source=Source(kind="human", name="api"), actor=ANA, reason="r",
        change_id=f"o{deal.number}", workflow=Workflow(name="crm.commands", version="1"), policy_version=POLICY_HASH,
        trigger_event_id="t", lead_id=None, status=Status.APPLIED, rule="x", at=at,
    )  # fmt: skip
    return ChangeRecorded(event_id=f"o{deal.number}", decided_at=at, change=change)


def published() -> PolicyPublished:
    """The policy that all of them are decided by."""
    return PolicyPublished(
        event_id="p", policy_hash=POLICY_HASH, files=FILES, author="t", reason="t", published_at=T0, decided_at=T0
    )


def everything(stories: Sequence[Story], deals: Sequence[Deal]) -> list[Event]:
    """All events, in an order that keeps the changes of each record in theirs."""
    return [published(), *(event for story in stories for event in told_by(story)), *map(deal_told, deals)]
