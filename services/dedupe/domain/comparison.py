"""Comparisons of people and of companies: how two records compare, level by level, and what that weighs.

The levels are ours, in Python and rapidfuzz here and once more in SQL for Splink (`matching/levels.py`); a test holds that
both find the same. The weights are the policy's (`libs/policy/match_model.py`): set by hand at first, estimated from the
record base by `signalbox match train`. `link_at` and `review_at` of the policy cut the resulting probability.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from libs.contracts.change import RecordRef
from libs.contracts.lead import Candidate, Comparison
from libs.identity.companies import company_key
from libs.identity.names import name_key
from libs.identity.nicknames import NICKNAMES
from libs.identity.phones import normalised_phone
from libs.policy.match_model import MatchModel, RecordModel
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, Contact

NAME_SIMILAR_AT = 90.0
"""Ratio of edits (0-100) of two sorted names from which they count as similar (a typo)."""
WORD_SIMILAR_AT = 0.93
"""Jaro-Winkler similarity (0-1) from which a word may be a misspelling of another."""
COMPANY_DIFFERS_BELOW = 0.8
"""Similarity (0-1) of the companies of two people below which they differ; nothing is said of those between."""
LONGEST = 120
"""Names are compared by so many characters."""
Levels = dict[str, str]
"""The level of each comparison that both sides have a value for."""


@dataclass(frozen=True, slots=True)
class PersonFacts:
    """What is compared of a person, in the spelling of the keys; empty where it is not known."""

    emails: tuple[str, ...] = ()
    custom_ids: tuple[str, ...] = ()
    name_key: str = ""
    phone: str = ""
    company_key: str = ""
    company_id: str = ""


@dataclass(frozen=True, slots=True)
class CompanyFacts:
    """What is compared of a company. Only a lead has typed domains: sites given beside a mailbox that tells no company."""

    company_key: str = ""
    domains: tuple[str, ...] = ()
    typed_domains: tuple[str, ...] = ()
    country: str = ""


def contact_facts(contact: Contact) -> PersonFacts:
    """A contact's facts."""
    return PersonFacts(
        contact.all_emails(), contact.custom_ids(), name_key(contact.name)[:LONGEST], normalised_phone(contact.phone),
        company_key(contact.company_name)[:LONGEST], contact.company_id or "",
    )  # fmt: skip


def company_facts(company: Company) -> CompanyFacts:
    """A company's facts."""
    key = company_key(company.name)[:LONGEST]
    return CompanyFacts(key, company.all_domains(), country=company.country.strip().casefold())


def person_levels(ours: PersonFacts, theirs: PersonFacts) -> Levels:
    """How two people compare."""
    return _said(
        email=_equality(ours.emails, theirs.emails),
        custom_id=_equality(ours.custom_ids, theirs.custom_ids),
        name=name_level(ours.name_key, theirs.name_key),
        phone=_equality((ours.phone,), (theirs.phone,)),
        company_of_person=_company_of_person(ours, theirs),
    )


def company_levels(ours: CompanyFacts, theirs: CompanyFacts, review_at: float) -> Levels:
    """How two companies compare; `review_at` is the similarity (0-1) from which names count as similar."""
    return _said(
        company_name=_company_name_level(ours.company_key, theirs.company_key, review_at),
        domain=_domain_level(ours.domains, theirs.domains),
        typed_domain="" if ours.domains else _equality(ours.typed_domains, theirs.domains),
        country=_equality((ours.country,), (theirs.country,)),
    )


def person_weights(model: RecordModel, levels: Levels, ours: PersonFacts, theirs: PersonFacts) -> dict[str, float]:
    """What each comparison of two people weighs, in bits."""
    terms = {
        "name": (ours.name_key, theirs.name_key),
        "company_of_person": (ours.company_key, theirs.company_key),
    }
    return {name: model.weight(name, level, *terms.get(name, ())) for name, level in levels.items()}


def company_weights(model: RecordModel, levels: Levels, ours: CompanyFacts, theirs: CompanyFacts) -> dict[str, float]:
    """What each comparison of two companies weighs, in bits."""
    terms = {"company_name": (ours.company_key, theirs.company_key)}
    return {name: model.weight(name, level, *terms.get(name, ())) for name, level in levels.items()}


def probability(model: RecordModel, weights: Mapping[str, float]) -> float:
    """The match probability, 0-1: prior and weights are log2 odds and add up."""
    bits = model.prior_weight + sum(weights.values())
    return float(1.0 / (1.0 + 2.0**-bits))


def person_candidate(person: Person, contact: Contact, same_company: bool, model: MatchModel) -> Candidate:
    """The contact, with all that was compared; `same_company`: the lead was attached to the contact's company."""
    theirs = contact_facts(contact)
    ours = PersonFacts(
        _held(person.email), _held(person.custom_id), person.name_key[:LONGEST], person.phone,
        person.company_key[:LONGEST], theirs.company_id if same_company else "",
    )  # fmt: skip
    levels = person_levels(ours, theirs)
    shown = {
        "email": (person.email, ", ".join(theirs.emails)),
        "custom_id": (person.custom_id, ", ".join(theirs.custom_ids)),
        "name": (person.name, contact.name),
        "phone": (person.phone, contact.phone),
        "company_of_person": (person.company, contact.company_name),
    }
    weights = person_weights(model.person, levels, ours, theirs)
    return _candidate("contact", contact.contact_id, levels, weights, model.person, shown)


def company_candidate(person: Person, company: Company, review_at: float, model: MatchModel) -> Candidate:
    """The company, with all that was compared; `review_at` as in `company_levels`."""
    theirs = company_facts(company)
    typed = _held(person.typed_domain)
    ours = CompanyFacts(person.company_key[:LONGEST], _held(person.domain), typed, person.country)
    levels = company_levels(ours, theirs, review_at)
    domains = ", ".join(theirs.domains)
    shown = {
        "company_name": (person.company, company.name),
        "domain": (person.domain, domains),
        "typed_domain": (person.typed_domain, domains),
        "country": (person.country, company.country),
    }
    weights = company_weights(model.company, levels, ours, theirs)
    return _candidate("company", company.company_id, levels, weights, model.company, shown)


def name_level(ours: str, theirs: str) -> str:
    """How two `name_key`s compare: equal, similar, one_word (a word in common, the rest disagrees), differs; empty when
    one is missing.

    Similar is a typo, a missing word, an initial or a short form ("alex" for "alexander"): names that one person may use.
    """
    if not ours or not theirs:
        return ""
    if ours == theirs:
        return "equal"
    mine, yours = set(ours.split()), set(theirs.split())
    if fuzz.token_sort_ratio(ours, theirs) >= NAME_SIMILAR_AT or _fit(mine - yours, yours - mine):
        return "similar"
    return "one_word" if mine & yours else "differs"


def _fit(mine: set[str], yours: set[str]) -> bool:
    """True when every word that one name has too many may stand for a word of the other."""
    fewer, more = sorted((mine, yours), key=len)
    return all(any(_may_be(a, b) for b in more) for a in fewer) and (bool(fewer) or bool(more))


def _may_be(a: str, b: str) -> bool:
    short, long = sorted((a, b), key=len)
    if long.startswith(short) and (len(short) == 1 or len(short) >= 3):
        return True
    if short in NICKNAMES.get(long, ()):
        return True
    return JaroWinkler.similarity(short.encode(), long.encode()) >= WORD_SIMILAR_AT  # bytes, as DuckDB does


def company_similarity(ours: str, theirs: str) -> float:
    """Similarity of two `company_key`s, 0-1: edits with words in any order, spaces aside; an extra word counts a little."""
    if not ours or not theirs:
        return 0.0
    joined = fuzz.ratio(ours.replace(" ", ""), theirs.replace(" ", ""))
    part = 0.9 * fuzz.token_set_ratio(ours, theirs)
    return float(max(fuzz.token_sort_ratio(ours, theirs), joined, part)) / 100.0


def _company_of_person(ours: PersonFacts, theirs: PersonFacts) -> str:
    mine, yours = ours.company_key, theirs.company_key
    if (ours.company_id and ours.company_id == theirs.company_id) or (mine and mine == yours):
        return "equal"
    return "differs" if mine and yours and company_similarity(mine, yours) < COMPANY_DIFFERS_BELOW else ""


def _company_name_level(ours: str, theirs: str, review_at: float) -> str:
    if not ours or not theirs:
        return ""
    if ours.replace(" ", "") == theirs.replace(" ", ""):
        return "equal"
    if fuzz.token_sort_ratio(ours, theirs) / 100.0 >= review_at:
        return "similar"
    return "part" if company_similarity(ours, theirs) >= review_at else "differs"


def _domain_level(ours: Collection[str], theirs: Collection[str]) -> str:
    level = _equality(ours, theirs)
    return "label" if level == "differs" and _labels(ours) & _labels(theirs) else level


def _labels(domains: Collection[str]) -> set[str]:
    return {domain.partition(".")[0] for domain in domains} - {""}


def _equality(ours: Collection[str], theirs: Collection[str]) -> str:
    mine, yours = set(ours) - {""}, set(theirs) - {""}
    if not mine or not yours:
        return ""
    return "equal" if mine & yours else "differs"


def _held(value: str) -> tuple[str, ...]:
    return (value,) if value else ()


def _said(**levels: str) -> Levels:
    return {name: level for name, level in levels.items() if level}


def _candidate(
    kind: str,
    record_id: str,
    levels: Levels,
    weights: Mapping[str, float],
    model: RecordModel,
    shown: Mapping[str, tuple[str, str]],
) -> Candidate:
    compared = tuple(
        Comparison(
            name=f"{name}: {level}",
            ours=shown[name][0] or None,
            theirs=shown[name][1] or None,
            weight=round(weights[name], 2),
        )
        for name, level in levels.items()
    )
    likely = round(probability(model, weights), 6)
    return Candidate(record=RecordRef(type=kind, id=record_id), match_probability=likely, comparisons=compared)
