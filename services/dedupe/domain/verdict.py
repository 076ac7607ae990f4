"""The verdict: who a lead is from and which company they belong to. Pure; never certain by guess, asks instead.

A person: record or custom id, or exact e-mail -> that contact. Phone and name, or name and company, together -> asked.
A company: corporate domain that one company has -> attached, whatever company the text names. A name that is equal or
similar without the domain, a domain of several companies, a website typed beside a free mailbox -> asked. Else new.
"""

from dataclasses import dataclass
from typing import Literal

from libs.contracts.lead import Candidate
from libs.identity.companies import company_key
from libs.identity.names import name_key
from libs.policy.matching import Matching
from services.dedupe.domain.comparison import company_candidate, company_similarity, name_level, person_candidate
from services.dedupe.domain.known import Known
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, Contact


@dataclass(frozen=True, slots=True)
class ContactVerdict:
    """`existing` None: a new contact. With `asks`, `candidates` are put to a person."""

    rule: str
    existing: Contact | None = None
    candidates: tuple[Candidate, ...] = ()
    asks: bool = False
    by_person: str | None = None


@dataclass(frozen=True, slots=True)
class CompanyVerdict:
    """`existing` None and `mints`: a new company; `existing` None otherwise: no company is known."""

    rule: str
    existing: Company | None = None
    mints: bool = False
    candidates: tuple[Candidate, ...] = ()
    asks: bool = False
    by_person: str | None = None


def company_verdict(person: Person, known: Known, matching: Matching) -> CompanyVerdict:
    """Which company; see the module's docstring."""
    subjects = person.subjects()
    by_domain = _not_apart(person, known, known.companies_by_domain(person.domain) if person.domain else [])
    similar = _similar(person, known, matching)
    typed = known.companies_by_domain(person.typed_domain) if person.typed_domain and not person.domain else []
    chosen = [one for one in _loaded(person, known) if known.verdict(subjects, one.company_id) == "same"]
    if chosen:
        return CompanyVerdict("linked_by_person", chosen[0], by_person=_decider(person, known, chosen[0].company_id))
    if len(by_domain) == 1 and matching.company_by_domain == "corporate_unique":
        return CompanyVerdict("company_domain", by_domain[0])
    asked = {one.company_id: one for one in (*by_domain, *similar, *_not_apart(person, known, typed))}
    if asked:
        return CompanyVerdict(_company_rule(by_domain, typed), candidates=_ranked(person, asked, matching), asks=True)
    return CompanyVerdict("new", mints=bool(person.domain or person.company_key))


def _loaded(person: Person, known: Known) -> list[Company]:
    """The companies that a person's decision about this lead may name, by id."""
    subjects = person.subjects()
    found = {record for subject, record in known.pairs if subject in subjects}
    return [known.companies[one] for one in sorted(found) if one in known.companies]


def _similar(person: Person, known: Known, matching: Matching) -> list[Company]:
    found = _not_apart(person, known, known.companies_by_block(person.blocks()))
    return [one for one in found if one.minted_by != person.lead_id and _is_similar(person, one, matching)]


def _is_similar(person: Person, company: Company, matching: Matching) -> bool:
    if person.company_key:
        return company_similarity(person.company_key, company_key(company.name)) >= matching.company_name_review_at
    label = person.domain.partition(".")[0]
    return len(label) > 3 and label in {domain.partition(".")[0] for domain in company.all_domains()}


def _not_apart(person: Person, known: Known, companies: list[Company]) -> list[Company]:
    return [one for one in companies if known.verdict(person.subjects(), one.company_id) != "apart"]


def _company_rule(by_domain: list[Company], typed: list[Company]) -> str:
    if by_domain:
        return "domain_of_several_companies"
    return "typed_website" if typed else "similar_company"


def _ranked(person: Person, asked: dict[str, Company], matching: Matching) -> tuple[Candidate, ...]:
    found = [company_candidate(person, one, matching.company_name_review_at) for one in asked.values()]
    return _best(found, matching)


def _best(found: list[Candidate], matching: Matching) -> tuple[Candidate, ...]:
    order = sorted(found, key=lambda one: (-one.match_probability, one.record.id))
    return tuple(order[: matching.max_candidates])


def contact_verdict(person: Person, known: Known, matching: Matching, company: Company | None) -> ContactVerdict:
    """Which person; see the module's docstring. `company` is the one that the lead was attached to."""
    decided = _decided(person, known)
    if decided is not None:
        return ContactVerdict("linked_by_person", decided, by_person=_decider(person, known, decided.contact_id))
    by_custom, by_email = _exact(person, known)
    exact = {one.contact_id: one for one in (*by_custom, *by_email)}
    if by_custom and by_email and not {one.contact_id for one in by_custom} & {one.contact_id for one in by_email}:
        return ContactVerdict(
            "ids_disagree", candidates=_people(person, list(exact.values()), company, matching), asks=True
        )
    if len(exact) == 1:
        return _one(person, known, next(iter(exact.values())), bool(by_custom), company)
    if exact:
        return _several(person, list(exact.values()), company, matching)
    return _fuzzy(person, known, matching, company)


def _exact(person: Person, known: Known) -> tuple[list[Contact], list[Contact]]:
    """The settled contacts that the custom id and the e-mail name, those kept apart left out."""
    by_id = known.contacts.get(person.custom_id) if person.custom_id else None
    by_custom = known.contacts_by([f"custom:{person.custom_id}"]) if person.custom_id else []
    by_email = known.contacts_by([f"email:{person.email}"]) if person.email else []
    return _settled(person, known, [*by_custom, *([by_id] if by_id else [])]), _settled(person, known, by_email)


def _settled(person: Person, known: Known, contacts: list[Contact]) -> list[Contact]:
    return [
        one
        for one in contacts
        if not one.pending
        and one.contact_id != person.contact_id
        and known.verdict(person.subjects(), one.contact_id) != "apart"
    ]


def _decided(person: Person, known: Known) -> Contact | None:
    """The contact that a person linked this lead or address to."""
    subjects = person.subjects()
    for subject, record in sorted(known.pairs):
        same = subject in subjects and known.pairs[subject, record].verdict == "same"
        if same and record in known.contacts and subject.startswith("lead:"):
            return known.contacts[record]
    return None


def _decider(person: Person, known: Known, record_id: str) -> str | None:
    held = [pair for one in person.subjects() if (pair := known.pairs.get((one, record_id)))]
    return held[0].actor_id if held else None


def _one(person: Person, known: Known, contact: Contact, by_custom: bool, company: Company | None) -> ContactVerdict:
    """An exact match of one contact: linked; asked when it bears another name, since several may use one mailbox."""
    shown = (person_candidate(person, contact, _same_company(contact, company)),)
    affirmed = known.verdict(person.subjects(), contact.contact_id) == "same"
    conflict = name_level(person.name_key, name_key(contact.name)) in ("differs", "one_word")
    if conflict and not affirmed:
        return ContactVerdict("shared_mailbox", contact, candidates=shown, asks=True)
    return ContactVerdict("custom_id" if by_custom else "exact_email", contact, candidates=shown)


def _several(person: Person, exact: list[Contact], company: Company | None, matching: Matching) -> ContactVerdict:
    """Several contacts have the address: the one who bears the name, else a person is asked."""
    named = [one for one in exact if person.name_key and name_key(one.name) == person.name_key]
    shown = _people(person, exact, company, matching)
    if len(named) == 1:
        return ContactVerdict("email_and_name", named[0], candidates=shown)
    return ContactVerdict("address_of_several", candidates=shown, asks=True)


def _fuzzy(person: Person, known: Known, matching: Matching, company: Company | None) -> ContactVerdict:
    """Nobody by an exact key: those whose phone and name, or name and company, make it likely are put to a person."""
    near = _settled(person, known, known.contacts_by(person.loose_keys()))
    found = [one for one in _people(person, near, company, matching) if _likely(one, matching)]
    if found:
        return ContactVerdict("similar_person", candidates=tuple(found), asks=True)
    return ContactVerdict("new")


def _likely(candidate: Candidate, matching: Matching) -> bool:
    named = any(part.name in ("name: equal", "name: similar") for part in candidate.comparisons)
    return named and candidate.match_probability >= matching.review_at


def _people(
    person: Person, contacts: list[Contact], company: Company | None, matching: Matching
) -> tuple[Candidate, ...]:
    return _best([person_candidate(person, one, _same_company(one, company)) for one in contacts], matching)


def _same_company(contact: Contact, company: Company | None) -> bool:
    return company is not None and contact.company_id == company.company_id


Verdict = Literal["new", "duplicate", "ambiguous"]


def overall(contact: ContactVerdict, company: CompanyVerdict) -> tuple[Verdict, str]:
    """The lead's verdict and the rule that made it: a question first, then a known person, then their company.

    A mailbox that bears another name is a duplicate with a question: the contact is certain, its name is not.
    """
    if contact.asks and contact.existing is None:
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
    if held is None or company.existing is not None or person.domain:
        return company
    named = person.company_key
    if named and company_similarity(named, company_key(held.name)) < matching.company_name_review_at:
        return company
    return CompanyVerdict("contact_company", held)
