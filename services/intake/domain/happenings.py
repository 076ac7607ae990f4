"""What a body says of itself: a ping, a test, an update or a cancellation is kept, and is no lead."""

import re

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.identity.words import word_set
from services.intake.domain.aliases import words_of
from services.intake.domain.entries import at
from services.intake.domain.facts import NotALead
from services.intake.domain.values import yes_or_no

_TESTS = (
    "is_test", "isTest", "test", "testMode", "test_mode", "data.test", "data.is_test", "payload.is_test", "payload.test",
    "lead.is_test", "lead.test", "meta.test", "body.is_test",
)  # fmt: skip
_EVENTS = (
    "event", "event_type", "eventType", "event_name", "type", "topic", "action", "trigger", "triggerEvent", "triggerType",
    "meta.action", "event.action", "event.type", "data.action", "data.event",
)  # fmt: skip
_MACHINE = re.compile(r"[A-Za-z0-9]+(?:[._:/-][A-Za-z0-9]+)*")
_PINGS = word_set("ping test zen verification verify handshake hello healthcheck")
_ABOUT = word_set("webhook webhooks hook event url endpoint notification connection check new sample")
_CHANGED = word_set("updated update changed modified edited merged upemail profile bounced opened clicked")
_LEFT = word_set("unsubscribe unsubscribed unsubscribes unsub optout optedout")
_GONE = word_set("deleted removed destroyed canceled cancelled archived trashed cleaned")


def unsubscribes(item: JsonValue) -> str | None:
    """The sender's word for it when the item only says that somebody unsubscribed; None for any other."""
    for name in _EVENTS:
        text = at(item, name)
        if isinstance(text, str) and len(text) <= 80 and _MACHINE.fullmatch(text.strip()):
            words = words_of(text)
            if (words and words[-1] in _LEFT) or words[-2:] in (("opted", "out"), ("opt", "out")):
                return text.strip()
    return None


def no_lead(item: JsonValue) -> NotALead | None:
    """Why an item is no lead, by its own word; None when it may be one."""
    if any(yes_or_no(at(item, name)) is True for name in _TESTS) or at(item, "livemode") is False:
        return NotALead(Disposition.TEST, "the sender calls it a test")
    if isinstance(item, dict) and "zen" in item and "hook_id" in item:
        return NotALead(Disposition.PING, "a ping")
    for name in _EVENTS:
        text = at(item, name)
        if isinstance(text, str) and len(text) <= 80 and _MACHINE.fullmatch(text.strip()):
            found = _by_word(words_of(text)) if text.islower() or len(words_of(text)) > 1 else None
            if found is not None:
                return found
    return None


def _by_word(words: tuple[str, ...]) -> NotALead | None:
    if not _PINGS.isdisjoint(words) and _PINGS.union(_ABOUT).issuperset(words):
        return NotALead(Disposition.PING, "a ping")
    if words and (words[-1] in _GONE or (len(words) == 1 and words[0] == "delete")):
        return NotALead(Disposition.CANCELLATION, "the record is gone")
    if words and words[-1] in _CHANGED:
        return NotALead(Disposition.UPDATE, "an update of a known record")
    return None
