"""What dedupe proposes to the CRM: everything of a new record, only what is empty on a known one, and its timeline."""

from collections.abc import Iterator, Mapping

from pydantic import JsonValue

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.lead import FieldValue, Lead
from libs.identity.mail import email_kind
from libs.policy.admit import is_empty
from services.dedupe.domain.records import Edit
from services.dedupe.domain.settle import Settled

RULE = Actor(kind="rule", id="dedupe")
BY_RULE = Source(kind="rule", name="dedupe")
CONTACT_FIELDS = (
    "email", "name", "first_name", "last_name", "phone", "title", "country", "city", "language", "custom_id", "company",
)  # fmt: skip
"""Proposed as the lead has them."""
PERSONAL_FIELDS = frozenset(("name", "first_name", "last_name", "phone", "title"))
"""Never filled in on a mailbox that several people use."""
COMPANY_FIELDS = {"company": "name", "country": "country", "city": "city"}
"""Lead field by company field."""
TIGHT_CONSENT: tuple[JsonValue, ...] = ("opted_out", False)
"""What is passed on without being asked: consent only tightens. An opt-in stays a fact of the lead."""


def record_changes(lead: Lead, settled: Settled, edits: Mapping[str, Edit]) -> tuple[ProposedChange, ...]:
    """The proposed changes of the lead's contact and company. A record whose identity is still asked gets none."""
    values = {**lead.fields, **{edit.field: _edited(edit) for edit in edits.values()}}
    found: list[ProposedChange] = []
    if not settled.contact_verdict.asks:
        found += _contact_changes(lead, values, settled)
    if settled.company is not None and not settled.company_verdict.asks:
        found += _company_changes(values, settled)
    return tuple(found)


def _edited(edit: Edit) -> FieldValue:
    return FieldValue(value=edit.value, source=Source(kind="human", name=edit.actor.id), verified_by=edit.actor.id)


def _contact_changes(lead: Lead, values: Mapping[str, FieldValue], settled: Settled) -> Iterator[ProposedChange]:
    ref, held = settled.identity.contact, settled.contact.fields or {}
    several = (
        settled.contact.shared
        or email_kind(settled.contact.all_emails()[0] if settled.contact.all_emails() else "") == "role"
    )
    for field in CONTACT_FIELDS:
        if settled.identity.contact_is_new or not (several and field in PERSONAL_FIELDS):
            yield from _fill(ref, field, values.get(field), held)
    yield from _consent(ref, values, held)
    if settled.company is not None and not settled.company_verdict.asks:
        yield from _fill(ref, "company_id", _ruled(settled.company.company_id), held)
    yield from _fill(ref, "source", _ruled(lead.source.name), held)
    yield from _timeline(ref, lead)


def _consent(
    ref: RecordRef, values: Mapping[str, FieldValue], held: Mapping[str, JsonValue]
) -> Iterator[ProposedChange]:
    consent, mail = values.get("consent"), values.get("do_not_mail")
    if consent is not None and consent.value in TIGHT_CONSENT and consent.value is not None:
        yield from _set(ref, "consent", consent, held)
    if mail is not None and mail.value is True:
        yield from _set(ref, "do_not_mail", mail, held)


def _timeline(ref: RecordRef, lead: Lead) -> Iterator[ProposedChange]:
    """An entry on the contact's timeline: what came in, and when."""
    at = lead.submitted_at.isoformat()
    entry: JsonValue = {
        "lead_id": lead.lead_id,
        "version": lead.version,
        "kind": lead.kind,
        "source": lead.source.name,
        "at": at,
    }
    for field, value in (("activity", entry), ("last_activity_at", at), ("last_lead_id", lead.lead_id)):
        yield _change(ref, field, _ruled(value), None, "timeline of the contact")


def _company_changes(values: Mapping[str, FieldValue], settled: Settled) -> Iterator[ProposedChange]:
    company = settled.company
    assert company is not None
    ref, held = RecordRef(type="company", id=company.company_id), company.fields or {}
    if company.domains:
        yield from _fill(ref, "domain", _ruled(company.domains[0]), held)
    if not settled.identity.company_is_new and company.fields is not None:
        return  # what a lead says about a company that the CRM knows is enrichment's business
    for ours, theirs in COMPANY_FIELDS.items():
        yield from _fill(ref, theirs, values.get(ours), held)


def _ruled(value: JsonValue) -> FieldValue:
    return FieldValue(value=value, source=BY_RULE)


def _fill(
    ref: RecordRef, field: str, value: FieldValue | None, held: Mapping[str, JsonValue]
) -> Iterator[ProposedChange]:
    if value is not None and not is_empty(value.value) and is_empty(held.get(field)):
        yield _change(ref, field, value, None, "empty in the CRM" if held else "new to the CRM")


def _set(ref: RecordRef, field: str, value: FieldValue, held: Mapping[str, JsonValue]) -> Iterator[ProposedChange]:
    if held.get(field) != value.value:
        yield _change(ref, field, value, held.get(field), "consent tightens")


def _change(ref: RecordRef, field: str, value: FieldValue, old: JsonValue, reason: str) -> ProposedChange:
    return ProposedChange(
        record=ref,
        field=field,
        new=value.value,
        old=old,
        source=value.source,
        confidence=value.confidence,
        actor=RULE,
        reason=reason,
        verified_by=value.verified_by,
    )
