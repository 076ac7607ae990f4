"""Which of a lead's own words may stand in a draft: nothing that talks to a machine, links, prices, numbers, or breaks out."""

import re
from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.contracts.note import Ground
from libs.injection.masked import masked
from libs.policy.drafts import NAME_WORDS, QUOTED_WORDS, word_count
from libs.policy.grounds import field_ground

LONGEST_NAME = 40
LEAST_QUOTED = 4
LONGEST_QUOTED = 220
MOST_QUOTES = 6
_NAME = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?(?: [^\W\d_]+(?:['’-][^\W\d_]+)*\.?)*", re.UNICODE)
_MARKS = "\u0300-\u036f\u0610-\u061a\u064b-\u065f\u0900-\u0dff\u0e31\u0e34-\u0e4e"
_NAME_MARKS = re.compile(f"[{_MARKS}]")
_SENTENCE = re.compile(r"[^.!?;…。！？；؟\n\r]+(?:\.(?=[^\s.])[^.!?;…。！？；؟\n\r]*)*[.!?。！？؟]?")
_PLAIN = re.compile(rf"(?:[^\W_]|[{_MARKS}]|[ ,'’&()/、，،-])+")
"""Letters, figures and the marks inside a sentence: no quotation marks that would end the quotation, no brackets of
machines, no dots that make links, no signs of money."""
_NUMBER = re.compile(r"\d{5,}|\d[\d ,]*\d{3}")
_LINKS = re.compile(r"\w[.@]\w|://|www", re.IGNORECASE)


def is_tainted(lead: Lead) -> bool:
    """Whether the submission talks to a machine: anywhere, as classify has seen it, or in its message."""
    if lead.classification is not None and lead.classification.risks:
        return True
    return bool(masked(lead.text("message")).risks)


def safe_name(lead: Lead, field: str) -> str:
    """The person's name from a field, if it can be one: a few words of letters; else nothing."""
    name = " ".join(lead.text(field).split())
    letters = _NAME_MARKS.sub("", name)
    if not name or len(name) > LONGEST_NAME or word_count(name) > NAME_WORDS or not _NAME.fullmatch(letters):
        return ""
    if any(len(word) > LONGEST_NAME // 2 for word in name.split()) or (name.isupper() and len(name) > 12):
        return ""
    found = masked(name)
    return "" if found.risks or found.text != name else name


def is_quotable(text: str, avoid: Sequence[str] = ()) -> bool:
    """Whether words of a lead may stand in quotation marks: short, plain, a statement, no long number, nothing to avoid."""
    if not LEAST_QUOTED <= word_count(text) <= QUOTED_WORDS or len(text) > LONGEST_QUOTED:
        return False
    if not text.isprintable() or not _PLAIN.fullmatch(text) or _NUMBER.search(text) or _LINKS.search(text):
        return False
    return not holds_avoided(text, avoid) and masked(text).text == text


def holds_avoided(text: str, avoid: Sequence[str]) -> str:
    """The first beginning of a word in `avoid` that the text holds; empty for none."""
    told = text.casefold()
    return next((one for one in avoid if _begins(one.casefold(), told)), "")


def _begins(start: str, text: str) -> bool:
    at = text.find(start)
    while at >= 0:
        if at == 0 or not text[at - 1].isalnum() or start[0] > "\u2fff":
            return True
        at = text.find(start, at + 1)
    return False


def own_words(lead: Lead, fields: Sequence[str], avoid: Sequence[str]) -> Ground | None:
    """The sentence in which the lead says what these classified fields say, if it can be quoted."""
    message, answer = lead.text("message"), lead.classification
    if answer is None or not message:
        return None
    for field in fields:
        claim = answer.claims.get(field)
        for proof in claim.evidence if claim is not None and claim.label != "unknown" else ():
            if not proof.where.startswith("lead.message") or proof.quote not in message:
                continue
            words = _sentence_around(proof.quote, message)
            if is_quotable(words, avoid):
                return _quote(field, claim.label if claim else "", words, message)
    return None


def sentences_of(lead: Lead, avoid: Sequence[str]) -> tuple[Ground, ...]:
    """Sentences of the message that may be quoted, in order; what a model may write about."""
    message = lead.text("message")
    found = [told for match in _SENTENCE.finditer(message) if is_quotable(told := _bare(match.group()), avoid)]
    return tuple(_quote("message", None, words, message) for words in dict.fromkeys(found[:MOST_QUOTES]))


def said_by(lead: Lead, field: str) -> tuple[Ground, ...]:
    """The field as evidence, if it is known."""
    held = field_ground(field, lead)
    return () if held is None else (held,)


def _quote(field: str, label: str | None, words: str, message: str) -> Ground:
    at = message.find(words)
    kind = "field" if label is None else "claim"
    where = f"lead.message[{at}:{at + len(words)}]"
    return Ground.model_validate(
        {"kind": kind, "name": field, "value": label, "source": "the lead", "quote": words, "where": where}
    )


def _sentence_around(quote: str, message: str) -> str:
    at = message.find(quote)
    for match in _SENTENCE.finditer(message):
        if match.start() <= at < match.end():
            told = match.group().strip()
            return "" if told.endswith(("?", "？", "؟")) or at + len(quote) > match.end() else _bare(told)
    return ""


_SALUTE = re.compile(r"^[^\W\d_]+(?: [^\W\d_]+)?[,،，] ?(?=\S)")


def _bare(sentence: str) -> str:
    """The sentence without its salutation and full stop; nothing of a question."""
    told = _SALUTE.sub("", sentence.strip())
    return "" if told.endswith(("?", "？", "؟")) else told.rstrip(".!。！ ")
