"""Contradictions inside the taxonomy, and between it and the facts that the other parts may name."""

from collections.abc import Iterator, Mapping

from libs.policy.facts import CLAIMS, FACTS, FLAGS
from libs.policy.taxonomy import Competitor, Product, Taxonomy
from libs.policy.wording import nearest_hint

Contradiction = tuple[str, tuple[str | int, ...], str]
"""Part, path inside its file, message."""
PART = "taxonomy"


def taxonomy_contradictions(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    """Everything in the taxonomy that can't hold together."""
    yield from _names(taxonomy)
    yield from _words(taxonomy)
    yield from _products(taxonomy)
    yield from _market(taxonomy)
    yield from _profile(taxonomy)
    yield from _questions(taxonomy)


def _names(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    for name in taxonomy.fields:
        if name not in CLAIMS:
            yield PART, ("fields", name), f"no such field to classify: {name}{nearest_hint(name, CLAIMS)}"
    for name in taxonomy.flags:
        if name not in FLAGS:
            yield PART, ("flags", name), f"no such flag: {name}{nearest_hint(name, FLAGS)}"
    for index, name in enumerate(taxonomy.not_for_sales):
        if name not in taxonomy.flags:
            yield PART, ("not_for_sales", index), f"no such flag: {name}{nearest_hint(name, taxonomy.flags)}"


def _words(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    """A word of two labels of one field would be read as whichever comes first."""
    for field, held in taxonomy.fields.items():
        owner: dict[str, str] = {}
        for label, meaning in held.labels.items():
            for language, words in meaning.words.items():
                for index, word in enumerate(words):
                    first = owner.setdefault(word.casefold(), label)
                    if first != label:
                        path = ("fields", field, "labels", label, "words", language, index)
                        yield PART, path, f"{word!r} is also a word of {first}"


def _products(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    use_cases, asked = _labels(taxonomy, "use_case"), _labels(taxonomy, "product_interest")
    for key, product in taxonomy.products.items():
        if product.use_case not in use_cases or product.use_case == "unknown":
            hint = nearest_hint(product.use_case, use_cases)
            yield PART, ("products", key, "use_case"), f"no such use case: {product.use_case}{hint}"
        if key not in asked:
            yield PART, ("products", key), f"product_interest has no label {key}{nearest_hint(key, asked)}"


def _market(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    """A name that means two things, and a domain of two competitors."""
    owner: dict[str, str] = {}
    sides: tuple[tuple[str, Mapping[str, Product | Competitor]], ...] = (
        ("products", taxonomy.products),
        ("competitors", taxonomy.competitors),
    )
    for side, known in sides:
        for key, one in known.items():
            for index, name in enumerate(one.names):
                path = (side, key, "name") if index == 0 else (side, key, "aliases", index - 1)
                first = owner.setdefault(name.casefold(), f"{side}.{key}")
                if first != f"{side}.{key}":
                    yield PART, path, f"{name!r} is also a name of {first}"
    domains: dict[str, str] = {}
    for key, competitor in taxonomy.competitors.items():
        for index, domain in enumerate(competitor.domains):
            first = domains.setdefault(domain, key)
            if first != key:
                yield PART, ("competitors", key, "domains", index), f"{domain} is also a domain of {first}"


def _profile(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    profile, industries = taxonomy.profile, _labels(taxonomy, "industry")
    for index, name in enumerate(profile.industries):
        if name not in industries or name == "unknown":
            yield PART, ("profile", "industries", index), f"no such industry: {name}{nearest_hint(name, industries)}"
    inner, outer = profile.employees, profile.near_employees
    if not (outer.holds(inner.at_least) and outer.holds(inner.at_most)):
        yield PART, ("profile", "near_employees"), "near_employees must hold the whole range of employees"
    if profile.weak_below_employees > outer.at_least:
        yield PART, ("profile", "weak_below_employees"), "fewer people are near the profile: no company would be weak"


def _questions(taxonomy: Taxonomy) -> Iterator[Contradiction]:
    names: set[str] = set()
    for index, question in enumerate(taxonomy.qualification):
        if question.name in names:
            yield PART, ("qualification", index, "name"), f"{question.name} is given twice"
        names.add(question.name)
        for at, fact in enumerate(question.any_of):
            if fact not in FACTS:
                yield PART, ("qualification", index, "any_of", at), f"unknown fact {fact}{nearest_hint(fact, FACTS)}"


def _labels(taxonomy: Taxonomy, field: str) -> tuple[str, ...]:
    held = taxonomy.fields.get(field)
    return () if held is None else tuple(held.labels)
