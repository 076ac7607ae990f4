"""Phrases of many languages found in a message: a small pattern language, compiled once and indexed by first words.

A pattern is words as people write them. `a|b` are alternatives, `(a)` may be left out, `stem*` is any word that begins
so, `..` are up to three words of any kind, `<name>` is a word of that class (`<n>` a number). Case, accents and the
Arabic article make no difference. Chinese and Japanese are read character by character, as they have no blanks.
Reading costs time in proportion to the message's words, however many patterns there are.
"""

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

READ_CHARACTERS = 6000
"""A message is read up to here: the work per message stays bounded."""
GAP = 3
NUMBERS_READ = 200
"""Phrases that begin with a number are looked for at so many numbers: a message with more is a list."""
_STEM_INDEX = 3
_REMEMBERED = 20_000
_MARKS = "\u0300-\u036f\u064b-\u065f\u0670"
_IDEOGRAPHS = "\u3005-\u3007\u3041-\u30ff\u3400-\u4dbf\u4e00-\u9fff"
_TOKEN = re.compile(
    r"(?P<number>\d{1,3}(?:[.,'’\u00a0\u202f ]\d{3})+(?!\d)|\d+)"
    rf"|[{_IDEOGRAPHS}]|(?:(?![{_IDEOGRAPHS}])[^\W\d_]|[{_MARKS}])+"
    r"|(?P<end>[.!?;](?=\s|$)|[。！？；؟]|\n+)"
)
_PLAIN = str.maketrans({"ı": "i", "ł": "l", "ø": "o", "æ": "ae", "œ": "oe", "đ": "d", "ð": "d", "þ": "th"})
_ARABIC_ARTICLES = ("وال", "بال", "فال", "كال", "لل", "ال")


class Token(NamedTuple):
    """A word or number with its place; the end of a sentence has no normal form."""

    normal: str
    start: int
    end: int
    number: int | None = None


class Found(NamedTuple):
    """A pattern that stands in the message: what it means, which tokens it spans and its words of classes by class."""

    meaning: str
    first: int
    last: int
    values: tuple[tuple[str, int], ...]

    def value(self, name: str) -> int | None:
        """The value of the last word of this class."""
        return next((value for held, value in reversed(self.values) if held.partition(":")[0] == name), None)


@lru_cache(maxsize=50_000)
def normal_form(word: str) -> str:
    """Without case, accents and the Arabic article; German ß is ss."""
    plain = unicodedata.normalize("NFKD", word.casefold()).translate(_PLAIN)
    plain = "".join(one for one in plain if not unicodedata.combining(one) or one in "\u3099\u309a")
    plain = unicodedata.normalize("NFC", plain)
    if len(plain) > 4 and "\u0621" <= plain[0] <= "\u064a":
        article = next((one for one in _ARABIC_ARTICLES if plain.startswith(one)), "")
        return plain[len(article) :]
    return plain


def tokens_of(text: str) -> list[Token]:
    """The words, numbers and ends of sentences of the first `READ_CHARACTERS` characters."""
    text = text[:READ_CHARACTERS]
    found: list[Token] = []
    for match in _TOKEN.finditer(text):
        start, end, written = match.start(), match.end(), match.group()
        if match.lastgroup == "number":
            digits = re.sub(r"\D", "", written)[:9]
            found.append(Token(digits, start, end, int(digits)))
        elif match.lastgroup == "end":
            if _is_end(text, written, start, end, found):
                found.append(Token("", start, end))
        else:
            found.append(Token(normal_form(written), start, end))
    return found


def _is_end(text: str, written: str, start: int, end: int, before: list[Token]) -> bool:
    """No end: the point of a day ("1. März") and a line that is only wrapped (it goes on in small letters)."""
    if written == ".":
        return not (before and before[-1].number is not None and before[-1].end == start and before[-1].number <= 31)
    return written != "\n" or not text[end : end + 1].islower()


@dataclass(frozen=True, slots=True)
class _Piece:
    """One place of a pattern: any of these words, beginnings of words, classes, or several words in a row."""

    words: frozenset[str] = frozenset()
    stems: tuple[str, ...] = ()
    classes: frozenset[str] = frozenset()
    rows: tuple[tuple[str, ...], ...] = ()
    may_be_left_out: bool = False
    is_gap: bool = False


class _Pattern(NamedTuple):
    meaning: str
    pieces: tuple[_Piece, ...]
    second: _Piece | None
    """What the next word must be, when that is certain: most patterns are left at it."""
    needs: tuple[tuple[frozenset[str], frozenset[str]], ...]
    """Words and classes of which one has to stand somewhere, for each further place that they can be told for."""


_Values = tuple[tuple[str, int], ...]


class Phrases:
    """Compiled patterns. `classes` gives the classes and values of a normal form, e.g. may -> {"month:en": 5}."""

    def __init__(
        self, patterns: Iterable[tuple[str, str]], classes: Mapping[str, Mapping[str, int]] | None = None
    ) -> None:
        """From pairs of meaning and pattern. Raises ValueError for a pattern that can't be."""
        self._classes = classes or {}
        self._candidates: dict[str, tuple[_Pattern, ...]] = {}
        self._by_word: dict[str, list[_Pattern]] = {}
        self._by_stem: dict[str, list[tuple[str, _Pattern]]] = {}
        self._by_class: dict[str, list[_Pattern]] = {}
        for meaning, written in patterns:
            self._index(meaning, tuple(_piece(one) for one in written.split()))

    def find(self, tokens: Sequence[Token]) -> list[Found]:
        """All patterns that stand in the tokens, by place; the longest of each meaning per place."""
        found: list[Found] = []
        numbers = 0
        words = {token.normal for token in tokens}
        classes = {name for token in tokens for name, _ in self._classes_of(token)}
        for at, token in enumerate(tokens):
            numbers += token.number is not None
            if token.number is not None and numbers > NUMBERS_READ:
                continue
            longest: dict[str, Found] = {}
            following = tokens[at + 1].normal if at + 1 < len(tokens) else ""
            for meaning, pieces, second, needs in self._beginning_with(token):
                if second is not None and following not in second.words and not following.startswith(second.stems):
                    continue
                if any(words.isdisjoint(named) and classes.isdisjoint(kinds) for named, kinds in needs):
                    continue
                for end, values in self._ends(pieces, 0, tokens, at, ()):
                    held = longest.get(meaning)
                    if end > at and (held is None or end - 1 > held.last):
                        longest[meaning] = Found(meaning, at, end - 1, values)
            found.extend(longest.values())
        return found

    def _index(self, meaning: str, pieces: tuple[_Piece, ...]) -> None:
        if not pieces or pieces[0].is_gap or all(piece.may_be_left_out or piece.is_gap for piece in pieces):
            raise ValueError(f"a pattern needs a word to begin with: {meaning}")
        pattern = _Pattern(meaning, pieces, _second(pieces), tuple(_needs(pieces[1:])))
        words, stems, classes = set[str](), set[str](), set[str]()
        for piece in pieces:
            words |= piece.words | {row[0] for row in piece.rows}
            stems.update(piece.stems)
            classes |= piece.classes
            if not piece.may_be_left_out:
                break
        for word in words:
            self._by_word.setdefault(word, []).append(pattern)
        for stem in stems:
            self._by_stem.setdefault(stem[:_STEM_INDEX], []).append((stem, pattern))
        for name in classes:
            self._by_class.setdefault(name, []).append(pattern)

    def _beginning_with(self, token: Token) -> tuple[_Pattern, ...]:
        normal = token.normal
        if not normal:
            return ()
        held = self._candidates.get(normal)
        if held is None:
            if len(self._candidates) >= _REMEMBERED:
                self._candidates.clear()
            held = self._candidates[normal] = tuple(self._looked_up(token))
        return held

    def _looked_up(self, token: Token) -> Iterator[_Pattern]:
        yield from self._by_word.get(token.normal, ())
        for stem, pattern in self._by_stem.get(token.normal[:_STEM_INDEX], ()):
            if token.normal.startswith(stem):
                yield pattern
        for name, _ in self._classes_of(token):
            yield from self._by_class.get(name, ())

    def _ends(
        self, pieces: tuple[_Piece, ...], index: int, tokens: Sequence[Token], at: int, values: _Values
    ) -> Iterator[tuple[int, _Values]]:
        """Where the rest of a pattern may end, with the values of its classes."""
        if index == len(pieces):
            yield at, values
            return
        piece = pieces[index]
        for after, held in self._steps(piece, tokens, at, values):
            yield from self._ends(pieces, index + 1, tokens, after, held)
        if piece.may_be_left_out:
            yield from self._ends(pieces, index + 1, tokens, at, values)

    def _steps(self, piece: _Piece, tokens: Sequence[Token], at: int, values: _Values) -> Iterator[tuple[int, _Values]]:
        if piece.is_gap:
            for after in range(at, min(at + GAP, len(tokens)) + 1):
                yield after, values
                if after < len(tokens) and not tokens[after].normal:
                    return
            return
        if at >= len(tokens) or not (normal := tokens[at].normal):
            return
        if normal in piece.words or (piece.stems and normal.startswith(piece.stems)):
            yield at + 1, values
        if piece.classes:
            for name, value in self._classes_of(tokens[at]):
                if name in piece.classes:
                    yield at + 1, (*values, (name, value))
        for row in piece.rows:
            if len(row) <= len(tokens) - at and all(tokens[at + i].normal == one for i, one in enumerate(row)):
                yield at + len(row), values

    def _classes_of(self, token: Token) -> Iterable[tuple[str, int]]:
        number = token.number
        if number is None:
            held = self._classes.get(token.normal)
            return held.items() if held else ()
        names = [("n", number)]
        if 1 <= number <= 31:
            names.append(("day", number))
        if 1900 <= number <= 2100:
            names.append(("year", number))
        return names


def _second(pieces: tuple[_Piece, ...]) -> _Piece | None:
    if len(pieces) < 2 or pieces[0].may_be_left_out or pieces[0].rows:
        return None
    second = pieces[1]
    certain = not (second.is_gap or second.may_be_left_out or second.rows or second.classes)
    return second if certain else None


def _needs(pieces: Iterable[_Piece]) -> Iterator[tuple[frozenset[str], frozenset[str]]]:
    for piece in pieces:
        if not (piece.is_gap or piece.may_be_left_out or piece.stems):
            yield piece.words | {row[0] for row in piece.rows}, piece.classes


def word_pattern(word: str) -> str:
    """The pattern of a word or phrase of the policy, whose only sign is `*` at the end of a word's beginning."""
    pieces: list[str] = []
    for written in word.split():
        found = [token.normal for token in tokens_of(written) if token.normal]
        if found and written.endswith("*") and len(found[-1]) >= _STEM_INDEX:
            found[-1] += "*"
        pieces += found
    return " ".join(pieces)


def _piece(written: str) -> _Piece:
    if written == "..":
        return _Piece(is_gap=True)
    optional = written.startswith("(") and written.endswith(")")
    alternatives = (written[1:-1] if optional else written).split("|")
    classes = frozenset(one[1:-1] for one in alternatives if one.startswith("<"))
    stems = tuple(_stem(one[:-1]) for one in alternatives if one.endswith("*"))
    others = [one for one in alternatives if not one.startswith("<") and not one.endswith("*")]
    rows = [tuple(token.normal for token in tokens_of(one) if token.normal) for one in others]
    if not all(rows):
        raise ValueError(f"holds no word: {written!r}")
    return _Piece(
        words=frozenset(row[0] for row in rows if len(row) == 1),
        stems=stems,
        classes=classes,
        rows=tuple(row for row in rows if len(row) > 1),
        may_be_left_out=optional,
    )


def _stem(written: str) -> str:
    normal = normal_form(written)
    if len(normal) < _STEM_INDEX or len(tokens_of(written)) != 1:
        raise ValueError(f"a beginning of a word needs {_STEM_INDEX} letters: {written!r}")
    return normal
