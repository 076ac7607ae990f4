"""Orders to a machine in a sentence: told by what its words do together, so that wording and language may vary.

Words that one of these rules needs are common; it takes two or three of them at the right places to make an
order, and a
person who writes to people about the own tickets, leads and systems does not put them there.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from libs.injection.frames import FORM_KEY, framed_at
from libs.injection.views import View, listed
from libs.injection.wordings import (
    ADDRESS,
    ANSWERED,
    CALL,
    CORRECT,
    DECODE,
    FIELD_VALUE,
    FORGET_ALL,
    IDENTIFIER_ORDER,
    LABEL_COLON,
    LEAD_IS,
    LEAK,
    NEW_RULES,
    POLICY,
    POLICY_ASKS,
    ROLE_PLAY,
    SKIP,
    THREAT,
    TO_A_MACHINE,
    VIETNAMESE,
)
from libs.injection.words import LABEL_WORDS, SCHEMA_WORDS, UNSPACED, kinds_of

_MARKS = "\u0900-\u0dff\u0e31\u0e34-\u0e3a\u0e47-\u0e4e"
_WORD = re.compile(rf"[^\W_](?:[^\W_]|[{_MARKS}]|_(?=[^\W_]))*")
_SEGMENT_END = re.compile(r"(?<!\n\d)[.!?;…](?=[\s\"'”)\]}]|$)|[。！？；।؟]|\n")
_UNSPACED_LETTERS = re.compile("[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u9fff\uac00-\ud7afạ-ỹăâđêôơư]")
_WINDOW = 9


@dataclass(frozen=True, slots=True)
class Token:
    """A word with what it may do, and its place in the view."""

    word: str
    kinds: frozenset[str]
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence or line of a view."""

    start: int
    end: int
    text: str
    tokens: tuple[Token, ...]

    @property
    def weight(self) -> int:
        """How many different things its words do that sentences about machines do."""
        return len({kind for token in self.tokens for kind in token.kinds} & TELLING)


@dataclass(frozen=True, slots=True)
class Order:
    """A rule that a segment breaks: its risk, and where in the segment's view the order begins."""

    risk: str
    start: int


TELLING = frozenset(("override", "rules", "machine", "classing", "lead", "score", "value", "set"))


def segments(view: View) -> list[Segment]:
    """The sentences and lines of a view, those without words left out."""
    found, start = [], 0
    for end in [match.end() for match in _SEGMENT_END.finditer(view.text)] + [len(view.text)]:
        text = view.text[start:end]
        tokens = tuple(
            Token(word.group(), kinds_of(word.group()), start + word.start(), start + word.end())
            for word in _WORD.finditer(text)
        )
        if tokens:
            found.append(Segment(start, end, text, tokens))
        start = end
    return found


def joined_lines(found: Sequence[Segment]) -> Iterator[Segment]:
    """Runs of very short lines as one segment each: an order may be written one word a line."""
    run: list[Segment] = []
    for segment in [*found, None]:
        if segment is not None and len(segment.tokens) <= 5 and (segment.text.endswith("\n") or run):
            run.append(segment)
            continue
        if run:
            run += [segment] if segment is not None and len(segment.tokens) <= 8 else []
            for at in range(0, len(run), 12):
                part = run[at : at + 16]
                text = " ".join(one.text.strip() for one in part)
                yield Segment(part[0].start, part[-1].end, text, tuple(token for one in part for token in one.tokens))
        run = []


def order_in(segment: Segment) -> Order | None:
    """What in the segment breaks a rule first, None for what people write to people."""
    found = [order for rule in _RULES if (order := rule(segment)) is not None]
    return min(found, key=lambda order: order.start, default=None)


def _overriding(segment: Segment) -> Order | None:
    """ "Ignore all previous instructions", in either order of verb and object."""
    tokens = segment.tokens
    for at, token in enumerate(tokens):
        if "override" not in token.kinds:
            continue
        for other in range(max(0, at - _WINDOW), min(len(tokens), at + _WINDOW)):
            if other == at or "rules" not in tokens[other].kinds:
                continue
            low, high = sorted((at, other))
            prior = any("prior" in one.kinds for one in tokens[max(0, low - 3) : high + 3])
            after = tokens[other + 1].word if other + 1 < len(tokens) else ""
            imperative = high - low <= 5 and after not in _OF and _imperative(segment, token, at)
            if (prior or imperative or not token.word.isascii()) and not _of_people(tokens[max(0, at - 2) : at]):
                return Order("instructions", tokens[low].start)
    return None


_ASKED = frozenset(listed("give choose select need treat consider"))
"""Verbs with which people ask people for a priority."""


def _is_asked(tokens: Sequence[Token], at: int) -> bool:
    """ "Please treat this as high priority" is asked of people, "systems must treat it as" is not."""
    return tokens[at].word in _ASKED and (at == 0 or tokens[at - 1].word not in ("must", "shall", "systems"))


_OF = frozenset(listed("of for in de du des der del della von fur para per voor"))
"""Behind them stands whose rules: "the rules of customer service" are not a machine's."""


def _of_people(before: Sequence[Token]) -> bool:
    """ "Our agents ignore the rules" is about people."""
    return any(
        token.word in ("agents", "customers", "reps", "people", "they", "users", "who", "employees", "teams", "kunden")
        for token in before
    )


def is_addressed(segment: Segment) -> bool:
    """Whether the segment begins by addressing a machine."""
    return ADDRESS.match(segment.text) is not None


def _addressed(segment: Segment) -> Order | None:
    """ "Note to the AI that reads this:", or a machine's name with a colon before something that an order is made of."""
    at = ADDRESS.match(segment.text)
    if at is None:
        return None
    strict = re.match(
        r"[\W_]*(?:note|message|attention|notice|memo|instructions?|achtung|hinweis|nachricht|an die|nota|"
        r"mensaje|atencion|attenzione|внимание|uwaga|dikkat)\b",
        at.group(),
    )
    greeted = re.match(r"[\W_]*(?:dear|hey|hi|hello)\b", at.group())
    rest = [token for token in segment.tokens if token.start >= segment.start + at.end() - 1]
    told = {kind for token in rest for kind in token.kinds} - {"prior", "this", "leak"}
    telling = told & (TELLING | {"must"})
    if (strict and len(rest) > 1) or (greeted and telling) or len(telling) >= 2 or "ing" in at.group("after"):
        return Order("instructions", segment.tokens[0].start)
    return None


def _role_playing(segment: Segment) -> Order | None:
    at = ROLE_PLAY.search(segment.text)
    if at is None:
        return None
    kinds = {kind for token in segment.tokens for kind in token.kinds} & (TELLING - {"value"} | {"rules"})
    sure = re.search(
        r"(?:god|jailbreak|dan|sudo|unrestricted|override) mode|override|jailbr|do anything now|"
        r"you are no longer|enter \w+ mode",
        at.group(),
    )
    return Order("fake_roles", segment.start + at.start()) if kinds or sure else None


_BEGINNERS = frozenset(
    listed(
        "please bitte now and then so just you must should to not never nicht ne non niet therefore thus always simply "
        "kindly immediately also instead must "
        "s'il vous plait por favor per favore alsjeblieft die das den le la el il het de it und et y e en i a och og ja si ve "
        "и та و तो then, task action step output"
    )
)


def _imperative(segment: Segment, token: Token, at: int) -> bool:
    """Whether the verb begins its clause: nothing before it but "please", "and", "you must" and the like."""
    before = segment.tokens[max(0, at - 3) : at]
    gap = segment.text[: token.start - segment.start]
    if not before or re.search(r"[,:;–—\-(\"'“”>*#\[]\s*$", gap):
        return True
    return before[-1].word in _BEGINNERS or "must" in before[-1].kinds


def _setting(segment: Segment) -> Order | None:
    """ "Mark this lead as …", "set priority to 100", "classify this message as …"."""
    tokens = segment.tokens
    for at, token in enumerate(tokens):
        if "set" not in token.kinds and "classing" not in token.kinds:
            continue
        near = tokens[at + 1 : at + 1 + _WINDOW]
        if not token.word.isascii() and at:
            near = (*tokens[max(0, at - 5) : at], *near)
        kinds = {kind for one in near for kind in one.kinds}
        ordered = _imperative(segment, token, at)
        if _about_this_lead(near) and ("value" in kinds or "score" in kinds or ordered):
            return Order("instructions", token.start)
        if ordered and "classing" in token.kinds and _this_as(near):
            return Order("instructions", token.start)
        if ordered and "score" in kinds and _extreme(near) and not _is_asked(tokens, at):
            return Order("score_claims", token.start)
    return None


def _about_this_lead(near: Sequence[Token]) -> bool:
    """ "this lead", "the submission": nobody calls the own message so. Leads in general are what our buyers talk about."""
    for before, token in pairwise(near):
        if "lead" in token.kinds and "this" in before.kinds and before.word not in ("the", "le", "il", "el"):
            return True
    return bool(near) and "lead" in near[0].kinds and near[0].word != "lead"


_MESSAGE = frozenset(
    listed("""message enquiry inquiry request email e mail form contact customer company person sender me us it following text
    input entry case item everything nachricht anfrage mail kontakt uns mich message demande contact nous moi mensaje
    solicitud consulta contacto mensagem solicitacao pedido contato messaggio richiesta contatto bericht aanvraag
    contact meddelande forfragan besked henvendelse viestin viesti yhteydenotto wiadomosc zapytanie zprava
    zpravu poptavku
    mesaj cerere uzenet megkereses mesaji talebi talep сообщение запрос обращение повідомлення запит
    μηνυμα αιτημα الرسالة الطلب ההודעה הפנייה संदेश""")
)
_AS = frozenset(listed("as with als comme como come som jako ca mint olarak как як ως ك כ w with: to: ="))


def _this_as(near: Sequence[Token]) -> bool:
    words = [token.word for token in near[:6]]
    about = any(word in _MESSAGE for word in words)
    return about and (any(word in _AS for word in words) or any("value" in token.kinds for token in near[:6]))


def _extreme(near: Sequence[Token]) -> bool:
    return any(
        "value" in token.kinds and token.word not in ("urgent", "sql", "best", "top", "10", "9", "alto", "alta", "hot")
        for token in near
    )


def _by_pattern(segment: Segment) -> Order | None:
    """Orders that one wording tells."""
    text = segment.text
    kinds = {kind for token in segment.tokens for kind in token.kinds}
    claims = {match.group(1) for match in FIELD_VALUE.finditer(text)}
    checks: tuple[tuple[str, re.Pattern[str], bool], ...] = (
        ("instructions", FORGET_ALL, True),
        ("instructions", TO_A_MACHINE, True),
        (
            "fake_policy",
            SKIP,
            (bool(re.search(r"\b(?:our|this|we|us|the lead|directly|straight|send|route)\b", text)) and "rout" in text)
            or "owner" in text
            or "enterprise" in text,
        ),
        (
            "score_claims",
            ANSWERED,
            bool(kinds & {"value"} or re.search(r"\d{2,3}|a\+", text)) and bool(kinds & {"score", "classing"}),
        ),
        ("score_claims", FIELD_VALUE, len(claims) >= 2 and len(set(FORM_KEY.findall(text))) < 2),
        ("instructions", VIETNAMESE, True),
        ("instructions", LEAD_IS, bool(kinds & {"score", "value", "set", "must", "override"})),
        ("score_claims", IDENTIFIER_ORDER, True),
        ("score_claims", LABEL_COLON, True),
        ("tool_calls", CALL, True),
        ("score_claims", CORRECT, True),
        ("fake_policy", POLICY, bool(POLICY_ASKS.search(text)) and bool(kinds & {"value", "score", "set"})),
        ("pressure", THREAT, True),
        ("prompt_leak", LEAK, bool(kinds & {"leak", "set", "override"}) or "what" in text),
        ("instructions", NEW_RULES, bool(kinds & TELLING - {"rules", "machine"}) or text.rstrip()[-1:] in ":："),
        ("encoded_text", DECODE, "rules" in kinds or "execut" in text or "follow" in text),
    )
    found = [(at.start(), risk) for risk, pattern, further in checks if further and (at := pattern.search(text))]
    return Order(min(found)[1], segment.start + min(found)[0]) if found else None


def _of_schema(segment: Segment) -> Order | None:
    """The names of our own fields in a message."""
    token = next((token for token in segment.tokens if token.word in SCHEMA_WORDS), None)
    if token is None:
        labelled = [one for one in segment.tokens if one.word in LABEL_WORDS]
        others = any(one.kinds & {"classing", "lead", "score", "machine", "override"} for one in segment.tokens)
        token = labelled[0] if labelled and others else None
    return None if token is None else Order("score_claims", token.start)


def _unspaced(segment: Segment) -> Order | None:
    """The same in scripts and languages where words do not stand apart."""
    text = segment.text
    if text.isascii() or not _UNSPACED_LETTERS.search(text):
        return None
    first: dict[str, int] = {}
    for kind, parts in UNSPACED.items():
        places = [at for part in parts if (at := text.find(part)) >= 0]
        if places:
            first[kind] = min(places)
    held = set(first)
    told = (
        {"override", "rules"} <= held
        or ("role" in held and held & {"machine", "set", "score", "lead", "rules"})
        or {"set", "lead", "value"} <= held
        or {"set", "score", "value"} <= held
        or {"machine", "set", "score"} <= held
        or {"machine", "set", "value"} <= held
        or ("leak" in held and held & {"set", "override"})
    )
    return Order("instructions", segment.start + min(first.values())) if told else None


_JOINED = ("ignore", "instruction", "disregard", "previous", "classify", "priorit", "system", "override", "prompt",
           "thislead", "ignorier", "anweisung", "setpriorit",
           "setthe", "urgency", "urgent", "highest", "enterprise", "assistant")  # fmt: skip


def joined_order(word: str) -> bool:
    """Whether a word without spaces is an order run together."""
    return len(word) >= 12 and sum(part in word for part in _JOINED) >= 2


def _run_together(segment: Segment) -> Order | None:
    found = next((token for token in segment.tokens if joined_order(token.word)), None)
    return None if found is None else Order("instructions", found.start)


def _framed(segment: Segment) -> Order | None:
    """Notes to a system, verdicts about the sender, lists of our fields."""
    kinds = frozenset(kind for token in segment.tokens for kind in token.kinds)
    found = framed_at(segment.text, kinds)
    return None if found is None else Order(found[1], segment.start + found[0])


_RULES = (_framed, _overriding, _addressed, _role_playing, _setting, _by_pattern, _of_schema, _unspaced, _run_together)
