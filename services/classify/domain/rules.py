"""Labels that rules read off facts and self-descriptions: buyer role, industry, company fit, product interest.

A rule that has nothing to go on says `unknown`; it never concludes from silence.
"""

import re
from collections.abc import Callable
from functools import lru_cache

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim
from libs.policy.taxonomy import LabelledField
from services.classify.domain.asked import Asked
from services.classify.domain.cues import employees_cue

Rule = Callable[[LabelledField], Claim]

READ_OFF = 0.9
"""Confidence of a label that is another stated fact in other words."""
SAID_OF_ONESELF = 0.75
"""Confidence of a word inside a self-description such as "we are a logistics company"."""
NOTHING_SAID = Claim(label="unknown", confidence=READ_OFF)

PROFILE_EMPLOYEES = (50, 500)
NEAR_PROFILE_EMPLOYEES = (20, 1000)
WEAK_BELOW_EMPLOYEES = 5
PROFILE_INDUSTRIES = frozenset(
    ("software", "ecommerce", "financial_services", "logistics", "telecom", "professional_services")
)
"""The ideal customer of the shipped taxonomy: 50 to 500 people, business software and services."""

_ROLE_OF_FUNCTION = {
    "sales": "sales",
    "ops": "ops",
    "support": "support",
    "marketing": "marketing",
    "technical": "technical",
}
_WE_ARE = re.compile(
    r"(?<!\w)(?:we are|we're|i work (?:for|at)|our (?:company|firm|business) is|wir sind|nous sommes|somos|siamo"
    r"|wij zijn|we zijn)"
    r"(?!\w)[^.!?\n]{0,90}",
    re.IGNORECASE,
)
_I_AM = re.compile(
    r"(?<!\w)(?:i am|i'm|ich bin|je suis|soy|sono)(?!\w)[^.!?\n]{0,60}|^[^.!?,\n]{0,40}(?<!\w)here(?!\w)", re.IGNORECASE
)


def buyer_role(asked: Asked, field: LabelledField) -> Claim:
    """By the title's function and seniority, else by how the person introduces himself or herself."""
    function, seniority = asked.facts.get("function", ""), asked.facts.get("seniority", "")
    if seniority == "founder" or (seniority == "c_level" and function == "general"):
        return _known(field, "founder", asked, "seniority")
    if function in _ROLE_OF_FUNCTION:
        return _known(field, _ROLE_OF_FUNCTION[function], asked, "function")
    return _worded(asked, field, _I_AM)


def industry(asked: Asked, field: LabelledField) -> Claim:
    """The stated industry, else a word of the taxonomy in how the company is described or named."""
    stated = asked.facts.get("industry", "").casefold().replace(" ", "_")
    if stated in field.labels and stated != "unknown":
        return Claim(label=stated, confidence=READ_OFF, evidence=(asked.fact("industry"),))
    described = _worded(asked, field, _WE_ARE)
    if described.label != "unknown":
        return described
    for name in ("industry", "company"):
        found = _label_in(asked.facts.get(name, ""), field)
        if found is not None:
            return Claim(label=found[0], confidence=SAID_OF_ONESELF, evidence=(asked.fact(name),))
    return NOTHING_SAID


def company_fit(asked: Asked, field: LabelledField, of_industry: Claim) -> Claim:
    """Size and industry against the profile: strong when both fit, possible when one does, weak when clearly outside."""
    size, evidence = _employees(asked)
    fits_industry = of_industry.label in PROFILE_INDUSTRIES
    known_industry = of_industry.label != "unknown"
    if size is None and not known_industry:
        return NOTHING_SAID
    confidence = min(READ_OFF, of_industry.confidence) if known_industry else READ_OFF
    proof = (*evidence, *of_industry.evidence)
    label = _fit(size, fits_industry)
    if label is None or label not in field.labels:
        return NOTHING_SAID
    return Claim(label=label, confidence=confidence, evidence=proof)


def product_interest(asked: Asked, field: LabelledField) -> Claim:
    """The product that the form names, by its own name or a word of the taxonomy."""
    product = asked.facts.get("product", "")
    named = product.casefold().replace(" ", "_").replace("-", "_")
    label = named if named in field.labels and named != "unknown" else None
    if label is None:
        label = next(
            (name for name in field.labels if name != "unknown" and name.replace("_", " ") in product.casefold()), None
        )
    if label is None and (found := _label_in(product, field)):
        label = found[0]
    return NOTHING_SAID if label is None else Claim(label=label, confidence=READ_OFF, evidence=(asked.fact("product"),))


def _fit(size: int | None, fits_industry: bool) -> str | None:
    if size is not None and size < WEAK_BELOW_EMPLOYEES:
        return "weak"
    in_size = size is not None and PROFILE_EMPLOYEES[0] <= size <= PROFILE_EMPLOYEES[1]
    if in_size and fits_industry:
        return "strong"
    near = size is not None and NEAR_PROFILE_EMPLOYEES[0] <= size <= NEAR_PROFILE_EMPLOYEES[1]
    if in_size or near or fits_industry:
        return "possible"
    return "weak" if size is not None else None


def _employees(asked: Asked) -> tuple[int | None, tuple[Evidence, ...]]:
    stated = asked.facts.get("employees", "")
    if stated.isdecimal():
        return int(stated), (asked.fact("employees"),)
    said = employees_cue(asked.message)
    return (None, ()) if said is None else (said[0], (asked.quoted(said[1], said[2]),))


def _known(field: LabelledField, label: str, asked: Asked, name: str) -> Claim:
    if label not in field.labels:
        return NOTHING_SAID
    proof = [asked.fact(fact) for fact in ("title", name) if fact in asked.facts]
    return Claim(label=label, confidence=READ_OFF, evidence=tuple(proof[:1]))


def _worded(asked: Asked, field: LabelledField, description: re.Pattern[str]) -> Claim:
    """A taxonomy word inside a self-description of the message."""
    for span in description.finditer(asked.message[:2000]):
        found = _label_in(span.group(), field)
        if found is not None:
            label, start, end = found
            proof = asked.quoted(span.start() + start, span.start() + end)
            return Claim(label=label, confidence=SAID_OF_ONESELF, evidence=(proof,))
    return NOTHING_SAID


def _label_in(text: str, field: LabelledField) -> tuple[str, int, int] | None:
    """The label whose word stands first in the text, with its place."""
    best: tuple[str, int, int] | None = None
    if not text:
        return None
    for label, meaning in field.labels.items():
        for word in meaning.words:
            at = _whole_word(word).search(text)
            if at is not None and (best is None or at.start() < best[1]):
                best = (label, at.start(), at.end())
    return best


@lru_cache(maxsize=4096)
def _whole_word(word: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(word)}(?!\w)", re.IGNORECASE)
