"""What an event is found by: the few facts of it that stand in columns, read without the rest of it."""

from datetime import datetime
from typing import Any

from pydantic import JsonValue

from libs.contracts.base import Model
from libs.contracts.change import RecordRef
from libs.contracts.topics import LEAD_ROUTED, RECORD_CHANGED, TRIAGE_REQUESTED
from services.audit.domain.row import INDEXED_MAX


class _Named(Model):
    id: str


class _Identity(Model):
    contact: _Named


class _Value(Model):
    value: JsonValue = None


class _LeadFields(Model):
    email: _Value | None = None


class _Submission(Model):
    submission_id: str


class _Lead(Model):
    lead_id: str
    version: int
    kind: str
    submission: _Submission
    identity: _Identity | None = None
    fields: _LeadFields


class _Route(Model):
    destination: str


class _RecordFields(Model):
    email: JsonValue = None
    contact_id: JsonValue = None


class Told(Model):
    """An event's own names, and the columns that it fills."""

    event_id: str
    caused_by: str = ""
    decided_at: datetime | None = None

    def columns(self) -> dict[str, Any]:
        """By the column's name; those that are not named hold nothing."""
        return {}


class _OfLead(Told):
    lead_id: str | None = None
    lead_version: int | None = None
    record: RecordRef | None = None
    write_id: str | None = None

    def columns(self) -> dict[str, Any]:
        about = self.record
        return {
            "lead_id": self.lead_id, "lead_version": self.lead_version, "write_id": self.write_id,
            "record_type": None if about is None else about.type, "record_id": None if about is None else about.id,
        }  # fmt: skip


class _OfRecord(_OfLead):
    fields: _RecordFields | None = None

    def columns(self) -> dict[str, Any]:
        held = self.fields or _RecordFields()
        return {**super().columns(), "email": _lower(held.email), "contact_id": _text(held.contact_id)}


class _Requested(_OfLead):
    submission: _Submission
    lead: _Lead | None = None

    def columns(self) -> dict[str, Any]:
        return {**super().columns(), "submission_id": self.submission.submission_id, **_columns(self.lead)}


class _Routed(Told):
    lead: _Lead
    route: _Route

    def columns(self) -> dict[str, Any]:
        return {
            "lead_id": self.lead.lead_id, "lead_version": self.lead.version,
            "submission_id": self.lead.submission.submission_id, "destination": self.route.destination,
            **_columns(self.lead),
        }  # fmt: skip


def _columns(lead: _Lead | None) -> dict[str, Any]:
    if lead is None:
        return {}
    email = None if lead.fields.email is None else lead.fields.email.value
    contact = None if lead.identity is None else lead.identity.contact.id
    return {"lead_kind": lead.kind, "contact_id": contact, "email": _lower(email)}


def _text(value: JsonValue) -> str | None:
    """What an index can hold; an id or an address is never longer."""
    return value if isinstance(value, str) and len(value) <= INDEXED_MAX else None


def _lower(value: JsonValue) -> str | None:
    text = _text(value)
    return None if text is None else text.lower()


_SHAPES: dict[str, type[Told]] = {
    LEAD_ROUTED.name: _Routed,
    TRIAGE_REQUESTED.name: _Requested,
    RECORD_CHANGED.name: _OfRecord,
}


def shape_of(topic: str) -> type[Told]:
    """What is read of the events of a topic."""
    return _SHAPES.get(topic, _OfLead)
