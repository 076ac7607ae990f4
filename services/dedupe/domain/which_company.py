"""Which company a lead belongs to. Certain only by a corporate domain that one company has; everything else is asked."""

from dataclasses import dataclass, replace

from libs.contracts.lead import Candidate, Comparison
from libs.identity.companies import company_key, is_acronym
from libs.policy.matching import Matching
from services.dedupe.domain.comparison import company_candidate, company_similarity, probability
from services.dedupe.domain.context import held_reasons, with_context
from services.dedupe.domain.evidence import company_evidence, is_kept_apart
from services.dedupe.domain.known import Known
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, label_key

ACRONYM_BITS = 3.0
"""What first letters weigh, set by hand: much less than a similar name, enough to be looked at."""
_SHORTEST_LABEL = 4
_SHORTEST_NAME = 5


@dataclass(frozen=True, slots=True)
class CompanyVerdict:
    """`existing` None and `mints`: a new company; `existing` None otherwise: no company is known."""

    rule: str
    existing: Company | None = None
    mints: bool = False
    candidates: tuple[Candidate, ...] = ()
    asks: bool = False
    by_person: str | None = None
    notes: tuple[str, ...] = ()


def company_verdict(person: Person, known: Known, matching: Matching) -> CompanyVerdict:
    """Which company; see the module's docstring."""
    chosen = _chosen(person, known)
    if chosen is not None:
        pair = known.pair(person.subjects(), chosen.company_id)
        return CompanyVerdict("linked_by_person", chosen, by_person=pair.actor_id if pair else None)
    by_domain = _not_apart(person, known, known.companies_by_domain(person.domain) if person.domain else [])
    if len(by_domain) == 1 and matching.company_by_domain == "corporate_unique":
        return _attached(person, by_domain[0], known, matching)
    found = _asked(person, known, matching, by_domain)
    asked = {one.company_id: one for _, companies in found for one in companies}
    if asked:
        return CompanyVerdict(found[0][0], candidates=_ranked(person, asked, known, matching), asks=True)
    return CompanyVerdict("new", mints=bool(person.domain or person.company_key))


def _asked(
    person: Person, known: Known, matching: Matching, by_domain: list[Company]
) -> list[tuple[str, list[Company]]]:
    """The companies that a person has to be asked about, by rule, the strongest first."""
    found = [
        ("domain_of_several_companies", by_domain),
        ("redirected_domain", known.companies_redirecting(person.domain) if person.domain and not by_domain else []),
        ("typed_website", known.companies_by_domain(person.typed_domain) if person.typed_domain else []),
        ("similar_company", _similar(person, known, matching)),
    ]
    left = [(rule, _not_apart(person, known, companies)) for rule, companies in found]
    return [(rule, companies) for rule, companies in left if companies]


def _attached(person: Person, company: Company, known: Known, matching: Matching) -> CompanyVerdict:
    """The one company of the domain: attached whatever company the text names, unless that is one of its own group, or it
    is held back."""
    group = _not_apart(person, known, [one for one in _named(person, known) if _are_one_group(one, company)])
    if group:
        asked = {one.company_id: one for one in (company, *group)}
        return CompanyVerdict("company_group", candidates=_ranked(person, asked, known, matching), asks=True)
    if held_reasons(company, known) & set(matching.ask_when_held):
        candidates = _ranked(person, {company.company_id: company}, known, matching)
        return CompanyVerdict("held_company", candidates=candidates, asks=True)
    return CompanyVerdict("company_domain", company, notes=_notes(person, company, known, matching))


def _named(person: Person, known: Known) -> list[Company]:
    """The known companies whose names the text gives exactly."""
    return known.companies_called(person.company_keys())


def _are_one_group(one: Company, other: Company) -> bool:
    """Parent and subsidiary, or two of one parent, by their records."""
    if one.company_id == other.company_id:
        return False
    ours, theirs = {one.company_id, *one.parents()}, {other.company_id, *other.parents()}
    return bool(ours & theirs)


def _notes(person: Person, company: Company, known: Known, matching: Matching) -> tuple[str, ...]:
    """What a person should see beside an attached company: another name typed, or another company's site."""
    found = []
    if person.company_key and not _alike(person, company, matching):
        others = [one.company_id for one in _named(person, known) if one.company_id != company.company_id]
        also = f" (known as {', '.join(others)})" if others else ""
        found.append(f"The text names {person.company}{also}; the address is {company.name}'s.")
    if person.typed_domain and person.typed_domain not in company.all_domains():
        found.append(f"The website typed is {person.typed_domain}; the address is {company.name}'s.")
    return tuple(found)


def _alike(person: Person, company: Company, matching: Matching) -> bool:
    """True when a name typed is equal or highly similar to one of the company's, or one is the other's first letters."""
    names = company.all_names()
    similar = (company_similarity(ours, company_key(name)) for ours in person.company_keys() for name in names)
    return _by_first_letters(person, company) or any(one >= matching.company_name_review_at for one in similar)


def _by_first_letters(person: Person, company: Company) -> bool:
    return bool(person.company_key) and any(is_acronym(person.company, name) for name in company.all_names())


def _chosen(person: Person, known: Known) -> Company | None:
    """The company that a person linked this lead or address to."""
    subjects = person.subjects()
    found = sorted({record for subject, record in known.pairs if subject in subjects and record in known.companies})
    return next((known.companies[one] for one in found if known.verdict(subjects, one) == "same"), None)


def _similar(person: Person, known: Known, matching: Matching) -> list[Company]:
    found = known.companies_by_block(person.blocks())
    return [one for one in found if one.minted_by != person.lead_id and _is_similar(person, one, matching)]


def _is_similar(person: Person, company: Company, matching: Matching) -> bool:
    """By any name typed; by the domain's own name when it says the company's name, or stands under another suffix."""
    label = label_key(person.domain).replace(" ", "")
    if _alike(person, company, matching):
        return True
    names = {company_key(name).replace(" ", "") for name in company.all_names()}
    if len(label) >= _SHORTEST_NAME and label in names:
        return True
    labels = {label_key(domain).replace(" ", "") for domain in company.all_domains()}
    return not person.company_key and len(label) >= _SHORTEST_LABEL and label in labels


def _not_apart(person: Person, known: Known, companies: list[Company]) -> list[Company]:
    return [one for one in companies if not _is_apart(person, known, one)]


def _is_apart(person: Person, known: Known, company: Company) -> bool:
    pair = known.pair(person.subjects(), company.company_id)
    return is_kept_apart(pair, company_evidence(person, company))


def _ranked(person: Person, asked: dict[str, Company], known: Known, matching: Matching) -> tuple[Candidate, ...]:
    found = [_best_reading(person, one, matching) for one in asked.values()]
    order = sorted(found, key=lambda one: (-one.match_probability, one.record.id))
    return with_context(order[: matching.max_candidates], known)


def _best_reading(person: Person, company: Company, matching: Matching) -> Candidate:
    """The comparison by the names that agree best, of all that the text gives and the company had."""
    typed = [person.company, *person.company_keys()] if person.company_key else [person.company]
    readings = [
        company_candidate(
            replace(person, company=ours),
            replace(company, name=theirs),
            matching.company_name_review_at,
            matching.model,
        )
        for ours in typed
        for theirs in (company.all_names() or ("",))
    ]
    best = max(readings, key=lambda one: one.match_probability)
    return _by_letters(best, matching) if _by_first_letters(person, company) else best


def _by_letters(candidate: Candidate, matching: Matching) -> Candidate:
    """The candidate whose name "differs", and is the other's first letters."""
    parts = []
    for one in candidate.comparisons:
        if one.name == "company_name: differs":
            parts.append(
                Comparison(name="company_name: letters", ours=one.ours, theirs=one.theirs, weight=ACRONYM_BITS)
            )
        else:
            parts.append(one)
    likely = round(probability(matching.model.company, {one.name: one.weight for one in parts}), 6)
    return candidate.model_copy(update={"comparisons": tuple(parts), "match_probability": likely})
