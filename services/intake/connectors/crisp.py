"""Crisp: {website_id, event, data, timestamp}. A plugin's hooks are signed over `[timestamp;body]`; a website's are not.

So a website hook's address holds the secret (`/hooks/NAME/SECRET`), a plugin's does not: one source for each. The id is
the session with the message's fingerprint, the same over retries.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.chats import put_said
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import email_of, time_of
from services.intake.domain.verifiers import TOKEN, Verifier

_LEFT = {"session:set_email": "email", "session:set_phone": "phone"}
"""Events by which a visitor leaves an address."""


def map_crisp(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """A visitor's message, address or new profile is a lead; an operator's message is ours; the rest are updates."""
    event, data = text_at(body.value, "event"), at(body.value, "data")
    if event is None or not isinstance(data, dict):
        return (Unmapped("no event or no data: not a hook of Crisp"),)
    submitted_at = time_of(at(data, "timestamp")) or time_of(at(body.value, "timestamp"))
    draft = Draft(rules.own_addresses)
    if event in ("message:send", "message:received"):
        if event == "message:received" or data.get("from") == "operator":
            return (NotALead(Disposition.OWN_MESSAGE, "an operator's message"),)
        _put_message(draft, data)
    elif event in _LEFT:
        draft.put(_LEFT[event], data.get(_LEFT[event]), f"data.{_LEFT[event]}")
        draft.put("name", data.get("nickname"), "data.nickname", 0.8)
    elif event == "people:profile:created":
        _put_profile(draft, data)
    elif event.endswith((":deleted", ":removed")):
        return (NotALead(Disposition.CANCELLATION, "the conversation or the profile is gone"),)
    else:
        return (NotALead(Disposition.UPDATE, f"an event about a known conversation: {event[:80]}"),)
    return (finished(draft, body.value, rules, kind="chat", submitted_at=submitted_at),)


def _put_message(draft: Draft, data: dict[str, JsonValue]) -> None:
    """The words of a message; a form field of the chat box holds its answer in `value`."""
    content = data.get("content")
    if isinstance(content, dict):
        draft.assign(as_answers(entries_of({str(content.get("id") or "answer"): content.get("value")}, "data.content")))
        content = content.get("text") if data.get("type") == "text" else None
    user = at(data, "user.user_id")
    if email_of(user):
        draft.put("email", user, "data.user.user_id")
    draft.put("email", at(data, "user.email"), "data.user.email")
    nickname = text_at(data, "user.nickname") or ""
    if nickname and "@" not in nickname and not nickname.lower().startswith("visitor"):
        draft.put("name", nickname, "data.user.nickname", 0.8)
    if isinstance(content, str):
        put_said(draft, [(content, "data.content")])


def _put_profile(draft: Draft, data: dict[str, JsonValue]) -> None:
    for name, field in (
        ("email", "email"), ("person.nickname", "name"), ("person.phone", "phone"), ("person.description", "message"),
        ("person.geolocation.country", "country"), ("person.geolocation.city", "city"), ("company.name", "company"),
        ("company.url", "website"), ("person.employment.title", "title"), ("person.employment.name", "company"),
    ):  # fmt: skip
        draft.put(field, at(data, name), f"data.{name}")


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    session, print_ = text_at(value, "data.session_id"), text_at(value, "data.fingerprint")
    if session and print_ and text_at(value, "event") in ("message:send", "message:received"):
        return f"{session} {print_}"
    if session and print_:  # a message that is taken back or changed is another delivery than the message
        return f"{session} {print_} {text_at(value, 'event')} {text_at(value, 'timestamp')}"
    parts = [text_at(value, name) for name in ("event", "timestamp")]
    person = session or text_at(value, "data.people_id")
    return " ".join([person, *filter(None, parts)]) if person and all(parts) else None


ADAPTER = Adapter(
    "crisp",
    map_crisp,
    (
        Verifier(
            "x-crisp-signature", signed=(b"[", "timestamp", b";", "body", b"]"),
            timestamp="x-crisp-request-timestamp", timestamp_unit="ms",
        ),
        TOKEN,
    ),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "Crisp",
        (
            "For a website hook: open Settings, Advanced configuration, Web Hooks, and paste {url}",
            "For a plugin: paste the address without its last part in the Marketplace, and put the plugin's signing"
            " secret in as this source's secret.",
            "Tick message:send, session:set_email and session:set_phone.",
        ),
        b'{"website_id":"sample","event":"session:set_email","data":{"session_id":"session_sample",'
        b'"email":"sam.sample@example.com"},"timestamp":1777904520000}',
        kind="chat",
        trust=0.5,
    ),
)  # fmt: skip
