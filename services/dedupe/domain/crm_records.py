"""How the CRM's records become rows of the index."""

from dataclasses import replace

from libs.contracts.events import RecordChanged
from services.dedupe.domain.known import Known
from services.dedupe.domain.records import Company, Contact, Delta, text
from services.dedupe.domain.related import is_news, related_of


def delta_of(event: RecordChanged, known: Known) -> Delta | None:
    """What a record's new state changes in the index; None for kinds that it does not hold, and for what it has seen."""
    record_id, kind = event.record.id, event.record.type
    if rows := related_of(event):
        news = tuple(one for one in rows if is_news(one, known.related.get(one.record_id)))
        return Delta(related=news) if news else None
    held = known.contacts.get(record_id) if kind == "contact" else known.companies.get(record_id)
    if kind not in ("contact", "company") or (held is not None and event.version <= held.version):
        return None
    if event.fields is None or event.fields.get("deleted") is True:
        return Delta(gone=(record_id,))
    if kind == "contact":
        return Delta(contacts=(_contact(event, known.contacts.get(record_id) or Contact(record_id)),))
    return Delta(companies=(_company(event, known.companies.get(record_id) or Company(record_id)),))


def _contact(event: RecordChanged, held: Contact) -> Contact:
    fields = event.fields
    full = text(fields, "name") or f"{text(fields, 'first_name')} {text(fields, 'last_name')}".strip()
    return replace(
        held,
        name=full or held.name,
        phone=text(fields, "phone") or held.phone,
        company_id=text(fields, "company_id") or held.company_id,
        company_name=text(fields, "company") or held.company_name,
        pending=False,
        version=event.version,
        fields=fields,
    )


def _company(event: RecordChanged, held: Company) -> Company:
    fields = event.fields
    return replace(
        held,
        name=text(fields, "name") or text(fields, "company") or held.name,
        country=text(fields, "country") or held.country,
        version=event.version,
        fields=fields,
    )
