"""Labels that rules read off facts and self-descriptions: buyer role, industry, company fit, product interest.

A rule that has nothing to go on says `unknown`; it never concludes from silence. What the words are stands in the policy.
"""

import re
from collections.abc import Callable

from libs.contracts.change import Evidence
from libs.contracts.lead import Claim
from libs.policy.taxonomy import LabelledField, Profile, Taxonomy
from services.classify.domain.asked import Asked
from services.classify.domain.cues import employees_cue
from services.classify.domain.described import first_label, said_of_company, said_of_person
from services.classify.domain.industry_names import industry_named
from services.classify.domain.market import product_named
from services.classify.domain.phrases import tokens_of

Rule = Callable[[LabelledField], Claim]

READ_OFF = 0.9
"""Confidence of a label that is another stated fact in other words, where the model did not measure how often that is right."""
SAID_OF_ONESELF = 0.75
"""The same for a word inside a self-description such as "we are a logistics company"."""
NOTHING_SAID = Claim(label="unknown", confidence=READ_OFF)

_ROLE_OF_FUNCTION = {
    "sales": "sales",
    "ops": "ops",
    "support": "support",
    "marketing": "marketing",
    "technical": "technical",
}
_NO_ROLE = frozenset(("finance", "hr", "procurement", "legal"))
_OWN = frozenset(
    ("healthcare", "education", "hospitality", "professional_services", "manufacturing", "ecommerce", "nonprofit")
)
"""What somebody calls "our …" and is: our clinic, our school, our hotel; "our bank" is the one that has the account."""
_COUNTED = re.compile(r"\d[\d.,'’ ]*")


def ruled(asked: Asked, taxonomy: Taxonomy) -> dict[str, Claim]:
    """What the rules say of the taxonomy's fields that they can read."""
    of_industry = industry(asked, taxonomy.fields["industry"]) if "industry" in taxonomy.fields else NOTHING_SAID
    read: dict[str, Rule] = {
        "industry": lambda _: of_industry,
        "company_fit": lambda field: company_fit(asked, field, of_industry, taxonomy.profile),
        "buyer_role": lambda field: buyer_role(asked, field),
        "product_interest": lambda field: product_interest(asked, field, taxonomy),
    }
    return {name: rule(taxonomy.fields[name]) for name, rule in read.items() if name in taxonomy.fields}


def way_of(name: str, claim: Claim, flagged: bool) -> str:
    """What is measured together: the field, whether the rule was silent, read a stated fact or what was said, and whether it was
    said by somebody like a job seeker, whose words about a company are mostly about another one."""
    how = "silent" if claim.label == "unknown" else "read" if claim.confidence >= READ_OFF else "said"
    return f"{name}.{how}{'.flagged' if flagged else ''}"


def buyer_role(asked: Asked, field: LabelledField) -> Claim:
    """By the title's function and seniority, else by the title's words, else by how the person introduces himself or herself."""
    function, seniority = asked.facts.get("function", ""), asked.facts.get("seniority", "")
    if seniority == "founder" or (seniority == "c_level" and function == "general"):
        return _known(field, "founder", asked, "seniority")
    if function in _ROLE_OF_FUNCTION:
        return _known(field, _ROLE_OF_FUNCTION[function], asked, "function")
    if function in _NO_ROLE:
        return NOTHING_SAID
    titled = first_label(field, tokens_of(asked.facts.get("title", "")))
    if titled is not None:
        return _known(field, titled.label, asked, "title")
    said = said_of_person(asked.message, field)
    if said is None or said.label == "unknown":
        return NOTHING_SAID
    return Claim(label=said.label, confidence=SAID_OF_ONESELF, evidence=(asked.quoted(said.start, said.end),))


def industry(asked: Asked, field: LabelledField) -> Claim:
    """The stated industry, else a word of the taxonomy in how the company is described or named."""
    stated = asked.facts.get("industry", "")
    label = _stated_industry(stated, field)
    if label is not None:
        return Claim(label=label, confidence=READ_OFF, evidence=(asked.fact("industry"),))
    said = said_of_company(asked.message, field, _OWN)
    if said is not None:
        return Claim(label=said.label, confidence=SAID_OF_ONESELF, evidence=(asked.quoted(said.start, said.end),))
    named = first_label(field, tokens_of(asked.facts.get("company", "")))
    if named is not None:
        return Claim(label=named.label, confidence=SAID_OF_ONESELF, evidence=(asked.fact("company"),))
    return NOTHING_SAID


def company_fit(asked: Asked, field: LabelledField, of_industry: Claim, profile: Profile | None = None) -> Claim:
    """Size and industry against the profile: strong when both fit, possible when one does, weak when clearly outside."""
    profile = profile or Profile()
    size, evidence = _employees(asked)
    known_industry = of_industry.label != "unknown"
    if size is None and not known_industry:
        return NOTHING_SAID
    confidence = min(READ_OFF, of_industry.confidence) if known_industry else READ_OFF
    label = _fit(size, of_industry.label in profile.industries, profile)
    if label is None or label not in field.labels:
        return NOTHING_SAID
    return Claim(label=label, confidence=confidence, evidence=(*evidence, *of_industry.evidence))


def product_interest(asked: Asked, field: LabelledField, taxonomy: Taxonomy | None = None) -> Claim:
    """The product that the form names, else one that the message names as the policy writes it."""
    product = asked.facts.get("product", "")
    label = _product_of_form(product, field, taxonomy)
    if label is not None:
        return Claim(label=label, confidence=READ_OFF, evidence=(asked.fact("product"),))
    found = None if taxonomy is None else product_named(asked.message, taxonomy.products)
    if found is None or found[0] not in field.labels:
        return NOTHING_SAID
    return Claim(label=found[0], confidence=SAID_OF_ONESELF, evidence=(asked.quoted(found[1], found[2]),))


def _product_of_form(product: str, field: LabelledField, taxonomy: Taxonomy | None) -> str | None:
    named = " ".join(product.casefold().replace("_", " ").replace("-", " ").split())
    if not named:
        return None
    products = {} if taxonomy is None else taxonomy.products
    names = [(label, label.replace("_", " ")) for label in field.labels if label != "unknown"]
    names += [(key, name.casefold()) for key, one in products.items() for name in one.names if key in field.labels]
    exact = next((label for label, name in names if name == named), None)
    if exact is not None:
        return exact
    within = next((label for label, name in names if name in named), None)
    if within is not None:
        return within
    worded = first_label(field, tokens_of(product))
    return None if worded is None or worded.label == "unknown" else worded.label


def _stated_industry(stated: str, field: LabelledField) -> str | None:
    name = stated.strip().casefold().replace(" ", "_")
    if name in field.labels and name != "unknown":
        return name
    label = industry_named(stated)
    if label is None and (worded := first_label(field, tokens_of(stated))):
        label = worded.label
    return label if label in field.labels and label != "unknown" else None


def _fit(size: int | None, fits_industry: bool, profile: Profile) -> str | None:
    if size is not None and size < profile.weak_below_employees:
        return "weak"
    in_size = size is not None and profile.employees.holds(size)
    if in_size and fits_industry:
        return "strong"
    near = size is not None and profile.near_employees.holds(size)
    if in_size or near or fits_industry:
        return "possible"
    return "weak" if size is not None else None


def _employees(asked: Asked) -> tuple[int | None, tuple[Evidence, ...]]:
    stated = stated_employees(asked.facts.get("employees", ""))
    if stated is not None:
        return stated, (asked.fact("employees"),)
    said = employees_cue(asked.message)
    return (None, ()) if said is None else (said[0], (asked.quoted(said[1], said[2]),))


def stated_employees(stated: str) -> int | None:
    """A count as forms have it: `120`, `1,200`, `51-200` (the middle of the range), `500+`, `< 10`; None for words only."""
    counts = [int(re.sub(r"\D", "", found)[:9]) for found in _COUNTED.findall(stated)[:2]]
    if not counts:
        return None
    return (counts[0] + counts[-1]) // 2


def _known(field: LabelledField, label: str, asked: Asked, name: str) -> Claim:
    if label not in field.labels or label == "unknown":
        return NOTHING_SAID
    proof = [asked.fact(fact) for fact in ("title", name) if fact in asked.facts]
    return Claim(label=label, confidence=READ_OFF, evidence=tuple(proof[:1]))
