"""Comparisons and their weights: log2 Bayes factors that add up, with a prior, to a match probability (Fellegi-Sunter).

The table is set by hand and documented here: a weight is log2 of how much more often a comparison comes out so between
two records of one person (or company) than between two that only share a blocking key. Ten bits for an equal full name say
that about one pair in a thousand strangers has one; minus one bit for different e-mails says that half of all people who
write twice use another address. `link_at` and `review_at` of the policy cut the resulting probability.
"""

from rapidfuzz import fuzz
from rapidfuzz.distance import JaroWinkler

from libs.contracts.change import RecordRef
from libs.contracts.lead import Candidate, Comparison
from libs.identity.companies import company_key
from libs.identity.names import name_key
from libs.identity.phones import normalised_phone
from services.dedupe.domain.person import Person
from services.dedupe.domain.records import Company, Contact

PERSON_PRIOR = -14.0
COMPANY_PRIOR = -8.0
WEIGHTS = {
    "email": {"equal": 20.0, "differs": -1.0},
    "custom_id": {"equal": 20.0, "differs": -6.0},
    "name": {"equal": 10.0, "similar": 6.0, "one_word": -2.0, "differs": -6.0},
    "phone": {"equal": 12.0, "differs": -2.0},
    "company_of_person": {"equal": 7.0, "differs": -2.0},
    "company_name": {"equal": 11.0, "similar": 8.0, "part": 6.0, "differs": -8.0},
    "domain": {"equal": 14.0, "label": 4.0, "differs": -2.0},
    "typed_domain": {"equal": 9.0, "differs": -1.0},
    "country": {"equal": 1.0, "differs": -3.0},
}
NAME_SIMILAR_AT = 90.0
"""Ratio of edits (0-100) of two sorted names from which they count as similar (a typo)."""
NICKNAMES = {
    "robert": ("bob", "rob", "bobby"), "william": ("bill", "will", "billy", "liam"), "richard": ("dick", "rick", "rich"),
    "margaret": ("peggy", "maggie", "meg"), "elizabeth": ("liz", "beth", "betty", "lisa"), "james": ("jim", "jimmy"),
    "john": ("jack", "johnny"), "edward": ("ted", "ned", "ed"), "katherine": ("kate", "kathy", "katie"),
    "catherine": ("kate", "cathy"), "michael": ("mike", "mick"), "anthony": ("tony",), "andrew": ("drew", "andy"),
    "alexander": ("sasha", "sascha", "xander"), "alexandra": ("sasha", "sandra"), "joseph": ("joe",), "henry": ("harry", "hank"),
    "francisco": ("paco",), "jose": ("pepe",), "johannes": ("hannes", "hans"), "friedrich": ("fritz",), "nicholas": ("nick",),
    "theodore": ("ted",), "charles": ("chuck",), "patricia": ("pat", "trish"), "susan": ("sue",), "deborah": ("debbie",),
}  # fmt: skip
"""Common short forms that no prefix explains; own list."""


def probability(prior: float, comparisons: tuple[Comparison, ...]) -> float:
    """The match probability, 0-1: the prior and the weights are log2 odds."""
    odds = prior + sum(comparison.weight for comparison in comparisons)
    return float(round(1.0 / (1.0 + 2.0**-odds), 4))


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
    return short in NICKNAMES.get(long, ()) or JaroWinkler.similarity(short, long) >= 0.93


def company_similarity(ours: str, theirs: str) -> float:
    """Similarity of two `company_key`s, 0-1: edits with words in any order, spaces aside; an extra word counts a little."""
    if not ours or not theirs:
        return 0.0
    joined = fuzz.ratio(ours.replace(" ", ""), theirs.replace(" ", ""))
    part = 0.9 * fuzz.token_set_ratio(ours, theirs)
    return float(max(fuzz.token_sort_ratio(ours, theirs), joined, part)) / 100.0


def person_candidate(person: Person, contact: Contact, same_company: bool) -> Candidate:
    """The contact, with all that was compared."""
    emails, custom_ids = contact.all_emails(), contact.custom_ids()
    company = _company_level(person, contact, same_company)
    parts = [
        _comparison("email", _equality([person.email], emails), person.email, ", ".join(emails)),
        _comparison("custom_id", _equality([person.custom_id], custom_ids), person.custom_id, ", ".join(custom_ids)),
        _comparison("name", name_level(person.name_key, name_key(contact.name)), person.name, contact.name),
        _comparison("phone", _equality([person.phone], [normalised_phone(contact.phone)]), person.phone, contact.phone),
        _comparison("company_of_person", company, person.company, contact.company_name),
    ]
    comparisons = tuple(part for part in parts if part is not None)
    return Candidate(
        record=RecordRef(type="contact", id=contact.contact_id),
        match_probability=probability(PERSON_PRIOR, comparisons),
        comparisons=comparisons,
    )


def _company_level(person: Person, contact: Contact, same_company: bool) -> str:
    ours, theirs = person.company_key, company_key(contact.company_name)
    if same_company or (ours and ours == theirs):
        return "equal"
    return "differs" if ours and theirs and company_similarity(ours, theirs) < 0.8 else ""


def company_candidate(person: Person, company: Company, review_at: float) -> Candidate:
    """The company, with all that was compared; `review_at` is the similarity from which names count as similar."""
    domains = company.all_domains()
    ours, theirs = person.company_key, company_key(company.name)
    parts = [
        _comparison("company_name", _company_name_level(ours, theirs, review_at), person.company, company.name),
        _comparison("domain", _domain_level(person.domain, domains), person.domain, ", ".join(domains)),
        _comparison("typed_domain", _equality([person.typed_domain], domains), person.typed_domain, ", ".join(domains))
        if not person.domain
        else None,
        _comparison(
            "country", _equality([person.country], [company.country.casefold()]), person.country, company.country
        ),
    ]
    comparisons = tuple(part for part in parts if part is not None)
    return Candidate(
        record=RecordRef(type="company", id=company.company_id),
        match_probability=probability(COMPANY_PRIOR, comparisons),
        comparisons=comparisons,
    )


def _company_name_level(ours: str, theirs: str, review_at: float) -> str:
    if not ours or not theirs:
        return ""
    if ours.replace(" ", "") == theirs.replace(" ", ""):
        return "equal"
    if company_similarity(ours, theirs) < review_at:
        return "differs"
    return "similar" if fuzz.token_sort_ratio(ours, theirs) / 100.0 >= review_at else "part"


def _domain_level(ours: str, theirs: tuple[str, ...]) -> str:
    level = _equality([ours], theirs)
    labels = {domain.partition(".")[0] for domain in theirs}
    return "label" if level == "differs" and ours.partition(".")[0] in labels else level


def _equality(ours: list[str], theirs: list[str] | tuple[str, ...]) -> str:
    mine, yours = set(ours) - {""}, set(theirs) - {""}
    if not mine or not yours:
        return ""
    return "equal" if mine & yours else "differs"


def _comparison(name: str, level: str, ours: str, theirs: str) -> Comparison | None:
    if not level:
        return None
    return Comparison(name=f"{name}: {level}", ours=ours or None, theirs=theirs or None, weight=WEIGHTS[name][level])
