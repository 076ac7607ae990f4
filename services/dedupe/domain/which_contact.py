"""Which person a lead is from. Certain only by a record id or own id that may be believed, or the exact address."""

from dataclasses import dataclass

from libs.contracts.lead import Candidate
from libs.identity.names import given_name, name_block, name_key, other_given_name
from libs.identity.phones import normalised_phone
from libs.policy.matching import Matching
from services.dedupe.domain.comparison import name_level, person_candidate
from services.dedupe.domain.context import with_context
from services.dedupe.domain.evidence import came_back, contact_evidence, is_kept_apart
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
class _Case:
    """One question: who is the lead from?"""

    person: Person
    known: Known
    matching: Matching
    company: Company | None
    """The company that the lead was attached to."""

    def shown(self, contacts: list[Contact]) -> tuple[Candidate, ...]:
        """The contacts as candidates, the likeliest first."""
        found = [
            person_candidate(self.person, one, self._same_company(one), self.matching.model)
            for one in {one.contact_id: one for one in contacts}.values()
        ]
        order = sorted(found, key=lambda one: (-one.match_probability, one.record.id))
        return with_context(order[: self.matching.max_candidates], self.known)

    def asks(self, rule: str, contacts: list[Contact]) -> ContactVerdict:
        """A new contact for the time being, and a question."""
        return ContactVerdict(rule, candidates=self.shown(contacts), asks=True)

    def _same_company(self, contact: Contact) -> bool:
        return self.company is not None and contact.company_id == self.company.company_id


def contact_verdict(person: Person, known: Known, matching: Matching, company: Company | None) -> ContactVerdict:
    """Which person; see the module's docstring. `company` is the one that the lead was attached to."""
    case = _Case(person, known, matching, company)
    decided = _decided(person, known)
    if decided is not None:
        pair = known.pair(person.subjects(), decided.contact_id)
        return ContactVerdict("linked_by_person", decided, by_person=pair.actor_id if pair else None)
    by_id, by_email = _by_id(person, known), _by_email(person, known)
    exact = {one.contact_id: one for one in (*by_id, *by_email)}
    if not exact:
        return _fuzzy(case)
    again = [one for one in exact.values() if _came_back(person, known, one)]
    if again:
        return case.asks("new_evidence", again)
    if by_id and by_email and not {one.contact_id for one in by_id} & {one.contact_id for one in by_email}:
        return case.asks("ids_disagree", list(exact.values()))
    if not by_email and not all(_id_counts(case, one) for one in by_id):
        return case.asks("typed_id", by_id)
    if len(exact) == 1:
        return _one(case, next(iter(exact.values())), by_id=bool(by_id), by_email=bool(by_email))
    return _several(case, list(exact.values()))


def _by_id(person: Person, known: Known) -> list[Contact]:
    """The settled contacts that the record id or own id names, those kept apart left out."""
    if not person.custom_id:
        return []
    record = known.contacts.get(person.custom_id)
    found = [*known.contacts_by([f"custom:{person.custom_id}"]), *([record] if record else [])]
    return _settled(person, known, found)


def _by_email(person: Person, known: Known) -> list[Contact]:
    return _settled(person, known, known.contacts_by([f"email:{person.email}"]) if person.email else [])


def _settled(person: Person, known: Known, contacts: list[Contact]) -> list[Contact]:
    return [
        one
        for one in contacts
        if not one.pending and one.contact_id != person.contact_id and not _is_apart(person, known, one)
    ]


def _is_apart(person: Person, known: Known, contact: Contact) -> bool:
    return is_kept_apart(known.pair(person.subjects(), contact.contact_id), contact_evidence(person, contact))


def _came_back(person: Person, known: Known, contact: Contact) -> bool:
    return came_back(known.pair(person.subjects(), contact.contact_id), contact_evidence(person, contact))


def _decided(person: Person, known: Known) -> Contact | None:
    """The contact that a person linked this lead to."""
    for subject, record in sorted(known.pairs):
        same = subject in person.subjects() and known.pairs[subject, record].verdict == "same"
        if same and record in known.contacts and subject.startswith("lead:"):
            return known.contacts[record]
    return None


def _id_counts(case: _Case, contact: Contact) -> bool:
    """True when an id may be believed: its sender is trusted, or the name or number is that contact's too."""
    if case.person.trust >= case.matching.id_alone_at:
        return True
    number = normalised_phone(contact.phone)
    return _is_named(case.person, contact) or bool(number and number == case.person.phone)


def _is_named(person: Person, contact: Contact) -> bool:
    level = name_level(person.name_key, name_key(contact.name))
    return level in ("equal", "similar") and not other_given_name(person.name, contact.name)


def _one(case: _Case, contact: Contact, by_id: bool, by_email: bool) -> ContactVerdict:
    """An exact match of one contact: linked; asked when it bears another name, since several may use one mailbox. A role
    mailbox is everybody's: it links whoever writes, and the stored name stays."""
    person, shown = case.person, case.shown([contact])
    affirmed = case.known.verdict(person.subjects(), contact.contact_id) == "same"
    if by_email and not by_id and person.kind == "role":
        return ContactVerdict("role_mailbox", contact, candidates=shown)
    if _is_somebody_else(person.name, contact.name) and not affirmed:
        return ContactVerdict("shared_mailbox", contact, candidates=shown, asks=True)
    return ContactVerdict("custom_id" if by_id else "exact_email", contact, candidates=shown)


def _is_somebody_else(ours: str, theirs: str) -> bool:
    """True when two names are not one person's: nothing in common but a family name, or given names of two people. The same
    given name with another family name is one person who took a new name."""
    level = name_level(name_key(ours), name_key(theirs))
    if level == "one_word":
        return given_name(ours) != given_name(theirs)
    if level == "similar":
        return other_given_name(ours, theirs)
    return level == "differs" and name_block(ours) != name_block(theirs)


def _several(case: _Case, exact: list[Contact]) -> ContactVerdict:
    """Several contacts have the address: the one who bears the name, else a person is asked."""
    named = [one for one in exact if case.person.name_key and name_key(one.name) == case.person.name_key]
    if len(named) == 1:
        return ContactVerdict("email_and_name", named[0], candidates=case.shown(exact))
    return case.asks("address_of_several", exact)


def _fuzzy(case: _Case) -> ContactVerdict:
    """Nobody by an exact key: those whose phone and name, or name and company, make it likely are put to a person."""
    near = _settled(case.person, case.known, case.known.contacts_by(case.person.loose_keys()))
    candidates = {one.record.id: one for one in case.shown(near)}
    found = [candidates[one.contact_id] for one in near if one.contact_id in candidates]
    likely = [one for one in found if _is_likely(case, one)]
    order = sorted(likely, key=lambda one: (-one.match_probability, one.record.id))
    return ContactVerdict("similar_person", candidates=tuple(order), asks=True) if order else ContactVerdict("new")


def _is_likely(case: _Case, candidate: Candidate) -> bool:
    """The name is the contact's, or a short form of it, beside what brought them together: a number or the company."""
    contact = case.known.contacts[candidate.record.id]
    if name_block(case.person.name) == name_block(contact.name):
        return bool(case.person.name_key)
    if not _is_named(case.person, contact):
        return False
    at_one_company = case.company is not None and contact.company_id == case.company.company_id
    return at_one_company or candidate.match_probability >= case.matching.review_at
