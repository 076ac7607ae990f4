"""A lead of somebody who is known becomes an activity on their timeline, as soon as the lead's write is applied."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import WHOLE, FieldChange, ProposedChange, RecordRef, Status
from libs.contracts.events import CrmWrite

ENTRY = "activity"
"""The contact's field that says what came in last: lead_id, version, kind, source, at."""


def activity_ref(lead_id: str) -> RecordRef:
    """The activity of a lead. A later version of the lead moves it to the person whom the lead then belongs to."""
    return RecordRef(type="activity", id=ids.derived_id("activity", lead_id))


def refs_of_write(event: CrmWrite) -> list[RecordRef]:
    """The records that a write may touch: its own, and the activity that follows from it."""
    entries = [change.new for change in event.changes if event.record.type == "contact" and change.field == ENTRY]
    return [event.record, *(activity_ref(lead) for entry in entries if (lead := _lead_of(entry)))]


def entry_of(settled: Sequence[FieldChange]) -> FieldChange | None:
    """The applied change that put an entry on a contact's timeline; None when there is none to tell."""
    return next(
        (
            change
            for change in settled
            if change.status is Status.APPLIED and change.field == ENTRY and change.reverts is None
            and change.record.type == "contact" and _lead_of(change.new)
        ),
        None,
    )  # fmt: skip


def activity_fields(entry: FieldChange) -> dict[str, JsonValue]:
    """The activity's fields as the entry tells them."""
    said = entry.new if isinstance(entry.new, dict) else {}
    return {
        "kind": "form",
        "direction": "in",
        "at": said.get("at"),
        "subject": f"{said.get('kind') or 'form'} by {said.get('source') or 'an unknown source'}",
        "contact_id": entry.record.id,
        "lead_id": said.get("lead_id"),
        "source": said.get("source"),
    }


def proposals(entry: FieldChange, held: dict[str, JsonValue]) -> list[ProposedChange]:
    """What the entry changes of an activity that exists already."""
    told = told_by(entry)
    return [
        told.model_copy(update={"field": name, "old": held.get(name), "new": value})
        for name, value in activity_fields(entry).items()
        if value is not None and held.get(name) != value
    ]


def told_by(entry: FieldChange) -> ProposedChange:
    """Who brings the activity's values: whoever brought the entry."""
    lead = _lead_of(entry.new)
    return ProposedChange(
        record=activity_ref(lead), field=WHOLE, new=None, source=entry.source, confidence=entry.confidence,
        actor=entry.actor, verified_by=entry.verified_by, reason="on the timeline of the contact",
    )  # fmt: skip


def _lead_of(entry: JsonValue) -> str:
    lead = entry.get("lead_id") if isinstance(entry, dict) else None
    return lead if isinstance(lead, str) else ""
