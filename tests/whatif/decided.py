"""Answers, writes and the events behind them, as tests of threshold economics need them."""

from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from pydantic import JsonValue

from libs.contracts.change import Actor, FieldChange, ProposedChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import Answer, Question, TriageDecided
from libs.contracts.lead import Review
from services.router.domain.questions import proposal_question_id
from tests.services.enrich.makers import a_lead
from whatif.answers import Answered
from whatif.writes import Written

NOW = datetime(2026, 11, 2, 9, 0, tzinfo=UTC)
TITLE = "contact.title"
BO = Actor(kind="human", id="bo")
Verdict = Literal["approve", "edit", "reject", "block", "dismiss"]


def answer(
    confidence: float, right: bool, number: int = 0, place: str = TITLE, asked_by: str = "", **segments: str
) -> Answered:
    return Answered(
        f"q{number}", f"l{number}", "enrich", place, confidence, right, "approve" if right else "reject", None, "CTO", "ana",
        NOW, segments, asked_by,
    )  # fmt: skip


def write(confidence: float, corrected: bool, place: str = TITLE, **segments: str) -> Written:
    return Written("c", "l", "enrich", place, confidence, corrected, None, "CTO", NOW, segments)


def proposal(confidence: float = 0.8, new: JsonValue = "CTO", **more: Any) -> ProposedChange:
    held = {
        "record": RecordRef(type="contact", id="c1"), "field": "title", "new": new, "confidence": confidence, "reason": "r",
        "source": Source(kind="provider", name="site"), "actor": Actor(kind="rule", id="enrich"),
    }  # fmt: skip
    return ProposedChange.model_validate({**held, **more})


def decision(
    lead_id: str,
    verdict: Verdict,
    asked: ProposedChange,
    *,
    kind: str = "change",
    who: str = "human",
    at: datetime = NOW,
    **detail: JsonValue,
) -> TriageDecided:
    name = proposal_question_id(lead_id, asked)
    review = Review.model_validate({"kind": kind, "reason": "r", "stage": "enrich", "detail": detail})
    return TriageDecided(
        event_id=f"{lead_id}-{name}-{verdict}-{at.isoformat()}", decided_at=at, lead_id=lead_id, lead_version=1,
        question_hash="h",
        questions=(Question(question_id=name, review=review, proposal=asked),),
        answers=(Answer(question_id=name, verdict=verdict),), actor=Actor.model_validate({"kind": who, "id": "ana"}),
        lead=a_lead({}, lead_id=lead_id),
    )  # fmt: skip


def change(name: str, asked: ProposedChange | None = None, minutes: int = 0, **more: Any) -> FieldChange:
    held = {
        **(asked or proposal()).model_dump(), "change_id": name, "workflow": Workflow(name="crm.writes", version="1"),
        "policy_version": "p", "trigger_event_id": "t", "lead_id": "l1", "status": Status.APPLIED, "rule": "r",
        "at": NOW + timedelta(minutes=minutes),
    }  # fmt: skip
    return FieldChange.model_validate({**held, **more})


def lead_question(confidence: float, lead_id: str, change_id: str, rule: str) -> tuple[ProposedChange, FieldChange]:
    """A lead's own queued field: what the question says, which holds no confidence, and its entry in the audit log."""
    record = RecordRef(type="lead", id=lead_id)
    asked = proposal(1.0, record=record, field="title")
    queued = proposal(confidence, record=record, field="title")
    return asked, change(change_id, queued, status=Status.QUEUED, rule=rule, lead_id=lead_id)
