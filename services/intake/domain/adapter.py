"""An adapter: all that is special about one tool, as data and small pure functions."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.request import RECEIPT, Answer, Request, Secret
from services.intake.domain.values import text_of, yes_or_no
from services.intake.domain.verifiers import Verifier

_KINDS = {
    "demo": "demo_request", "demo_request": "demo_request", "request_demo": "demo_request", "book_a_demo": "demo_request",
    "contact": "contact_form", "contact_form": "contact_form", "contact_us": "contact_form", "webinar": "webinar",
    "download": "download", "content_download": "download", "whitepaper": "download", "email": "email", "chat": "chat",
    "live_chat": "chat", "call": "call_form", "call_form": "call_form", "callback": "call_form", "referral": "referral",
    "event": "event_list", "event_list": "event_list", "imported_event_list": "event_list",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Preset:
    """What `signalbox sources add` needs to know of a tool: sensible settings, what to paste where, and a sample."""

    title: str
    setup: tuple[str, ...]
    """What to do in the tool, a step each; `{url}` and `{secret}` stand for the source's own."""
    sample: bytes
    """A body as the tool posts it, made up: one lead at example.com that nobody mistakes for a real one."""
    content_type: str = "application/json"
    kind: str = "contact_form"
    trust: float = 0.6
    secret: Literal["ours", "theirs", "url"] = "url"
    """Who makes the secret: we do and it is pasted into the tool; the tool does and it is pasted here; or nothing is
    signed, and the secret stands in the address (`/hooks/NAME/SECRET`)."""
    defaults: Mapping[str, str] = field(default_factory=dict)
    """Lead field -> value that the tool never sends, such as the channel."""


@dataclass(frozen=True, slots=True)
class Adapter:
    """One tool. `map` is total: whatever the body holds, it returns items and raises nothing."""

    name: str
    map: Callable[[Body, IntakeSource], Sequence[Item]]
    verifiers: tuple[Verifier, ...]
    delivery_id: Callable[[Request, JsonValue], str | None] = lambda request, value: None  # noqa: ARG005
    """The sender's own id of this delivery, the same over its retries; None: the body's hash counts."""
    handshake: Callable[[Request, Sequence[Secret]], Answer | None] | None = None
    """The answer to a sender's check of the address; None when the request is no such check."""
    answer: Answer = RECEIPT
    preset: Preset | None = None


def map_body(adapter: Adapter, body: Body, rules: IntakeSource) -> Sequence[Item]:
    """What a submission holds; a body that can't be read is one unmapped item, an empty one is none."""
    if body.format == "unreadable":
        return (Unmapped("the body can't be read: " + ", ".join(body.problems)),)
    if body.format == "empty":
        return (NotALead(Disposition.EMPTY, "the body is empty"),)
    return adapter.map(body, rules) or (NotALead(Disposition.EMPTY, "the body holds no item"),)


def finished(
    draft: Draft,
    scope: JsonValue,
    rules: IntakeSource,
    *,
    kind: str | None = None,
    forms: Sequence[str | None] = (),
    submitted_at: datetime | None = None,
    region: str | None = None,
) -> Item:
    """The item after the policy's mapping and defaults for this source; unmapped when nobody could be reached by it.

    `forms` are the form's name and id; `region` the country of national phone numbers.
    """
    for name, path in rules.mapping.items():
        draft.put(name, at(scope, path), path, replace=True)
    for name, value in rules.defaults.items():
        draft.put(name, value, "policy: sources.defaults")
    draft.settle(region)
    if "email" not in draft.facts and "phone" not in draft.facts:
        return Unmapped("neither an e-mail address nor a phone number was found", names_in(scope))
    known = [form for form in forms if form]
    by_form = next((rules.form_kinds[form] for form in known if form in rules.form_kinds), None)
    return LeadFacts(draft.facts, by_form or kind or rules.kind, known[0] if known else None, submitted_at)


def names_in(scope: JsonValue) -> tuple[str, ...]:
    """The names of a body's values, at most 40, for a person to see what was there."""
    return tuple(dict.fromkeys(entry.where[:120] for entry in entries_of(scope)))[:40]


def kind_of(value: JsonValue) -> str | None:
    """The kind of submission that a word means; None when it is no such word."""
    text = text_of(value)
    return _KINDS.get(text.lower().replace("-", "_").replace(" ", "_")) if text else None


def form_text(value: JsonValue) -> str | None:
    """A form's name or id as text."""
    return text_of(value)


def is_test(value: JsonValue, *names: str) -> bool:
    """Whether one of the named members says that this is a test."""
    return any(yes_or_no(at(value, name)) is True for name in names)


def text_at(value: JsonValue, path: str) -> str | None:
    """The text at a path; None when there is none."""
    found = at(value, path)
    return found.strip()[:200] or None if isinstance(found, str) else str(found) if _is_number(found) else None


def _is_number(value: JsonValue) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)
