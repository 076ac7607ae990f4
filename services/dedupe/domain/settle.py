"""What a verdict makes of the index: which contact and company rows are new or changed, and the lead's `Identity`."""

from dataclasses import dataclass, replace

from libs.contracts.change import RecordRef
from libs.contracts.lead import Identity
from libs.identity.names import name_key
from libs.policy.matching import Matching
from services.dedupe.domain.comparison import name_level
from services.dedupe.domain.known import Known
from services.dedupe.domain.lessons import COMPANY, EMAIL, with_lesson
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, Contact, LeadRow
from services.dedupe.domain.verdict import (
    CompanyVerdict,
    ContactVerdict,
    company_verdict,
    contact_verdict,
    overall,
    with_contacts_company,
)


@dataclass(frozen=True, slots=True)
class Settled:
    """The identity of a lead and what it changes; `contact` and `company` are the rows that the lead now belongs to."""

    identity: Identity
    contact: Contact
    company: Company | None
    contact_verdict: ContactVerdict
    company_verdict: CompanyVerdict
    contacts: tuple[Contact, ...] = ()
    """Changed or new rows."""
    companies: tuple[Company, ...] = ()


def settled(person: Person, known: Known, matching: Matching, row: LeadRow | None) -> Settled:
    """Who the lead is from, by the verdict; `row` is the lead's earlier version, whose evidence no longer counts."""
    by_domain = company_verdict(person, known, matching)
    who = contact_verdict(person, known, matching, by_domain.existing)
    where = with_contacts_company(person, who, by_domain, known, matching)
    company, companies = _company(person, where, known)
    contact, contacts = _contact(person, who, company, known, row, matching)
    verdict, rule = overall(who, where)
    identity = Identity(
        verdict=verdict,
        rule=rule,
        contact=RecordRef(type="contact", id=contact.contact_id),
        contact_is_new=who.existing is None,
        company=RecordRef(type="company", id=company.company_id) if company else None,
        company_is_new=company is not None and company.minted_by == person.lead_id,
        candidates=(*who.candidates, *where.candidates),
        decided_by=who.by_person or where.by_person,
        notes=where.notes,
    )
    return Settled(identity, contact, company, who, where, contacts, companies)


def _company(person: Person, verdict: CompanyVerdict, known: Known) -> tuple[Company | None, tuple[Company, ...]]:
    if verdict.existing is not None or not verdict.mints:
        return verdict.existing, ()
    held = known.companies.get(person.company_id) or Company(person.company_id, minted_by=person.lead_id)
    free = person.domain and all(
        one.company_id == person.company_id for one in known.companies_by_domain(person.domain)
    )
    minted = replace(
        held,
        domains=(person.domain,) if free else (),
        name=person.company or held.name,
        country=person.country or held.country,
    )
    return minted, () if minted == known.companies.get(person.company_id) else (minted,)


def _contact(
    person: Person,
    verdict: ContactVerdict,
    company: Company | None,
    known: Known,
    row: LeadRow | None,
    matching: Matching,
) -> tuple[Contact, tuple[Contact, ...]]:
    if verdict.existing is not None:
        learned = _learned(person, verdict, company, known, matching)
        changed = [learned] if learned != verdict.existing else []
        return learned, (*changed, *_withdrawn(person, known, row))
    others = [one for one in known.contacts_by(person.exact_keys()) if one.contact_id != person.contact_id]
    held = next((one for one in others if one.pending), None)
    if held is not None and person.contact_id not in known.contacts:
        minted = _minted(person, held, verdict, company, known, row)
        return minted, () if minted == held else (minted,)
    own = known.contacts.get(person.contact_id) or Contact(person.contact_id, minted_by=person.lead_id)
    minted = _minted(person, own, verdict, company, known, row)
    sharing = [replace(one, shared=True) for one in others if not one.shared and minted.shared]
    changed = [minted] if minted != known.contacts.get(minted.contact_id) else []
    return minted, (*changed, *sharing)


def _minted(
    person: Person, held: Contact, verdict: ContactVerdict, company: Company | None, known: Known, row: LeadRow | None
) -> Contact:
    """A new contact's row. While a question is open it takes no key that another contact has."""
    others = [one for one in known.contacts_by(person.exact_keys()) if one.contact_id != held.contact_id]
    taken = {key for one in others for key in one.all_keys()}
    keeps = not verdict.asks
    emails = set(held.emails) - ({row.email} if row else set())
    if person.email and (keeps or f"email:{person.email}" not in taken):
        emails.add(person.email)
    custom = person.custom_id if keeps or f"custom:{person.custom_id}" not in taken else ""
    own = held.contact_id == person.contact_id
    return replace(
        held,
        emails=tuple(sorted(emails)),
        custom_id=custom or held.custom_id,
        name=_first(person.name, held.name, own),
        phone=_first(person.phone, held.phone, own),
        company_id=company.company_id if company else held.company_id,
        company_name=_first(person.company, held.company_name, own),
        pending=verdict.asks,
        shared=held.shared or (keeps and any(key in taken for key in person.exact_keys())),
    )


def _first(ours: str, held: str, own: bool) -> str:
    """The newer text on a lead's own contact; on another's, what it says already."""
    return (ours or held) if own else (held or ours)


def _learned(
    person: Person, verdict: ContactVerdict, company: Company | None, known: Known, matching: Matching
) -> Contact:
    """A known contact, with a new address that a person vouches for, or a trusted sender's id together with the name, and a
    company when it had none. An id can be typed into any form: from there it teaches nothing.

    An address that another settled contact has stays with that one.
    """
    contact = verdict.existing
    assert contact is not None
    others = [one for one in known.contacts_by([f"email:{person.email}"]) if one.contact_id != contact.contact_id]
    named = name_level(person.name_key, name_key(contact.name)) in ("equal", "similar")
    believed = person.trust >= matching.id_alone_at
    vouched = verdict.by_person is not None or (verdict.rule == "custom_id" and named and believed)
    if verdict.asks:
        return contact
    if (
        vouched
        and person.email
        and person.email not in contact.all_emails()
        and all(_yields(one, person) for one in others)
    ):
        taught = with_lesson(contact, person.lead_id, EMAIL, person.email)
        contact = replace(taught, emails=tuple(sorted({*contact.emails, person.email})))
    if company is not None and not contact.company_id:
        taught = with_lesson(contact, person.lead_id, COMPANY, company.company_id)
        contact = replace(taught, company_id=company.company_id)
    return contact


def _yields(contact: Contact, person: Person) -> bool:
    """True for the provisional contact of this lead: it gives its keys up when the lead turns out to be somebody known."""
    return contact.contact_id == person.contact_id and contact.fields is None


def _withdrawn(person: Person, known: Known, row: LeadRow | None) -> tuple[Contact, ...]:
    """The contact that an earlier version of this lead made, without the evidence that now speaks for somebody else."""
    own = known.contacts.get(person.contact_id)
    if own is None or row is None or row.contact_id != own.contact_id:
        return ()
    emails = tuple(email for email in own.emails if email not in (row.email, person.email))
    bare = own.fields is None and not emails
    empty = replace(own, emails=emails, custom_id="", pending=own.pending and not bare)
    return (replace(empty, name="", phone="", company_name="") if bare else empty,)
