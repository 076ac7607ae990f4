"""Where a message speaks of the person or of the company that writes: the only places where role and industry are read.

What somebody merely mentions ("our sales team is slow", "we sell to hotels") is no description.
"""

import re
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import NamedTuple

from libs.policy.taxonomy import LabelledField
from services.classify.domain.phrases import Found, Phrases, Token, tokens_of, word_pattern
from services.classify.domain.vocabulary import patterns, read, word_classes

REACH, REACH_IDEOGRAPHS = 9, 24
"""A description is read so many words (Chinese and Japanese: characters) far, and never beyond its sentence."""
_JOINS = frozenset(
    [
        "and",
        "but",
        "und",
        "aber",
        "et",
        "mais",
        "y",
        "pero",
        "ma",
        "och",
        "men",
        "og",
        "oraz",
        "ale",
        "ve",
        "ama",
        "и",
        "но",
        "because",
        "weil",
        "while",
    ]
)
_CLOSING = re.compile(
    r"(?:^|[\n.!?。！]\s{0,3})(?:"
    r"(?:(?:kind|best|warm|many|with|my|mit|viele|beste|liebe|med|bien|un|com|con|met|z|с|s|مع|freundlichen?|vriendelijke|venlig|vennlig)\s){0,3}"
    r"(?:regards|best|cheers|sincerely|gr(?:ü|u)(?:ß|ss)e?n?|mfg|vg|lg|cordialement|salutations|saludos|atentamente|saluti"
    r"|cumprimentos|abra[çc]o|atenciosamente|groet(?:en|jes)?|pozdrawiam|powa[żz]aniem|h[äa]lsning(?:ar)?|mvh|hilsen"
    r"|pozdravem|sayg[ıi]lar\w*|уважением|تحياتي|التحية|敬具|此致|敬上)[^\n]{0,24}[,.!\n]"
    r"|(?:thanks|thank you|danke|merci|gracias|grazie|obrigad[oa]|спасибо|谢谢|よろしくお願い\w*)[^\n]{0,20}\n|--|—)",
    re.IGNORECASE,
)
_SIGNATURE_CHARACTERS = 260
_SIGNATURE_WORDS = 16


class Clause(NamedTuple):
    """Words `first` to `last` (not included) of the message, in which a description stands."""

    first: int
    last: int
    own: bool = False
    """Begins with "our": the word that follows must be the company itself."""


class Read(NamedTuple):
    """A label and the place of the words that say so."""

    label: str
    start: int
    end: int


@lru_cache(maxsize=1)
def _intros() -> Phrases:
    keys = ("i_am", "i_am_anywhere", "as", "i_am_not", "we_are", "our", "stop")
    return Phrases(patterns(*keys), word_classes())


@lru_cache(maxsize=32)
def _introduced(message: str) -> tuple[Found, ...]:
    return tuple(_intros().find(read(message)))


_compiled: dict[int, tuple[LabelledField, Phrases]] = {}
_COMPILED_AT_MOST = 64


def words_in(field: LabelledField) -> Phrases:
    """The words of the field's labels, compiled once per policy."""
    held = _compiled.get(id(field))
    if held is None or held[0] is not field:
        if len(_compiled) >= _COMPILED_AT_MOST:
            _compiled.clear()
        phrases = Phrases(
            (label, word_pattern(word)) for label, meaning in field.labels.items() for word in meaning.all_words
        )
        held = _compiled[id(field)] = (field, phrases)
    return held[1]


def first_label(field: LabelledField, tokens: Sequence[Token]) -> Read | None:
    """The label whose word stands first, of several there the longest ("sales operations" is not sales)."""
    found = words_in(field).find(tokens)
    best = min(found, key=lambda one: (one.first, -one.last), default=None)
    return None if best is None else Read(best.meaning, tokens[best.first].start, tokens[best.last].end)


def said_of_person(message: str, field: LabelledField) -> Read | None:
    """What the message says about the person who writes: an introduction, or the signature."""
    tokens = read(message)
    for clause in _of_person(message, tokens):
        if said := first_label(field, tokens[clause.first : clause.last]):
            return said
    return _signed(message, field)


def said_of_company(message: str, field: LabelledField, own: frozenset[str]) -> Read | None:
    """What the message says the company is; behind "our" only labels in `own` count ("our bank" is somebody else's)."""
    tokens = read(message)
    for clause in _of_company(message, tokens):
        said = first_label(field, tokens[clause.first : clause.last])
        if said is not None and (not clause.own or said.label in own):
            return said
    return None


def _of_person(message: str, tokens: Sequence[Token]) -> Iterator[Clause]:
    here = next((at for at, token in enumerate(tokens[:7]) if token.normal in ("here", "hier")), 0)
    if here and message[tokens[here].end : tokens[here].end + 1] in (".", ",", "!", ""):
        yield Clause(0, here)
    found = _introduced(message)
    nots = {one.first for one in found if one.meaning == "i_am_not"}
    for one in found:
        after = one.last + 1
        if one.meaning == "i_am_anywhere":
            yield Clause(max(_sentence_start(tokens, one.first), one.first - REACH_IDEOGRAPHS // 2), after)
        elif one.meaning in ("i_am", "as") and after not in nots and one.first <= after <= len(tokens):
            yield Clause(one.first, _end(tokens, after, 2 if one.meaning == "as" and one.last == one.first else REACH))


def _of_company(message: str, tokens: Sequence[Token]) -> Iterator[Clause]:
    found = _introduced(message)
    nots = {one.first for one in found if one.meaning == "i_am_not"}
    stops = sorted(one.first for one in found if one.meaning == "stop")
    for one in found:
        if one.meaning in ("we_are", "our", "as") and one.last + 1 not in nots:
            own = one.meaning == "our"
            last = _end(tokens, one.last + 1, {"our": 3, "as": 2}.get(one.meaning, REACH))
            stop = next((at for at in stops if at > one.last), last)
            yield Clause(one.first, min(last, stop), own)


def _end(tokens: Sequence[Token], start: int, reach: int) -> int:
    """Where the clause ends that starts here: a join, the end of the sentence or its reach."""
    if reach == REACH and start < len(tokens) and tokens[start].normal[:1] > "\u3000":
        reach = REACH_IDEOGRAPHS
    for at in range(start, min(start + reach, len(tokens))):
        if not tokens[at].normal or tokens[at].normal in _JOINS:
            return at
    return min(start + reach, len(tokens))


def _sentence_start(tokens: Sequence[Token], at: int) -> int:
    return next((index + 1 for index in range(at - 1, -1, -1) if not tokens[index].normal), 0)


def _signed(message: str, field: LabelledField) -> Read | None:
    """A role in the few words behind "Kind regards"."""
    at = max(0, len(message) - _SIGNATURE_CHARACTERS)
    closing = next(iter(_CLOSING.finditer(message, at)), None)
    if closing is None:
        return None
    begin = closing.start()
    words = tokens_of(message[begin:])
    said = first_label(field, words) if len(words) <= _SIGNATURE_WORDS else None
    return None if said is None else Read(said.label, said.start + begin, said.end + begin)
