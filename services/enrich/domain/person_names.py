"""First and last name from a name as people type it, and, less surely, from an address such as jane.doe@corp.com."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from libs.identity.names import name_words
from services.enrich.domain import name_tables as known
from services.enrich.domain.eastern_names import eastern_name

LONGEST = 120
_ASIDE = re.compile(r"[(\[（][^)\]）]*[)\]）]|[\"“”„«»][^\"“”„«»]*[\"“”„«»]|\s['‘][^'’]+['’](?=\s)")
_NO_NAME = re.compile(r"[@<>{}|/\\=#$%^*_~\d]")
_STREET_ENDINGS = ("strasse", "str", "gasse", "straat", "weg", "platz", "gatan", "vej")
_INITIALS = re.compile(r"(?:\w\.)*\w\.?")


@dataclass(frozen=True, slots=True)
class Split:
    """A name's parts as they were written, empty where not told, or why there are none."""

    first: str = ""
    last: str = ""
    confidence: float = 0.0
    why_not: str = ""


def split_name(text: str) -> Split:
    """First and last name of a full name. Of several given names the first; a family name with its particles."""
    if why_not := _no_person(text):
        return Split(why_not=why_not)
    eastern = eastern_name(text)
    if eastern is not None:
        return (
            Split(*eastern, 0.85)
            if any(eastern)
            else Split(why_not="no space or known family name says where to split it")
        )
    last, comma, rest = _ASIDE.sub(" ", text).partition(",")
    words, titled = _bare(last)
    others, _ = _bare(rest)
    if comma and others and words:
        return Split(others[0], " ".join(words), 0.9)
    if not words:
        return Split(why_not="nothing but a title stands there" if titled else "does not read like a person's name")
    if len(words) == 1:
        return Split("", words[0], 0.75) if titled else Split(why_not="a single name is not split")
    if all(_INITIALS.fullmatch(word) for word in words):
        return Split(why_not="initials tell no name")
    return _in_order(words)


def _in_order(words: Sequence[str]) -> Split:
    """Given name first, unless capitals or a Russian ending say otherwise."""
    alone = words[0].casefold() in known.ONLY_PARTICLES or _is_particle(words[1])
    if _is_particle(words[0]) and alone and len(words) < 4:
        return Split(why_not="reads like a family name alone")
    if words[0].isupper() and len(words[0]) > 2 and not any(word.isupper() for word in words[1:]):
        return Split(words[1], words[0], 0.85)
    if _family_first(words):
        return Split(words[1], words[0], 0.85)
    at = _family_at(words)
    given = 2 if words[0].casefold() in known.JOINED_GIVEN and at > 1 else 1
    return Split(" ".join(words[:given]), " ".join(words[at:]), 0.85 if len(words) - at < 4 else 0.7)


def _family_first(words: Sequence[str]) -> bool:
    lower = [word.casefold() for word in words]
    if len(words) == 3 and lower[2].endswith(known.PATRONYMIC):
        return True
    return (
        len(words) == 2
        and "\u0400" <= lower[0][0] <= "\u04ff"
        and lower[0].endswith(known.RUSSIAN_FAMILY)
        and not lower[1].endswith(known.RUSSIAN_FAMILY)
    )


def _family_at(words: Sequence[str]) -> int:
    """Where the family name begins: with its first particle, the first of two Spanish names, else the last word."""
    for at in range(1, len(words) - 1):
        if _is_particle(words[at]):
            return at
    before = words[-2].casefold()
    if len(words) > 2 and (before.endswith(("ez", "éz")) or before in known.SPANISH_FAMILY):
        return len(words) - 2
    return len(words) - 1


def _is_particle(word: str) -> bool:
    return word.casefold().replace("’", "'") in known.PARTICLES and not word.endswith(".")


def _bare(text: str) -> tuple[list[str], bool]:
    """The words of a name without titles before and suffixes behind it, and whether there was a title."""
    words = [word for raw in text.split() if (word := _trimmed(raw))]
    before = len(words)
    while words and (_is_title(words[0]) or (words[0] == "M." and len(words) > 1)):
        words.pop(0)
    titled = len(words) < before
    while words and words[-1].replace(".", "").casefold() in known.SUFFIXES:
        words.pop()
    return words, titled


def _is_title(word: str) -> bool:
    parts = [part for part in re.split(r"[.-]", word.casefold()) if part]
    return bool(parts) and (all(part in known.TITLES for part in parts) or parts[0] == "dipl")


def _trimmed(word: str) -> str:
    """The word from its first to its last letter; an initial and an apostrophe keep their sign."""
    letters = [at for at, letter in enumerate(word) if letter.isalpha() or "\u0900" <= letter <= "\u0e7f"]
    if not letters:
        return ""
    end = letters[-1] + 1
    return (
        word[letters[0] : end + 1]
        if word[end : end + 1] in (".", "'", "’") and _keeps(word, end)
        else word[letters[0] : end]
    )


def _keeps(word: str, end: int) -> bool:
    return word[end] != "." or end <= 1 or word[:end].casefold() in known.TITLES


def _no_person(text: str) -> str:
    """Why a text is no person's name; empty when it may be one."""
    if "@" in text:
        return "an e-mail address stands there"
    words = [word.strip(".,;:!?") for word in text.casefold().split()]
    if len(text) > LONGEST or len(words) > 9:
        return "too long for a person's name"
    numbered = any(letter.isdigit() for letter in text)
    if not known.STREET_WORDS.isdisjoint(words) or (numbered and ("," in text or words[0].endswith(_STREET_ENDINGS))):
        return "reads like an address"
    lower = text.casefold()
    if _has_company_word(text) or any(sign in lower for sign in known.COMPANY_SIGNS):
        return "reads like a company or a department"
    if numbered or _NO_NAME.search(text):
        return "does not read like a person's name"
    if not known.AND.isdisjoint(words[1:-1]) and len(words) > 2 and "y" not in words:
        return "names two people"
    if sum(word in known.SPOKEN_WORDS for word in words) > 1 or len(words) > 7:
        return "reads like a sentence"
    return "" if name_words(text) else "says nobody's name"


def _has_company_word(text: str) -> bool:
    """Whether a word is one of companies; a short one only in capitals among others: "Northwind SA", but "Maria Sa"."""
    words = [word.strip(".,;:!?") for word in text.split()]
    spoken = text.isupper() or text.islower()
    return any(
        word.casefold() in known.COMPANY_WORDS and (len(word) > 2 or (word != word.capitalize() and not spoken))
        for word in words
    )
