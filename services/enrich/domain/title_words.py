"""Words of job titles: how a title is taken apart, and a table that finds the phrases of all languages in it."""

import re
import unicodedata
from collections.abc import Iterable, Mapping, Sequence

Tokens = tuple[str, ...]
_NOT_DECOMPOSED = str.maketrans({"ł": "l", "ø": "o", "æ": "a", "œ": "o", "đ": "d", "ı": "i", "ß": "ss"})
_UMLAUT = re.compile(r"(?<=[aou])e")
_ENDING = re.compile(r"\(?[/:*_·.(](?:e|in|innen|a|o|trice|ne|r)\)?(?![a-z])")
_INITIALS = re.compile(r"\b(?:[a-z]\. ?){2,}(?![a-z])")
_TOKEN = re.compile(r"[a-z]+|[\u3040-\u30ff\u3400-\u9fff]")
MAX_TITLE = 200
"""Characters of a title that are read."""
_SHORTEST_PART = 3


def normal_title(title: str) -> str:
    """In small letters without accents, umlauts as their bare letter however written, initials joined (`c.e.o.` is `ceo`)."""
    plain = unicodedata.normalize("NFKD", title[:MAX_TITLE].casefold().translate(_NOT_DECOMPOSED))
    bare = "".join(letter for letter in plain if not unicodedata.combining(letter)).translate(_NOT_DECOMPOSED)
    joined = _INITIALS.sub(lambda found: found[0].replace(".", "").replace(" ", "") + " ", bare)
    return _UMLAUT.sub("", _ENDING.sub("", joined))


def tokens_of(text: str) -> Tokens:
    """The words of a text in normal form; in Japanese and Chinese every sign is one."""
    return tuple(_TOKEN.findall(normal_title(text)))


class Phrases:
    """Phrase -> label. `word*` stands for all words that begin so, `*word` for those that end so."""

    def __init__(self, tables: Iterable[Mapping[str, str]]) -> None:
        self._whole: dict[str, list[tuple[Tokens, str]]] = {}
        self._begins: dict[str, str] = {}
        self._ends: dict[str, str] = {}
        for table in tables:
            for label, phrases in table.items():
                for phrase in phrases.split(","):
                    self._add(phrase.strip(), label)
        for entries in self._whole.values():
            entries.sort(key=lambda entry: -len(entry[0]))

    def _add(self, phrase: str, label: str) -> None:
        tokens = tokens_of(phrase.strip("*"))
        if phrase.endswith("*"):
            self._begins.setdefault("".join(tokens), label)
        elif phrase.startswith("*"):
            self._ends.setdefault("".join(tokens), label)
        elif tokens:
            self._whole.setdefault(tokens[0], []).append((tokens, label))

    def labels(self, tokens: Tokens) -> list[str]:
        """The labels of the phrases in a title from left to right; the longest one that begins at a word takes its words."""
        found, at = [], 0
        while at < len(tokens):
            size, label = self._at(tokens, at)
            if label:
                found.append(label)
            at += size
        return found

    def _at(self, tokens: Tokens, at: int) -> tuple[int, str]:
        for phrase, label in self._whole.get(tokens[at], ()):
            if tokens[at : at + len(phrase)] == phrase:
                return len(phrase), label
        return 1, self._part(tokens[at])

    def _part(self, token: str) -> str:
        """The label of the longest beginning, else of the longest ending, that the table has for a word."""
        for size in range(len(token), _SHORTEST_PART - 1, -1):
            if (label := self._begins.get(token[:size])) is not None:
                return label
        for start in range(len(token) - _SHORTEST_PART + 1):
            if (label := self._ends.get(token[start:])) is not None:
                return label
        return ""


def first_of(labels: Sequence[str], wanted: Iterable[str]) -> str | None:
    """The first of the wanted labels that was found."""
    return next((one for one in wanted if one in labels), None)
