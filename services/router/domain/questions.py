"""The open questions of a lead as one triage request."""

import json
from collections.abc import Iterable, Mapping, Sequence

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, ProposedChange, RecordRef, Source, Workflow
from libs.contracts.events import Question, TriageRequested, Waiting
from libs.contracts.lead import Lead, Review, Route
from libs.policy.admit import Verdict

BLOCKING = frozenset(("conflict", "policy", "failure"))
"""Reviews that are asked even when the lead could go on; identity is asked before anything else."""
CHANGE_CHOICES = ("approve", "edit", "reject", "block")


def proposal_question_id(lead_id: str, change: ProposedChange) -> str:
    """The id of the question about a proposed change: the same for the same proposal on a later version."""
    value = json.dumps(change.new, sort_keys=True)
    return ids.derived_id("question", lead_id, "change", change.record.type, change.record.id, change.field, value)


def proposal_question(lead: Lead, change: ProposedChange, verdict: Verdict) -> Question:
    """The question about a record's proposed change."""
    review = Review(
        kind="change",
        reason=verdict.reason,
        stage=change.actor.id,
        detail={
            "record": {"type": change.record.type, "id": change.record.id},
            "field": change.field, "old": change.old, "new": change.new, "rule": verdict.rule,
        },
        evidence=change.evidence,
    )  # fmt: skip
    return Question(
        question_id=proposal_question_id(lead.lead_id, change), review=review, proposal=change, choices=CHANGE_CHOICES
    )


def review_question(lead: Lead, review: Review) -> Question:
    """The question of a review that a stage raised."""
    if review.kind in ("change", "conflict") and (change := _lead_change(lead, review)) is not None:
        question_id = proposal_question_id(lead.lead_id, change)
        return Question(question_id=question_id, review=review, proposal=change, choices=CHANGE_CHOICES)
    text = json.dumps(review.detail, sort_keys=True)
    question_id = ids.derived_id("question", lead.lead_id, review.kind, review.stage, review.reason, text)
    return Question(question_id=question_id, review=review, choices=_choices(review))


def _lead_change(lead: Lead, review: Review) -> ProposedChange | None:
    """The change of a lead's own field that the gate queued, or about which providers disagree, as a proposal that a person
    can approve or edit."""
    detail = _detail(review)
    field = detail.get("field")
    if not isinstance(field, str) or "new" not in detail:
        return None
    return ProposedChange(
        record=RecordRef(type="lead", id=lead.lead_id),
        field=field,
        old=detail.get("old"),
        new=detail.get("new"),
        source=Source(kind="model" if review.stage == "classify" else "rule", name=review.stage),
        actor=Actor(kind="ai" if review.stage == "classify" else "rule", id=review.stage),
        evidence=review.evidence,
        reason=review.reason,
        proposed_by=_workflow(detail.get("workflow")),
    )


def _workflow(told: JsonValue) -> Workflow | None:
    return Workflow.model_validate(told) if isinstance(told, dict) else None


def _choices(review: Review) -> tuple[str, ...]:
    if review.kind != "identity":
        return ("dismiss",)
    detail = _detail(review)
    listed = detail.get("candidates")
    found = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return (*(f"link:{one}" for one in found), "keep_apart")


def _detail(review: Review) -> Mapping[str, JsonValue]:
    return review.detail if isinstance(review.detail, dict) else {}


def route_question_id(lead_id: str) -> str:
    """The id of the question where a lead should go."""
    return ids.derived_id("question", lead_id, "route")


def route_question(lead: Lead, route: Route, suggestion: Route | None) -> Question:
    """Where should it go?"""
    offered = suggestion or route
    detail: dict[str, JsonValue] = {
        "rule": route.rule, "destination": offered.destination, "queue": offered.queue,
        "owner": offered.owner.id if offered.owner else None, "notes": list(route.notes),
    }  # fmt: skip
    review = Review(kind="route", reason=route.reason, stage="router", detail=detail)
    return Question(
        question_id=route_question_id(lead.lead_id),
        review=review,
        choices=("approve", "route", "reject") if suggestion else ("route", "reject"),
    )


def is_conflict(question: Question) -> bool:
    """Whether the question is about what crm could not write; where providers disagree about a lead's own field, it is not."""
    proposal = question.proposal
    return question.review.kind == "conflict" and proposal is not None and proposal.record.type != "lead"


def asked_reviews(lead: Lead, held: bool) -> tuple[Review, ...]:
    """The reviews of a lead that become questions: identity alone when it is open, since its answer makes a new version."""
    identity = tuple(review for review in lead.reviews if review.kind == "identity")
    changes = tuple(review for review in lead.reviews if review.kind == "change" and _lead_change(lead, review))
    if identity:
        return identity + changes
    others = tuple(review for review in lead.reviews if review.kind in BLOCKING or (held and review.kind == "missing"))
    return others + changes


def triage_request(
    lead: Lead, questions: Sequence[Question], suggestion: Route | None, clock: Waiting
) -> TriageRequested:
    """All open questions of a lead's version."""
    return TriageRequested(
        lead_id=lead.lead_id,
        lead_version=lead.version,
        questions=tuple(questions),
        question_hash=questions_hash(questions),
        submission=lead.submission,
        lead=lead,
        suggested=suggestion,
        due_at=clock.due_at,
        waiting=clock,
    )


def questions_hash(questions: Iterable[Question]) -> str:
    """Hash of what a person is shown: a decision carries it."""
    return ids.derived_id("questions", *(question.model_dump_json() for question in questions))
