"""The checker of drafts: the same for templates and models. It refuses what neither the policy nor the lead's words support.

What is written is an approved sentence word for word, or a statement about the lead made of its own words and neutral ones
of the language. So nothing can come through that is in neither: no price, number, date, name or link, no promise, no
reference, and no order that stood in the lead's text.
"""

import re
from collections.abc import Iterator, Sequence

from libs.injection.masked import masked
from libs.policy.drafts import word_count
from services.triage.domain.basis import Basis
from services.triage.domain.draft import Sentence, joined
from services.triage.domain.neutral import negates, neutral_words, speakers
from services.triage.domain.readable import holds_avoided

MOST_OWN = 3
LEAST_NEUTRAL = 0.25
"""The part of the words of a statement that have to be neutral ones of the language: by them it is in that language."""
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
_SPAN = re.compile(r"“([^“”]*)”|„([^„“”]*)[“”]|«\s?([^«»]*?)\s?»|”([^”]*)”|「([^「」]*)」|\"([^\"]*)\"")
_MARKS = re.compile(r"[^\w\s.,;:'’()\-–،、。“”„«»「」\"\u0300-\u036f\u0610-\u061a\u064b-\u065f]")
_ASKS = re.compile("[?？؟]")
_MONEY = re.compile(r"[$€£¥₹₽%‰]")


def problems_of(sentences: Sequence[Sentence], basis: Basis) -> tuple[str, ...]:
    """What is wrong with a draft, in words that repeat nothing of it; empty when it may be shown."""
    return tuple(
        dict.fromkeys((*_shape(sentences, basis), *(one for each in sentences for one in _support(each, basis))))
    )


def _shape(sentences: Sequence[Sentence], basis: Basis) -> Iterator[str]:
    text = joined(sentences)
    if word_count(text) > basis.max_words:
        yield f"more than {basis.max_words} words"
    roles = [sentence.role for sentence in sentences]
    for role in ("greeting", "next_step", "closing"):
        if roles.count(role) != 1:
            yield f"{roles.count(role)} × {role.replace('_', ' ')}: there has to be one"
    if roles and (roles[0] != "greeting" or roles[-1] != "closing"):
        yield "it does not begin with a greeting and end with a closing"
    if roles.count("thanks") > 1 or roles.count("pain") > MOST_OWN:
        yield "it says too much"
    if len(set(map(_folded, (sentence.text for sentence in sentences)))) != len(sentences):
        yield "a sentence stands there twice"


def _support(sentence: Sentence, basis: Basis) -> Iterator[str]:
    if not sentence.grounds:
        yield "a sentence without evidence"
    if not sentence.text.strip() or not sentence.text.isprintable():
        yield "a sentence that is empty or breaks its line"
    elif not is_approved(sentence, basis):
        if sentence.role == "pain":
            yield from _statement(sentence, basis)
        else:
            yield f"a {sentence.role.replace('_', ' ')} that is not approved"


def is_approved(sentence: Sentence, basis: Basis) -> bool:
    """Whether the sentence stands in the policy for this lead, word for word, in this role."""
    return any(sentence.text == one.text and sentence.role == one.role for one in basis.approved)


def _statement(sentence: Sentence, basis: Basis) -> Iterator[str]:
    """A model's sentence about the lead: quotations word for word, and around them its words and neutral ones."""
    quotes = [ground.quote for ground in sentence.grounds if ground in basis.quotes or _of_pain(ground, basis)]
    text = sentence.text
    if not quotes:
        yield "a statement that no words of the lead support"
    for groups in _SPAN.findall(text):
        quoted = next((group for group in groups if group), "")
        if not any(quoted.strip(" .,") in quote for quote in quotes):
            yield "a quotation of words that do not occur"
    outside = _SPAN.sub(" ", text)
    if any(mark in outside for mark in '“”„«»「」"'):
        yield "a quotation that does not end"
    if _ASKS.search(outside):
        yield "a second question"
    if _MONEY.search(outside) or any(letter.isdigit() for letter in outside):
        yield "a figure outside a quotation"
    if _MARKS.search(outside) or re.search(r"\w[.@/:]\w", outside):
        yield "a link, an address or a sign that no sentence needs"
    if holds_avoided(outside, basis.avoid):
        yield "a word that the policy keeps out"
    if masked(text).text != text:
        yield "words that talk to a machine"
    yield from _words(outside, quotes, basis)


def _of_pain(ground: object, basis: Basis) -> bool:
    return any(ground in pain.grounds for pain in basis.pains if pain.role == "pain") and _is_lead(ground)


def _is_lead(ground: object) -> bool:
    return getattr(ground, "where", "").startswith("lead.message[")


def _words(outside: str, quotes: Sequence[str], basis: Basis) -> Iterator[str]:
    said = _split(outside)
    neutral, ours = neutral_words(basis.language), speakers(basis.language)
    if any(word in ours for word in said):
        yield "somebody speaks of themselves outside a quotation"
    theirs = [word for word in said if word not in neutral]
    if theirs and not any(_tells(theirs, _split(quote), basis.language) for quote in quotes):
        yield "words that neither the lead nor an approved sentence says like that"
    if not said or len(said) - len(theirs) < max(1, len(said) * LEAST_NEUTRAL):
        yield f"a sentence that is not in the draft's language ({basis.language})"


def _tells(words: Sequence[str], quote: Sequence[str], language: str) -> bool:
    """Whether the words stand in one quote in this order; told otherwise, or without its "not", they may say the opposite."""
    left = iter(quote)
    return not negates(quote, language) and all(word in left for word in words)


def _split(text: str) -> list[str]:
    return [word.casefold() for word in _WORD.findall(text)]


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


def warnings_of(sentences: Sequence[Sentence], basis: Basis) -> tuple[str, ...]:
    """What a person should know about a text of their own: its length, money that nobody named, links. It is theirs."""
    found = []
    if word_count(joined(sentences)) > basis.max_words:
        found.append(f"more than {basis.max_words} words")
    own = " ".join(sentence.text for sentence in sentences if sentence.role == "own")
    known = " ".join((*(one.text for one in basis.approved), *(quote.quote for quote in basis.quotes)))
    if any(sign not in known for sign in _MONEY.findall(own)):
        found.append("names a price or a part that neither the lead nor the policy named")
    if word := holds_avoided(own, basis.avoid):
        found.append(f"holds '{word}', which the policy keeps out")
    if len(_ASKS.findall(own)) + sum(sentence.role == "next_step" for sentence in sentences) > 1:
        found.append("asks more than one thing")
    return tuple(found)
