"""The verdict: who a lead is from and which company they belong to. Pure; never certain by guess, asks instead.

A person: record or own id that may be believed, or exact e-mail -> that contact; asked when the name is somebody else's.
Phone and name, or name and company, together -> asked. A company: corporate domain that one company has and that is not held
back -> attached, whatever company the text names. A name that is equal or similar without the domain, a domain of several
companies, a redirect, a group's other name, a website typed -> asked. Else new. The rules in words: docs/identity.md.
"""

from typing import Literal

from libs.identity.companies import company_key
from libs.policy.matching import Matching
from services.dedupe.domain.comparison import company_similarity
from services.dedupe.domain.known import Known
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company
from services.dedupe.domain.which_company import CompanyVerdict, company_verdict
from services.dedupe.domain.which_contact import ContactVerdict, contact_verdict

Verdict = Literal["new", "duplicate", "ambiguous"]

__all__ = [
    "CompanyVerdict", "ContactVerdict", "Verdict", "company_verdict", "contact_verdict", "overall", "with_contacts_company",
]  # fmt: skip


def overall(contact: ContactVerdict, company: CompanyVerdict) -> tuple[Verdict, str]:
    """The lead's verdict and the rule that made it: a question first, then a known person, then their company."""
    if contact.asks:
        return "ambiguous", contact.rule
    if company.asks:
        return "ambiguous", company.rule
    if contact.existing is not None:
        return "duplicate", contact.rule
    return "new", company.rule if company.existing is not None else contact.rule


def with_contacts_company(
    person: Person, contact: ContactVerdict, company: CompanyVerdict, known: Known, matching: Matching
) -> CompanyVerdict:
    """The company, where a known person's own one answers what the address could not: unless the text names another."""
    held = known.companies.get(contact.existing.company_id or "") if contact.existing and not contact.asks else None
    if held is None or company.existing is not None:
        return company
    asked = {one.record.id for one in company.candidates}
    if held.company_id in asked or _is_theirs(person, contact, held, matching, asked=bool(asked)):
        return CompanyVerdict("contact_company", held)
    return company


def _is_theirs(person: Person, contact: ContactVerdict, held: Company, matching: Matching, asked: bool) -> bool:
    """True when nothing in the lead speaks against the contact's own company: another one named, or another mailbox's domain."""
    if person.domain and contact.existing is not None and person.email not in contact.existing.all_emails():
        return False
    named = person.company_key
    if not named:
        return not asked
    return company_similarity(named, company_key(held.name)) >= matching.company_name_review_at
