"""What the record base says about a lead's contact and company, as findings."""

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.policy.admit import is_empty
from services.enrich.domain.findings import Finding, found, nothing
from services.enrich.domain.records import Fields, Known

FIELDS = (
    "customer_status", "owner", "owner_note", "open_opportunities",
    "previous_interactions", "last_activity_at", "last_activity_kind",
)  # fmt: skip
ACTIVITY_FIELDS = FIELDS[-3:]


def record_findings(
    contact: RecordRef | None, company: RecordRef | None, known: Known, lead_id: str = ""
) -> list[Finding]:
    """Customer status, owner and the owner's note, number of open opportunities and the last activity; each with the
    record it stands in. What the lead itself left on the timeline, in an earlier version, is no earlier activity."""
    places = [(ref, known.fields(ref)) for ref in (company, contact) if ref is not None]
    if not any(fields for _, fields in places):
        return [nothing(field, "the record base does not know this contact or company") for field in FIELDS]
    return [
        _first("customer_status", places),
        _first("owner", places),
        _first("owner_note", places, ("owner_note", "note")),
        _opportunities(contact, company, known),
        *_activity(places, lead_id),
    ]


def _first(field: str, places: list[tuple[RecordRef, Fields]], names: tuple[str, ...] = ()) -> Finding:
    """The company's value, else the contact's."""
    for ref, fields in places:
        for name in names or (field,):
            if not is_empty(fields.get(name)):
                return found(field, fields[name], 0.95, shown(fields[name]), f"record:{ref.type}/{ref.id}.{name}")
    return nothing(field, "not set in the record base")


def _opportunities(contact: RecordRef | None, company: RecordRef | None, known: Known) -> Finding:
    running = known.open_opportunities(company, contact)
    if not running:
        return nothing("open_opportunities", "no open opportunity")
    ref = company if company is not None and known.open_opportunities(company) else contact
    assert ref is not None
    names = "; ".join(shown(one.get("name") or one.get("stage") or "opportunity") for one in running[:5])
    return found("open_opportunities", len(running), 0.95, names, f"record:{ref.type}/{ref.id}")


def _activity(places: list[tuple[RecordRef, Fields]], lead_id: str) -> list[Finding]:
    """The newest activity, its time and its kind: the contact's, else the company's."""
    for ref, fields in reversed(places):
        entry, at = fields.get("activity"), fields.get("last_activity_at")
        told = entry if isinstance(entry, dict) else {}
        if is_empty(entry) and is_empty(at):
            continue
        if lead_id and lead_id in (told.get("lead_id"), fields.get("last_lead_id")):
            return [nothing(field, "the last activity on record is this lead itself") for field in ACTIVITY_FIELDS]
        where = f"record:{ref.type}/{ref.id}"
        values = {
            "previous_interactions": (entry if not is_empty(entry) else at, "activity"),
            "last_activity_at": (at or told.get("at"), "last_activity_at"),
            "last_activity_kind": (told.get("kind"), "activity"),
        }
        return [_activity_field(field, value, f"{where}.{name}") for field, (value, name) in values.items()]
    return [nothing(field, "no earlier interaction on record") for field in ACTIVITY_FIELDS]


def _activity_field(field: str, value: JsonValue, where: str) -> Finding:
    if is_empty(value):
        return nothing(field, "the activity on record does not say")
    return found(field, value, 0.95, shown(value), where)


def shown(value: JsonValue) -> str:
    """A value as a quote of a record."""
    if isinstance(value, dict):
        return ", ".join(f"{key} {held}" for key, held in value.items())[:200]
    return str(value)[:200]
