"""Blocking keys of company names: two names that differ by a slip of the pen, in order or by a word share at least one.

Keys are of the whole name (its words sorted, without spaces; also as written), of what stays when one word is dropped, and of
each telling word alone; the whole name and the telling words also with each one letter left out (a deletion neighbourhood:
two texts that are one insertion, deletion, substitution or swap apart meet there). Generic words ("solutions") say nothing
alone. Keys are 64-bit hashes, so that their index is small; a wrong meeting costs one comparison.
"""

from collections.abc import Iterator
from functools import lru_cache
from hashlib import blake2b

from libs.identity.words import word_set

MAX_COMMON = 64
"""A key that more companies share than this says nothing and is passed over ("smith")."""
_SHORTEST = 4
"""A shorter word tells nothing alone, a shorter text loses too much with a letter."""
GENERIC = word_set(
    """
    solutions solution group gruppe groupe grupo gruppo consulting consultants consultancy services service servicios servizi
    global international technologies technology technologie tech systems system systeme partners partner holdings holding
    industries industrie industrial digital media software capital management marketing logistics logistik engineering design
    labs lab energy health healthcare foods food construction finance financial company companies enterprises enterprise
    trading trade development developments europe american america deutschland germany france india china usa asia world
    national united first general associates agency studio studios network networks data cloud online products production
    properties real estate bank insurance versicherung center centre institute university school city home house team
    verwaltung vertrieb handel technik bau immobilien beratung conseil ingenieure trust ventures investment investments
    resources security communications medical care pharma auto motors electric electronics tools supply
    """
)
"""Words that so many companies bear, in several languages, that they find nothing; own list."""


@lru_cache(maxsize=16_384)
def company_blocks(key: str) -> frozenset[int]:
    """The blocking keys of a `company_key`; none for an empty one."""
    return frozenset(_hashed(text) for text in _texts(key))


def _texts(key: str) -> set[str]:
    words = sorted(key.split())
    if not words:
        return set()
    whole = "".join(words)
    texts = {whole, key.replace(" ", ""), *_shorter(whole)}
    if len(words) > 1:
        dropped = ("".join(words[:at] + words[at + 1 :]) for at in range(len(words)))
        texts.update(text for text in dropped if len(text) >= _SHORTEST and text not in GENERIC)
        for word in words:
            if len(word) >= _SHORTEST and word not in GENERIC:
                texts.update((word, *_shorter(word)))
    return texts


def _shorter(text: str) -> Iterator[str]:
    if len(text) > _SHORTEST:
        yield from (text[:at] + text[at + 1 :] for at in range(len(text)))


def _hashed(text: str) -> int:
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True)
