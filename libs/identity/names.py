"""Words and names of people in the one spelling that keys and comparisons use."""

import re
import unicodedata

from libs.identity.words import word_set

_SPECIAL = str.maketrans({"ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "æ": "ae", "œ": "oe", "ı": "i"})
_WORDS = re.compile(r"[^\W_]+")
_TITLES = word_set(
    """
    mr mrs ms miss mx dr prof herr frau mme monsieur madame sr sra ing mag dipl phd mba
    """
)


def plain(text: str) -> str:
    """Lower case without accents: compatibility forms folded, `ß` to `ss`, `ø` to `o`."""
    folded = unicodedata.normalize("NFKD", text.casefold()).translate(_SPECIAL)
    return "".join(c for c in folded if not unicodedata.combining(c))


def words_of(text: str) -> list[str]:
    """The words of a `plain` text, without punctuation."""
    return _WORDS.findall(text)


def name_key(*parts: str) -> str:
    """A person's name without order, titles, case or accents; empty when nothing is left."""
    return " ".join(sorted(word for word in words_of(plain(" ".join(parts))) if word not in _TITLES))
