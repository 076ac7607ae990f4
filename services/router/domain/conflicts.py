"""What crm could not write without a person becomes a question about the lead; a yes writes it over what was found."""

import json
from collections.abc import Mapping
from datetime import datetime

from pydantic import JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.change import FieldChange, ProposedChange
from libs.contracts.conflict import ConflictArguments
from libs.contracts.events import Command, CrmWrite, Event, Question, TriageDecided, Waiting
from libs.contracts.lead import Lead, Review
from libs.contracts.outcome import Outcome
from services.router.domain.clock import triage_clock
from services.router.domain.commanded import Refused
from services.router.domain.known import Known
from services.router.domain.questions import is_conflict, triage_request
from services.router.domain.records import AnsweredQuestion, LeadRow, stored_lead
from services.router.domain.writes import HOUSEKEEPING, as_answered, crm_writes

STAGE = "crm"
CHOICES = ("approve", "reject")
"""Write it again over what the CRM holds, or keep that."""


def conflicted(event: Command, row: LeadRow, known: Known, now: datetime) -> Outcome[Event]:
    """Asks about every change that nobody has answered yet. Raises Refused for arguments that tell no conflict.

    The request stands beside the lead's other open questions: triage adds it to the open item of this version, or opens
    one for a lead that went on.
    """
    try:
        told = ConflictArguments.model_validate(event.arguments)
    except ValidationError as error:
        raise Refused("a conflict names its write and the changes with their verdicts") from error
    lead = stored_lead(row)
    asked = {
        question.question_id: question
        for question in (conflict_question(lead, change) for change in told.changes if change.field not in HOUSEKEEPING)
        if (lead.lead_id, question.question_id) not in known.answered
    }
    if not asked:
        return Outcome(answer={"asked": 0})
    request = triage_request(lead, tuple(asked.values()), None, _clock(row, lead, known, now))
    return Outcome(emits=(request,), answer={"asked": len(asked)})


def _clock(row: LeadRow, lead: Lead, known: Known, now: datetime) -> Waiting:
    queue = None if row.settled else row.route.queue
    return triage_clock(known.policy(lead), queue, now, known.exceptions.values())


def conflict_question(lead: Lead, change: FieldChange) -> Question:
    """The question about one change. The same value wanted over the same value found is the same question again."""
    record = change.record
    values = json.dumps([change.new, change.old], sort_keys=True)
    detail: dict[str, JsonValue] = {
        "record": {"type": record.type, "id": record.id},
        "field": change.field, "old": change.old, "new": change.new, "rule": change.rule,
    }  # fmt: skip
    return Question(
        question_id=ids.derived_id("question", lead.lead_id, "conflict", record.type, record.id, change.field, values),
        review=Review(kind="conflict", reason=change.reason, stage=STAGE, detail=detail, evidence=change.evidence),
        proposal=ProposedChange(**{name: getattr(change, name) for name in ProposedChange.model_fields}),
        choices=CHOICES,
    )


def answered_conflicts(
    event: TriageDecided, memory: Mapping[str, AnsweredQuestion], trigger: str
) -> tuple[CrmWrite, ...]:
    """The writes of approved conflicts. Their `old` is what the person saw, so crm refuses them when it moved again."""
    if event.lead is None:
        return ()
    said = [
        as_answered(question.proposal, memory[question.question_id])
        for question in event.questions
        if question.proposal is not None and is_conflict(question) and question.question_id in memory
    ]
    return crm_writes(event.lead, [change for change in said if change is not None], trigger)
