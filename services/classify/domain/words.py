"""Words of a message with their places, and the hashed features that the built-in model reads."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from math import sqrt
from zlib import crc32

from services.classify.domain.concepts import concepts_of

BUCKETS = 1 << 16
READ_CHARACTERS = 6000
"""A message is read up to here: what somebody wants is said before, and the work per message stays bounded."""
_UNSPACED = "\u0e00-\u0eff\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
"""Letters of scripts that put no blanks between words: two neighbours are read as one word."""
_WORD = re.compile(rf"(?=([{_UNSPACED}]{{2}}))[{_UNSPACED}]|[{_UNSPACED}]|[^\W_{_UNSPACED}]+")
_DIGITS = re.compile(r"\d+")


@dataclass(frozen=True, slots=True)
class Word:
    """One word: its normal form, and where it stands in the message (`text[start:end]`)."""

    normal: str
    start: int
    end: int


def words_of(text: str) -> list[Word]:
    """The words of the message's first `READ_CHARACTERS` characters."""
    found: list[Word] = []
    for match in _WORD.finditer(text[:READ_CHARACTERS]):
        pair, start = match.group(1), match.start()
        if pair is not None:
            found.append(Word(normal_form(pair), start, start + 2))
        elif not found or found[-1].end < match.end():  # else it is the end of the pair before
            found.append(Word(normal_form(match.group()), start, match.end()))
    return found


@lru_cache(maxsize=50_000)
def normal_form(word: str) -> str:
    """Without case, accents and the value of numbers: `Réclamations` and `reclamations` are one word, so are 12 and 13."""
    plain = "".join(
        letter for letter in unicodedata.normalize("NFKD", word.casefold()) if not unicodedata.combining(letter)
    )
    return _DIGITS.sub("0", plain)[:40]


def word_features(word: str) -> Iterator[tuple[int, float]]:
    """Bucket and weight of the word itself, of its letter groups (3 to 5) and of the concepts that it belongs to."""
    yield _bucket("w", word), 1.0
    for concept in concepts_of(word):
        yield _bucket("c", concept), 1.5
    marked = f"<{word}>"
    groups = {marked[at : at + size] for size in (3, 4, 5) for at in range(len(marked) - size + 1)}
    for group in sorted(groups):
        yield _bucket("g", group), 1.0 / sqrt(len(groups))


def pair_features(first: str, second: str) -> Iterator[tuple[int, float]]:
    """Bucket and weight of two words that follow one another."""
    yield _bucket("p", f"{first} {second}"), 0.7


def document_scale(words: int) -> float:
    """What the summed features of a message are multiplied with, so that length alone says little."""
    return 1.0 / sqrt(max(words, 1))


def _bucket(kind: str, text: str) -> int:
    return crc32(f"{kind}:{text}".encode("utf-8", "surrogatepass")) % BUCKETS
