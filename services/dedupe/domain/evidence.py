"""What speaks for a pair of a lead and a record, apart from how much it weighs: what a "kept apart" is remembered with."""

from libs.identity.companies import company_key
from libs.identity.names import name_block, name_key
from libs.identity.phones import normalised_phone
from services.dedupe.domain.known import Known
from services.dedupe.domain.lessons import without_lessons
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, Contact, Pair


def contact_evidence(person: Person, contact: Contact) -> frozenset[str]:
    """What a lead and a contact have in common."""
    ours, theirs = person.name_key, name_key(contact.name)
    found = {
        "email": person.email in contact.all_emails(),
        "id": bool(person.custom_id) and person.custom_id in (contact.contact_id, *contact.custom_ids()),
        "phone": bool(person.phone) and person.phone == normalised_phone(contact.phone),
        "name": bool(ours) and ours == theirs,
        "name_alike": bool(ours) and ours != theirs and name_block(person.name) == name_block(contact.name),
        "company": bool(person.company_key) and person.company_key == company_key(contact.company_name),
    }
    return frozenset(name for name, holds in found.items() if holds)


def company_evidence(person: Person, company: Company) -> frozenset[str]:
    """What a lead and a company have in common."""
    called = {company_key(name) for name in company.all_names()}
    found = {
        "domain": person.domain in company.all_domains(),
        "redirect": person.domain in company.redirects(),
        "website": person.typed_domain in company.all_domains(),
        "name": bool(called.intersection(person.company_keys())),
    }
    return frozenset(name for name, holds in found.items() if holds)


def told(evidence: frozenset[str]) -> str:
    """The evidence as it is kept; "nothing" when a pair had nothing in common but likeness."""
    return "+".join(sorted(evidence)) or "nothing"


def evidence_with(person: Person, known: Known, record_id: str) -> str:
    """The evidence for a record as it is kept, without what this lead itself taught it; empty when it is not known."""
    if (contact := known.contacts.get(record_id)) is not None:
        return told(contact_evidence(person, without_lessons(contact, person.lead_id)))
    if (company := known.companies.get(record_id)) is not None:
        return told(company_evidence(person, company))
    return ""


def is_kept_apart(pair: Pair | None, evidence: frozenset[str]) -> bool:
    """True when a person kept a pair apart and nothing new speaks for it since. Less evidence is not new evidence."""
    if pair is None or pair.verdict != "apart":
        return False
    return not pair.evidence or evidence <= frozenset(pair.evidence.split("+"))


def came_back(pair: Pair | None, evidence: frozenset[str]) -> bool:
    """True when a pair was kept apart, and something new speaks for it: it is asked again, never linked."""
    return pair is not None and pair.verdict == "apart" and not is_kept_apart(pair, evidence)
