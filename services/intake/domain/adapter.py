"""An adapter: all that is special about one tool, as data and small pure functions."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.contracts.strict_json import clean_text
from libs.policy.sources import IntakeSource
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Fact, Item, LeadFacts, NotALead, Unmapped
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

OPT_OUT = "opt_out"
"""The kind of an item that only says whom not to mail."""

Responder = Callable[[Request, IntakeSource], Answer]
"""The answer to a request that was accepted and kept; total, since the bytes are safe by then."""


@dataclass(frozen=True, slots=True)
class Preset:
    """What `signalbox sources add` needs to know of a tool: sensible settings, what to paste where, and a sample."""

    title: str
    setup: tuple[str, ...]
    """What to do in the tool, a step each; `{url}` and `{secret}` stand for the source's own, `{verify}` for a secret of
    its own that only the tool's check of the address is given."""
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
    answer: Answer | Responder = RECEIPT
    """What the tool takes for success; a function where that depends on the request."""
    preset: Preset | None = None
    headers: tuple[str, ...] = ()
    """Beginnings of the names of the request headers that are kept with the bytes, since the mapping needs them."""
    envelop: Callable[[Body, Mapping[str, str]], Body] | None = None
    """Puts the kept headers and the body together into what `map` reads."""
    once: Callable[[Request, JsonValue], tuple[str, str] | None] | None = None
    """A proof that is good for one message, and a hash of what it came with: seen again with anything else, it is stolen."""

    def kept_headers(self, request: Request) -> dict[str, str]:
        """The headers to keep, by lower-case name; at most 40, each cut to 2,000 characters."""
        if not self.headers:
            return {}
        names = [name for name in request.headers if name.startswith(self.headers)][:40]
        return {name: clean_text(request.header(name).decode("utf-8", "replace"))[0][:2000] for name in names}

    def answer_to(self, request: Request, rules: IntakeSource) -> Answer:
        """The answer once the bytes are kept; without a body it is the receipt."""
        return self.answer if isinstance(self.answer, Answer) else self.answer(request, rules)


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
    draft.settle(region or rules.region)
    if draft.unsure and "email" not in draft.facts:
        return Unmapped("several addresses might be the lead's", (*draft.unsure, *names_in(scope))[:40])
    if "email" not in draft.facts and "phone" not in draft.facts:
        return Unmapped("neither an e-mail address nor a phone number was found", names_in(scope))
    known = [form for form in forms if form]
    by_form = next((rules.form_kinds[form] for form in known if form in rules.form_kinds), None)
    return LeadFacts(draft.facts, by_form or kind or rules.kind, known[0] if known else None, submitted_at)


def opted_out(email: JsonValue, where: str, said: str, submitted_at: datetime | None = None) -> Item:
    """The item of somebody who unsubscribed; `said` is the tool's word for it.

    It goes down the line as a lead does, since nothing else reaches the contact's record, and consent only ever
    tightens there. Its own kind keeps it apart from those who want something, and it carries the address and the
    opt-out alone: neither the policy's mapping nor its defaults add to it. Without a readable address a person looks.
    """
    draft = Draft()
    if not draft.put("email", email, where):
        return Unmapped("somebody unsubscribed, but the address can't be read", (where,))
    draft.facts["do_not_mail"] = Fact(True, said, where)
    return LeadFacts(draft.facts, OPT_OUT, None, submitted_at)


def as_answers(entries: Sequence[Entry], leave_out: Collection[str] = ()) -> list[Entry]:
    """The entries as answers of a person, which join the message when they are no known field; without those at the
    places named."""
    return [replace(entry, is_answer=True) for entry in entries if entry.where not in leave_out]


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
