"""Our products, our competitors and labels that the model never learned, found by the words that the policy gives."""

import re
from collections import Counter
from collections.abc import Collection, Mapping
from functools import lru_cache

from libs.contracts.lead import Claim
from libs.policy.taxonomy import Competitor, LabelledField, Product
from services.classify.domain.asked import Asked
from services.classify.domain.described import words_in
from services.classify.domain.phrases import READ_CHARACTERS
from services.classify.domain.vocabulary import read

BY_WORDS = 0.55
"""Confidence of a label whose words occur and that no model knows: above `unknown`, below what a policy admits by itself."""
AT_THEIR_DOMAIN, WORKS_THERE = 0.9, 0.8
_WORKS_AT = (
    r"(?:\b(?:we are|we're|i work (?:at|for)|i am (?:with|from|at)|here at|on behalf of|wir sind|ich arbeite (?:bei|für)"
    r"|nous sommes|je travaille (?:chez|pour)|somos|trabajo en|siamo|lavoro (?:in|per|da)|wij zijn|ik werk bij)\s+(?:the\s+)?)"
)


def by_words(asked: Asked, field: LabelledField, learned: Collection[str] = ()) -> Claim:
    """The label whose words occur most often in the message, `unknown` when none does or two do equally.

    For labels that RevOps added: those in `learned` are the model's to say. An alternative way of saying one word counts once.
    """
    tokens = read(asked.message)
    found = [
        one for one in words_in(field).find(tokens) if one.meaning not in learned and one.meaning in field.labels
        and one.meaning != "unknown"
    ]  # fmt: skip
    counts = Counter(one.meaning for one in {(one.meaning, one.last): one for one in found}.values()).most_common(2)
    if not counts or (len(counts) > 1 and counts[0][1] == counts[1][1]):
        return Claim(label="unknown", confidence=BY_WORDS)
    first = next(one for one in found if one.meaning == counts[0][0])
    proof = asked.quoted(tokens[first.first].start, tokens[first.last].end)
    return Claim(label=first.meaning, confidence=BY_WORDS, evidence=(proof,))


def product_named(message: str, products: Mapping[str, Product]) -> tuple[str, int, int] | None:
    """The product whose name stands first, written as the policy writes it, with its place."""
    best: tuple[str, int, int] | None = None
    for key, product in products.items():
        for name in product.names:
            found = _name(name).search(message, 0, READ_CHARACTERS)
            if found is not None and (best is None or found.start() < best[1]):
                best = (key, found.start(), found.end())
    return best


def competitor_claim(asked: Asked, competitors: Mapping[str, Competitor]) -> Claim | None:
    """The flag `competitor`, when the address, site or company is a competitor's or the person says to work there.

    Who only names a competitor compares, and is a buyer. Domains are read off the facts `domain` and `website`.
    """
    domains = {fact: _domain(asked.facts[fact]) for fact in ("domain", "website") if fact in asked.facts}
    for competitor in competitors.values():
        for fact, domain in domains.items():
            if any(domain == theirs or domain.endswith("." + theirs) for theirs in competitor.domains):
                return Claim(label="competitor", confidence=AT_THEIR_DOMAIN, evidence=(asked.fact(fact),))
        for name in competitor.names:
            if asked.facts.get("company", "").casefold() == name.casefold():
                return Claim(label="competitor", confidence=AT_THEIR_DOMAIN, evidence=(asked.fact("company"),))
            if found := _works_at(name).search(asked.message, 0, READ_CHARACTERS):
                proof = asked.quoted(found.start(), found.end())
                return Claim(label="competitor", confidence=WORKS_THERE, evidence=(proof,))
    return None


def _domain(written: str) -> str:
    return re.sub(r"^(?:https?://)?(?:www\.)?", "", written.strip().casefold()).split("/")[0]


@lru_cache(maxsize=1024)
def _name(name: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(name)}(?!\w)")


@lru_cache(maxsize=1024)
def _works_at(name: str) -> re.Pattern[str]:
    return re.compile(rf"{_WORKS_AT}{re.escape(name)}(?!\w)", re.IGNORECASE)
