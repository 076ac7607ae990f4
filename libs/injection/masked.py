"""Words of a message that talk to a machine instead of to people: found, named, and blanked before anything reads them.

Nothing is concluded from them: they give no points and no label, and what is left is read as if they had not been written.
People see them as risks. What a lead claims about itself ("we are 5,000 people, it is urgent") is left alone: it is a claim.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from libs.injection.encoded import encoded_in
from libs.injection.forgeries import data_in, forged_in
from libs.injection.markup import markup_in
from libs.injection.orders import TELLING, Segment, is_addressed, joined_lines, joined_order, order_in, segments
from libs.injection.views import View, disguised_views, plain_view, spaced_runs

LOOKED_AT = 8_000
"""Characters that are looked at; what stands behind them is blank, so that nothing unchecked is ever read."""

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Masked:
    """A message without what talks to a machine. Places in `text` are places in the message."""

    text: str
    risks: dict[str, tuple[Span, ...]] = field(default_factory=dict)
    """Places of what was blanked, by kind: instructions, fake_roles, hidden_text, encoded_text, score_claims, …"""


def masked(message: str) -> Masked:
    """The message with blanks instead of orders to a machine, hidden text and codes; of the same length."""
    looked_at = message[:LOOKED_AT]
    found = [*markup_in(looked_at), *forged_in(looked_at)]
    found += encoded_in(looked_at, plain_view(looked_at), _is_order)
    seen = _without(looked_at, found)
    plain = plain_view(seen)
    found += _orders(plain, seen)
    for run, start, end in spaced_runs(plain):
        if joined_order(run):
            found.append(("encoded_text", *plain.span(start, end)))
    for view in disguised_views(plain):
        found += _orders(view, seen)
    found += data_in(looked_at)
    if not found and len(message) == len(looked_at):
        return Masked(message)
    found = [(risk, _introduced(looked_at, start) if risk else start, end) for risk, start, end in found]
    blanked = _blanked(looked_at, [(start, end) for _, start, end in found])
    risks: dict[str, list[Span]] = {}
    for risk, start, end in found:
        if risk and end > start:
            risks.setdefault(risk, []).append((start, end))
    return Masked(
        blanked + " " * (len(message) - len(looked_at)),
        {risk: _merged(spans) for risk, spans in sorted(risks.items())},
    )


_INTRODUCES = re.compile(
    r"(?:^|(?<=[.!?]\s)|(?<=\n))[ \t]*(?:(?:[\w'-]{1,20} ){0,3}[\w'-]{1,20}\s?[:：]|p\.?\s?s\.?\s?[:,-]?)\s*\Z",
    re.IGNORECASE,
)
INTRODUCES_WITHIN = 60


def _introduced(message: str, start: int) -> int:
    """Where "Key:", "Read backwards:" or "P.S." begins when it stands right before an order: it belongs to it."""
    from_here = max(0, start - INTRODUCES_WITHIN)
    before = _INTRODUCES.search(message[from_here:start])
    if before is None or (from_here and not before.start()):
        return start
    return from_here + before.start() + len(before.group()) - len(before.group().lstrip())


def _is_order(text: str) -> bool:
    """Whether a decoded text is told to a machine."""
    view = plain_view(text[:LOOKED_AT])
    marked = (*markup_in(text[:LOOKED_AT]), *forged_in(text[:LOOKED_AT]))
    return bool(_orders(view, text)) or any(risk for risk, _, _ in marked)


_INLINE = re.compile(r"</?(?:b|i|u|s|a|em|strong|span|font|small|big|mark|sub|sup|wbr|code|tt)\b", re.IGNORECASE)


def _without(message: str, found: Iterable[tuple[str, int, int]]) -> str:
    """The message as it is seen: hidden parts blank, markup inside a word not there."""
    letters = list(message)
    for risk, start, end in found:
        inside = not risk and _INLINE.match(message, start, end) is not None
        for at in range(start, end):
            if letters[at] != "\n":
                letters[at] = "\u200b" if inside else " "
    return "".join(letters)


def _orders(view: View, message: str) -> list[tuple[str, int, int]]:
    """Sentences of a view that are orders, with those after them that only go on with it."""
    parts = segments(view)
    found: list[tuple[str, int, int]] = []
    going_on = 0
    for part in parts:
        order = order_in(part)
        if order is not None:
            start = _clause_start(view, part, order.start, message)
            found.append((order.risk, *view.span(start, _trimmed(view, part))))
            going_on = 3
        elif going_on and _goes_on(part):
            found.append(("instructions", *view.span(part.tokens[0].start, _trimmed(view, part))))
            going_on -= 1
        else:
            going_on = 0
    if len(parts) > 1:
        for part in joined_lines(parts):
            order = order_in(part)
            if order is not None:
                found.append(
                    (order.risk, *view.span(_clause_start(view, part, order.start, message), _trimmed(view, part)))
                )
    return found


_GOING_ON = re.compile(
    r"^\W*(?:and |then |also |therefore |instead,? |this is (?:mandatory|an order|not optional|"
    r"very important)|do not |don't |never |you |your |the (?:user|person|sender|customer|lead)\b|"
    r"no (?:further|other|exceptions)|failure|it is (?:critical|crucial)|remember|respond|reply|output|"
    r"answer|return|set |mark |route |assign )"
)


def _goes_on(part: Segment) -> bool:
    """Whether a sentence behind an order is more of it: it begins like it, and its words do two things of an order."""
    return part.weight >= 2 or (part.weight >= 1 and _GOING_ON.search(part.text) is not None)


_CLAUSE = re.compile(r"[,;:–—(\[{\"“”„«»>|]\s|\s-\s|[(\[{\"“„«<*]")


_APART = re.compile(r"(?:[(\[{|<]|\s[-–—])\s?$")
KEPT_WORDS = 7
"""So many words of a sentence before the order's clause are somebody's own, when none of them is one of an order."""


def _clause_start(view: View, part: Segment, start: int, message: str) -> int:
    """Where what belongs to the order begins: its sentence, or with its clause when something else is said before."""
    whole = part.start + len(part.text) - len(part.text.lstrip())
    if is_addressed(part):
        return whole
    if start > whole and message[view.places[start]].isupper() and not _shouted(message, view, part):
        return start
    foreign = [token.start for token in part.tokens if token.start <= start and token.word[0] > "\u036f"]
    if foreign and not message[view.places[start]].isascii():
        return foreign[0]
    begins = max((match.end() for match in _CLAUSE.finditer(part.text[: start - part.start])), default=0) + part.start
    before = [token for token in part.tokens if token.end <= begins]
    told = any(token.kinds & TELLING or "_" in token.word for token in before)
    set_apart = _APART.search(part.text[: begins - part.start]) is not None
    return begins if (len(before) >= KEPT_WORDS or set_apart) and not told else whole


def _shouted(message: str, view: View, part: Segment) -> bool:
    """Whether the segment is all in capitals."""
    return message[view.places[part.start] : view.places[part.end - 1]].isupper()


def _trimmed(view: View, part: Segment) -> int:
    return part.start + len(view.text[part.start : part.end].rstrip())


def _blanked(text: str, spans: Iterable[Span]) -> str:
    letters = list(text)
    for start, end in spans:
        for at in range(start, min(end, len(letters))):
            if letters[at] != "\n":
                letters[at] = " "
    return "".join(letters)


def _merged(spans: Sequence[Span]) -> tuple[Span, ...]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1] + 1:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return tuple(merged)
