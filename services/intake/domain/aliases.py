"""Which field of a lead a key or label names: whole names first, then phrases inside a question, in several languages."""

import re
import unicodedata
from functools import lru_cache

from services.intake.domain.vocabulary import CONTAINERS, FILLERS, NAMES, OTHERS, PHRASES

MAX_NAME = 160
"""Of a longer name only the beginning is read."""
BY_PHRASE = 0.95
NUMBERED = 50
"""What a name's rank grows by when a number or a filler had to be taken off."""
_BREAKS = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[\W_]+")
_POLITE = re.compile(r"^[お御](?=.{2})|を(?:お|こ|御)?(?:教|聞|記入|入力).*$")
"""What Japanese puts around a field's name to ask for it, without voicing marks, as names are compared."""
_NUMBER = re.compile(r"[a-z]?\d+")


def words_of(name: str) -> tuple[str, ...]:
    """A key's or label's words: accents off, camelCase split, lower case."""
    return _words(name[:MAX_NAME])


def joined_of(name: str) -> str:
    """The words as one."""
    return "".join(words_of(name))


def is_somebody_elses(name: str) -> bool:
    """Whether a name only looks like a field of the lead: a form's name, a file's name."""
    return joined_of(name) in OTHERS


def is_container(name: str) -> bool:
    """Whether a key only wraps the lead's fields, as `contact`, `data` or `fields` do."""
    words = words_of(name)
    return all(word in CONTAINERS or word.isdigit() for word in words) or "".join(words) in CONTAINERS


def field_of(name: str) -> tuple[str, float, int] | None:
    """The lead field that a key or label names, how sure (1.0 by name, 0.95 by words), and its rank among that field's names."""
    return _field(name[:MAX_NAME])


@lru_cache(maxsize=16_384)
def _words(name: str) -> tuple[str, ...]:
    if not name.isascii():
        plain = unicodedata.normalize("NFKD", name.replace("ß", "ss").replace("ø", "o").replace("ł", "l"))
        name = "".join(character for character in plain if not unicodedata.combining(character))
    return tuple(word.lower() for word in _BREAKS.split(name) if word)


@lru_cache(maxsize=16_384)
def _field(name: str) -> tuple[str, float, int] | None:
    words = _words(name)
    joined = "".join(words)
    if joined in OTHERS:
        return None
    if joined in _EXACT:
        field, rank = _EXACT[joined]
        return field, 1.0, rank
    core = "".join(word for word in words if word not in FILLERS and not _is_prefix(word))
    core = core if core in _EXACT else core.rstrip("0123456789")
    if core in _EXACT and len(core) > 1 and core not in OTHERS:
        field, rank = _EXACT[core]
        return field, 1.0, rank + NUMBERED
    plain = _POLITE.sub("", joined)
    if plain != joined and plain in _EXACT:
        return _EXACT[plain][0], BY_PHRASE, NUMBERED
    return _by_phrase(words) if len(words) > 1 or not joined.isascii() else None


def _is_prefix(word: str) -> bool:
    """A number or a single letter, as in q3_name and C_FirstName."""
    return _NUMBER.fullmatch(word) is not None or (len(word) == 1 and word.isascii())


def _by_phrase(words: tuple[str, ...]) -> tuple[str, float, int] | None:
    best: tuple[int, str] | None = None
    for at, word in enumerate(words):
        for phrase, place, field in _PHRASES.get(word, ()):
            if (best is None or place < best[0]) and words[at : at + len(phrase)] == phrase:
                best = (place, field)
    return (best[1], BY_PHRASE, 100) if best else None


def _indexed() -> dict[str, list[tuple[tuple[str, ...], int, str]]]:
    index: dict[str, list[tuple[tuple[str, ...], int, str]]] = {}
    for place, (field, phrases) in enumerate(PHRASES):
        for phrase in phrases.split("|"):
            words = _words(phrase)
            index.setdefault(words[0], []).append((words, place, field))
    return index


_EXACT: dict[str, tuple[str, int]] = {
    "".join(_words(alias)): (field, rank)
    for field, aliases in NAMES.items()
    for rank, alias in enumerate(aliases.split())
}
_PHRASES = _indexed()
