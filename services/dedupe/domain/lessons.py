"""What a link taught a contact, and how it is forgotten when the link is cut: an address, a company.

A lesson says which lead taught it. So a cut takes back what that lead brought and nothing else; the other leads of the
contact are looked at again, and teach again what is theirs.
"""

from collections.abc import Iterable
from dataclasses import replace

from services.dedupe.domain.records import Contact, LeadRow, text

EMAIL, COMPANY = "email", "company"


def with_lesson(contact: Contact, lead_id: str, what: str, value: str) -> Contact:
    """The contact with a lesson of a lead; the value itself is the caller's to set."""
    return replace(contact, learned=tuple(sorted({*contact.learned, f"{lead_id}|{what}|{value}"})))


def without_lessons(contact: Contact, lead_id: str) -> Contact:
    """The contact as if the lead had taught it nothing."""
    kept = tuple(one for one in contact.learned if not one.startswith(f"{lead_id}|"))
    if kept == contact.learned:
        return contact
    emails = _values(contact.learned, EMAIL) - _values(kept, EMAIL)
    companies = _values(contact.learned, COMPANY) - _values(kept, COMPANY)
    of_crm = text(contact.fields, "company_id") or None
    return replace(
        contact,
        learned=kept,
        emails=tuple(one for one in contact.emails if one not in emails),
        company_id=of_crm if contact.company_id in companies else contact.company_id,
    )


def concerned(contact: Contact, lead_id: str, email: str, linked: Iterable[LeadRow]) -> tuple[str, ...]:
    """The other leads linked to a contact for which a cut may matter: from the same address, and all of them when the
    contact forgets its company, which each of them may have one for."""
    forgets = without_lessons(contact, lead_id).company_id != contact.company_id
    others = (row for row in linked if row.lead_id != lead_id)
    return tuple(row.lead_id for row in others if forgets or (email and row.email == email))


def _values(lessons: Iterable[str], what: str) -> set[str]:
    parts = (one.split("|", 2) for one in lessons)
    return {value for _, kind, value in parts if kind == what}
