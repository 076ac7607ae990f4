"""What the record base says about a lead's contact and company, as findings."""

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from services.enrich.domain.findings import Finding, found, nothing
from services.enrich.domain.records import Fields, Known

FIELDS = ("customer_status", "owner", "open_opportunities", "previous_interactions")
_NEWEST = ("activity", "last_lead_id", "last_activity_at")


def record_findings(contact: RecordRef | None, company: RecordRef | None, known: Known) -> list[Finding]:
    """Customer status, owner, number of open opportunities and the last interaction; each with the record it stands in."""
    places = [(ref, known.fields(ref)) for ref in (company, contact) if ref is not None]
    if not any(fields for _, fields in places):
        return [nothing(field, "the record base does not know this contact or company") for field in FIELDS]
    return [
        _first("customer_status", places),
        _first("owner", places),
        _opportunities(contact, company, known),
        _interactions(contact, known),
    ]


def _first(field: str, places: list[tuple[RecordRef, Fields]]) -> Finding:
    """The company's value, else the contact's."""
    for ref, fields in places:
        value = fields.get(field)
        if value not in (None, "", [], {}):
            return found(field, value, 0.95, _shown(value), f"record:{ref.type}/{ref.id}.{field}")
    return nothing(field, "not set in the record base")


def _opportunities(contact: RecordRef | None, company: RecordRef | None, known: Known) -> Finding:
    running = known.open_opportunities(company, contact)
    if not running:
        return nothing("open_opportunities", "no open opportunity")
    ref = company if company is not None and known.open_opportunities(company) else contact
    assert ref is not None
    names = "; ".join(_shown(one.get("name") or one.get("stage") or "opportunity") for one in running[:5])
    return found("open_opportunities", len(running), 0.95, names, f"record:{ref.type}/{ref.id}")


def _interactions(contact: RecordRef | None, known: Known) -> Finding:
    fields = known.fields(contact)
    for name in _NEWEST:
        value = fields.get(name)
        if contact is not None and value not in (None, "", [], {}):
            return found("previous_interactions", value, 0.95, _shown(value), f"record:contact/{contact.id}.{name}")
    return nothing("previous_interactions", "no earlier interaction on record")


def _shown(value: JsonValue) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{key} {held}" for key, held in value.items())[:200]
    return str(value)[:200]
