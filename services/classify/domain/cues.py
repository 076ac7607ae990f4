"""Cues: phrases that say how soon, whether a seller is asked for, and how many people the company has.

What is not said stays unknown. The phrases of sixteen languages are data (`lexicon/`); this is how they are weighed.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache

from services.classify.domain.phrases import READ_CHARACTERS, Found, Phrases, Token
from services.classify.domain.vocabulary import LANGUAGES, patterns, read, word_classes
from services.classify.domain.when import KINDS, days_to, days_until, label_of


@dataclass(frozen=True, slots=True)
class Cue:
    """A label that a phrase stands for, and where the phrase stands in the message."""

    label: str
    start: int
    end: int


PAST_REACH = 3
"""A time so many words after "since" or "founded" is about the past."""
_SAID = {"high": "high", "low": "low", "medium": "medium", "exploring": "exploring"}
_ORDER = ("low", "high", "medium", "later", "exploring")
"""Who says "no hurry" means it whatever date follows; a date counts more than looking around."""
_FINAL = {"later": "low", "exploring": "low"}
_NUMERIC = re.compile(
    r"(?<![\d.,/:-])(?:(?P<iso>(?:19|20)\d\d-\d\d-\d\d)|(?P<a>\d{1,2})(?P<mark>[./])(?P<b>\d{1,2})(?:(?P=mark)(?P<year>(?:20)?\d\d)(?!\d))?\.?)(?![\d/:%])"
)
_BEFORE_A_DATE = frozenset(
    [
        "bis",
        "zum",
        "am",
        "den",
        "vor",
        "ab",
        "by",
        "until",
        "till",
        "before",
        "on",
        "due",
        "from",
        "avant",
        "le",
        "au",
        "antes",
        "el",
        "para",
        "entro",
        "il",
        "ate",
        "voor",
        "op",
        "per",
        "do",
        "przed",
        "fore",
        "senest",
        "innan",
        "inden",
        "innen",
        "до",
        "к",
        "dnia",
        "dia",
        "spatestens",
        "latest",
        "der",
        "vom",
        "tot",
        "jusqu",
        "un",
    ]
)


@lru_cache(maxsize=1)
def _times() -> Phrases:
    dates = [
        ("date", pattern.replace("<month>", f"<month:{language}>"))
        for language in LANGUAGES
        for pattern in (
            "<day> (st|nd|rd|th|er|o|e|de|of|di|ter) (de|of|di) <month> (de|del|of) (<year>)",
            "<month> (the) <day> (st|nd|rd|th) (<year>)",
        )
    ]
    return Phrases([*patterns(*KINDS, *_SAID, "void", "past"), *dates], word_classes())


@lru_cache(maxsize=1)
def _asks() -> Phrases:
    return Phrases(patterns("intent", "intent_void"), word_classes())


@lru_cache(maxsize=1)
def _sizes() -> Phrases:
    return Phrases(patterns("size", "size_vague", "size_void", "one_person", "we_are"), word_classes())


def urgency_cue(message: str, today: date | None = None) -> Cue | None:
    """What the message says about time, or None when it says nothing.

    `today` is the day on which it was submitted: dates are read against it. Days until then decide: `when.label_of`.
    """
    tokens = read(message)
    best: Cue | None = None
    for label, start, end in _told(message, tokens, today):
        if best is None or _ORDER.index(label) < _ORDER.index(best.label):
            best = Cue(label, start, end)
    return None if best is None else Cue(_FINAL.get(best.label, best.label), best.start, best.end)


def intent_cue(message: str) -> Cue | None:
    """A phrase that asks for a demo, a call, a quote or a trial, or None."""
    tokens = read(message)
    found = _kept(_asks().find(tokens), "intent_void")
    asked = next((one for one in found if one.meaning == "intent" and not _refused(one, tokens, message)), None)
    return None if asked is None else Cue("high", tokens[asked.first].start, tokens[asked.last].end)


_BEFORE = frozenset(
    (
        "not", "don", "dont", "doesn", "didn", "won", "never", "no", "nicht", "kein", "keine", "keinen", "keiner", "ne", "n",
        "pas", "jamais", "nunca", "non", "nao", "niet", "geen", "nooit", "inte", "aldrig", "ikke", "aldri", "ei",
        "nie", "nikdy", "не", "нет", "δεν",
    )
)  # fmt: skip
"""What turns a request down when it stands before it, without accents."""
_BEHIND = frozenset(("nicht", "niet", "inte", "ikke", "pas"))
REFUSED_WITHIN = 4
_APART = re.compile(r"[,;:—–]")


def _refused(one: Found, tokens: Sequence[Token], message: str) -> bool:
    """Whether a request is turned down: "please do not contact me", "rufen Sie mich bitte nicht an"."""
    for at in range(one.first - 1, max(-1, one.first - 1 - REFUSED_WITHIN), -1):
        if not tokens[at].normal or _APART.search(message[tokens[at].end : tokens[at + 1].start]):
            break
        if tokens[at].normal in _BEFORE:
            return True
    if any(token.normal in _BEFORE for token in tokens[one.first : one.last + 1]):
        return any(token.normal in _BEHIND | {"not"} for token in tokens[one.first : one.last + 1])
    for at in range(one.last + 1, min(len(tokens), one.last + 1 + REFUSED_WITHIN)):
        if not tokens[at].normal or _APART.search(message[tokens[at - 1].end : tokens[at].start]):
            break
        if tokens[at].normal in _BEHIND:
            return True
    return False


def employees_cue(message: str) -> tuple[int, int, int] | None:
    """How many people the message says the company has, with the phrase's place; None when it says nothing.

    "12 people" alone says so only in a sentence that describes the company ("we are 12 people").
    """
    tokens = read(message)
    found = _kept(_sizes().find(tokens), "size_void")
    described = {at for one in found if one.meaning == "we_are" for at in range(one.last + 1, one.last + 7)}
    for one in found:
        count = 1 if one.meaning == "one_person" else one.value("n")
        clear = one.meaning in ("size", "one_person") or (one.meaning == "size_vague" and one.first in described)
        if clear and count is not None and 0 < count < 3_000_000:
            return count, tokens[one.first].start, tokens[one.last].end
    return None


def _told(message: str, tokens: Sequence[Token], today: date | None) -> Iterator[tuple[str, int, int]]:
    every = _times().find(tokens)
    over = {at for one in every if one.meaning == "past" for at in range(one.first, one.last + PAST_REACH + 1)}
    for one in _kept(every, "void"):
        label = _SAID.get(one.meaning)
        if label is None and one.first not in over:
            label = _label(days_until(one, today))
        if label is not None:
            yield label, tokens[one.first].start, tokens[one.last].end
    for start, end, days in _numeric_dates(message, today):
        at = next((index for index, token in enumerate(tokens) if token.end > start), 0)
        if at not in over and (label := _label(days)) is not None:
            yield label, start, end


def _label(days: int | None) -> str | None:
    label = None if days is None else label_of(days)
    return "later" if label == "low" else label


def _numeric_dates(message: str, today: date | None) -> Iterator[tuple[int, int, int | None]]:
    for match in _NUMERIC.finditer(message, 0, READ_CHARACTERS):
        if match["iso"]:
            year, month, day = (int(part) for part in match["iso"].split("-"))
        else:
            before = message[max(0, match.start() - 12) : match.start()].split()
            if match["year"] is None and (not before or before[-1].casefold() not in _BEFORE_A_DATE):
                continue
            first, second = int(match["a"]), int(match["b"])
            day, month = (second, first) if match["mark"] == "/" and second > 12 else (first, second)
            year = int(match["year"]) % 100 + 2000 if match["year"] else 0
        yield match.start(), match.end(), days_to(day, month, year or None, today)


def _kept(found: list[Found], void: str) -> list[Found]:
    """What no phrase of the kind `void` overlaps."""
    taken = {at for one in found if one.meaning == void for at in range(one.first, one.last + 1)}
    if not taken:
        return found
    return [one for one in found if one.meaning != void and not taken.intersection(range(one.first, one.last + 1))]
