"""What the record base said of the lead's contact and company, as facts: read off the recorded answers, never looked up."""

import re
from collections.abc import Mapping
from datetime import datetime, timedelta

from pydantic import JsonValue

from libs.contracts.lead import Lead, ProviderAnswer
from libs.policy.facts import Facts
from libs.policy.scoring import OwnerNotes

PROVIDER = "crm"
FIELD_OF: Mapping[str, str] = {
    "record.customer_status": "customer_status",
    "record.owner": "owner",
    "record.open_opportunities": "open_opportunities",
    "record.owner_note": "owner_note",
    "record.last_activity_kind": "last_activity_kind",
}
"""By fact, the field of the record base's answer that it is."""


def record_answers(lead: Lead) -> dict[str, ProviderAnswer]:
    """By field, what the record base answered and found."""
    return {one.field: one for one in lead.answers if one.provider == PROVIDER and one.outcome == "found"}


def record_facts(lead: Lead, answers: Mapping[str, ProviderAnswer]) -> Facts:
    """The `record.*` facts that conditions of the table may name."""
    facts: Facts = {fact: answers[field].value for fact, field in FIELD_OF.items() if field in answers}
    age = age_of(lead, answers)
    return facts if age is None else {**facts, "record.days_since_activity": age.days}


def age_of(lead: Lead, answers: Mapping[str, ProviderAnswer]) -> timedelta | None:
    """How long before this lead came the record was last active: both times are the events' own, so that a backlog, a
    replay or a new version of the lead changes nothing. None when there was no activity."""
    held = answers.get("last_activity_at")
    at = None if held is None else _moment(held.value)
    return None if at is None else max(timedelta(0), lead.submitted_at - at)


def note_conflict(note: JsonValue, priority: int | None, notes: OwnerNotes) -> str | None:
    """The question that an owner's note and a score of the opposite sense are; None when they get along."""
    if not isinstance(note, str) or priority is None:
        return None
    against, favour = _first_said(note, notes.against), _first_said(note, notes.in_favour)
    if against and priority >= notes.against_from:
        return f"The owner's note says “{against}”, the score is {priority}"
    if favour and not against and priority < notes.in_favour_below:
        return f"The owner's note says “{favour}”, the score is only {priority}"
    return None


def _first_said(note: str, phrases: tuple[str, ...]) -> str | None:
    """The first of the phrases that stands in the note as whole words."""
    return next((said for phrase in phrases if (said := _said(note, phrase))), None)


def _said(note: str, phrase: str) -> str | None:
    words = r"\s+".join(map(re.escape, phrase.split()))
    found = re.search(rf"(?<!\w){words}(?!\w)", note, re.IGNORECASE)
    return None if found is None else found.group()


def _moment(value: JsonValue) -> datetime | None:
    try:
        moment = datetime.fromisoformat(value) if isinstance(value, str) else None
    except ValueError:
        return None
    return moment if moment is not None and moment.tzinfo is not None else None
