"""The languages' tables put together: patterns by what they say, and the classes of words they name."""

import re
from collections.abc import Iterator, Mapping
from functools import lru_cache

from services.classify.domain.lexicon.english import ENGLISH
from services.classify.domain.lexicon.german_dutch import DUTCH, GERMAN
from services.classify.domain.lexicon.italian_portuguese import ITALIAN, PORTUGUESE
from services.classify.domain.lexicon.nordic import DANISH, NORWEGIAN, SWEDISH
from services.classify.domain.lexicon.others import ARABIC, CHINESE, JAPANESE, TURKISH
from services.classify.domain.lexicon.romance import FRENCH, SPANISH
from services.classify.domain.lexicon.slavic import CZECH, POLISH, RUSSIAN
from services.classify.domain.phrases import Token, normal_form, tokens_of

LANGUAGES: Mapping[str, Mapping[str, str]] = {
    "en": ENGLISH, "de": GERMAN, "nl": DUTCH, "fr": FRENCH, "es": SPANISH, "it": ITALIAN, "pt": PORTUGUESE,
    "sv": SWEDISH, "da": DANISH, "nb": NORWEGIAN, "pl": POLISH, "cs": CZECH, "ru": RUSSIAN,
    "tr": TURKISH, "ar": ARABIC, "ja": JAPANESE, "zh": CHINESE,
}  # fmt: skip
_VALUED = ("n", "unit", "season", "ordinal")
_LISTED = ("month", "weekday")
_OF_LANGUAGE = re.compile(r"<(unit|month|weekday|season|ordinal)>")


def patterns(*keys: str) -> Iterator[tuple[str, str]]:
    """Key and pattern of every phrase under these keys; a key such as `next:7` belongs to `next`."""
    for language, table in LANGUAGES.items():
        for key, phrases in table.items():
            if key.partition(":")[0] in keys:
                for phrase in phrases.split(";"):
                    if phrase.strip():
                        yield key, of_language(phrase.strip(), language)


def of_language(pattern: str, language: str) -> str:
    """The pattern with its classes read in one language: `mar` is a month in English and the sea in Spanish."""
    return _OF_LANGUAGE.sub(rf"<\1:{language}>", pattern.replace("<n>", f"<n>|<n:{language}>"))


@lru_cache(maxsize=1)
def word_classes() -> Mapping[str, Mapping[str, int]]:
    """Classes and values by normal form; months and weekdays count from 1."""
    classes: dict[str, dict[str, int]] = {}
    for language, table in LANGUAGES.items():
        for name in _VALUED:
            for item in table.get(name, "").split():
                word, value = item.split("=")
                classes.setdefault(normal_form(word), {})[f"{name}:{language}"] = int(value)
        for name in _LISTED:
            for number, words in enumerate(table.get(name, "").split(), start=1):
                for word in words.split("|"):
                    classes.setdefault(normal_form(word), {})[f"{name}:{language}"] = number
    return classes


@lru_cache(maxsize=32)
def read(message: str) -> tuple[Token, ...]:
    """The message's words; several rules read the same message in a row."""
    return tuple(tokens_of(message))
