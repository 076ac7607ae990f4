"""Olark: a finished chat as `data=<JSON>` in a form, or as JSON. Nothing is signed; the transcript's `id` names it."""

from collections.abc import Sequence

import orjson
from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.chats import put_said
from services.intake.domain.deliveries import body_value
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

_VISITORS = ("MessageToOperator", "OfflineMessage")
_FIELDS = {
    "emailAddress": "email", "fullName": "name", "phoneNumber": "phone", "organization": "company", "city": "city",
    "countryCode": "country", "country": "country", "conversationBeginPage": "page", "referrer": "referrer",
}  # fmt: skip
MAX_LINES = 500


def map_olark(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per chat, with the visitor's own lines; a chat in which no visitor spoke is ours."""
    chat = transcript(body.value)
    if not isinstance(chat, dict) or not isinstance(chat.get("items"), list):
        return (Unmapped("no items: not a transcript of Olark"),)
    items = chat["items"]
    lines = [
        (line, f"items[{order}]")
        for order, line in enumerate(items[:MAX_LINES] if isinstance(items, list) else [])
        if isinstance(line, dict)
    ]
    said = [
        (line["body"], f"{where}.body")
        for line, where in lines
        if line.get("kind") in _VISITORS and isinstance(line.get("body"), str)
    ]
    if lines and not said:
        return (NotALead(Disposition.OWN_MESSAGE, "only operators spoke"),)
    draft = Draft(rules.own_addresses)
    for name, field in _FIELDS.items():
        draft.put(field, at(chat, f"visitor.{name}"), f"visitor.{name}")
    put_said(draft, [(text, where) for text, where in said if isinstance(text, str)])
    own = at(chat, "visitor.customFields")
    draft.assign(as_answers(entries_of(own, "visitor.customFields")) if isinstance(own, dict) else [])
    began = next((moment for line, _ in lines if (moment := time_of(_seconds(line.get("timestamp"))))), None)
    return (finished(draft, chat, rules, kind="chat", submitted_at=began),)


def transcript(value: JsonValue) -> JsonValue:
    """The chat, out of the form's `data` where it stands in one."""
    held = at(value, "data")
    if isinstance(held, str):
        try:
            parsed: JsonValue = orjson.loads(held)
        except orjson.JSONDecodeError:
            return None
        return parsed
    return held if isinstance(held, dict) and "items" in held else value


def _seconds(value: JsonValue) -> JsonValue:
    """Olark writes Unix seconds with a fraction, often as text."""
    return value.partition(".")[0] if isinstance(value, str) else value


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    return text_at(transcript(body_value(request, value)), "id")


ADAPTER = Adapter(
    "olark",
    map_olark,
    (TOKEN,),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "Olark",
        ("Open Settings, Integrations, Webhooks, and paste {url}", "Tick both chats and offline messages."),
        b'data={"kind":"Conversation","id":"sample","items":[{"kind":"OfflineMessage","timestamp":"1777904520.1",'
        b'"body":"A sample message."}],"visitor":{"kind":"Visitor","fullName":"Sam Sample",'
        b'"emailAddress":"sam.sample@example.com"}}',
        content_type="application/x-www-form-urlencoded",
        kind="chat",
        trust=0.5,
    ),
)
