"""CallRail: calls, texts and forms. The body is signed with HMAC-SHA1 (header `Signature`); a secret in the address will do too.

`company_name` is the account's own company, never the caller's. A call's name is caller ID, which is often a guess.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import body_value
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN, Verifier

CALLER_ID = 0.6
"""How sure the name of caller ID is: it is the line's owner, a city, or "Wireless Caller"."""
REGION = "US"
"""CallRail tracks numbers of the US and Canada, whose national numbers read alike."""
_FIELDS = {
    "customer_email": "email", "customer_phone_number": "phone", "callernum": "phone", "source_number": "phone",
    "formatted_customer_phone_number": "phone",
    "customer_city": "city", "callercity": "city", "customer_country": "country", "callercountry": "country",
    "landing_page_url": "page", "landingpage": "page", "form_url": "page", "referring_url": "referrer",
    "referrer": "referrer", "utm_source": "utm_source", "utm_medium": "utm_medium", "utm_campaign": "utm_campaign",
    "utm_term": "utm_term", "utm_content": "utm_content", "campaign": "campaign", "source_name": "channel",
    "source": "channel", "callsource": "channel", "content": "message", "transcription": "message", "call_summary": "message",
    "note": "message",
}  # fmt: skip
_NOBODY = (
    "wireless caller",
    "unknown",
    "unknown name",
    "unavailable",
    "anonymous",
    "private",
    "restricted",
    "toll free call",
)
"""What caller ID says instead of a name."""
_TIMES = ("submitted_at", "start_time", "datetime", "sent_at", "created_at", "timestamp")
_IDS = ("resource_id", "id", "call_id")
_OVER = ("duration", "answered", "call_type")


def map_callrail(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per call that is over, per text message and per form; outgoing ones are our own."""
    value = body.value
    if not isinstance(value, dict) or not any(text_at(value, name) for name in _IDS):
        return (Unmapped("no resource_id: not an event of CallRail"),)
    if (text_at(value, "direction") or "").lower() == "outbound":
        return (NotALead(Disposition.OWN_MESSAGE, "we called or wrote"),)
    what = _what(value)
    if what is None:
        return (NotALead(Disposition.UPDATE, "a call that has only begun: its end follows"),)
    draft = Draft(rules.own_addresses)
    form = at(value, "form_data")
    draft.assign(as_answers(entries_of(form, "form_data")) if isinstance(form, dict) else [])
    sure = 1.0 if what == "form" else CALLER_ID
    for name in ("customer_name", "callername"):
        if (text_at(value, name) or "").lower() not in _NOBODY:
            draft.put("name", value.get(name), name, sure)
    for name, field in _FIELDS.items():
        draft.put(field, value.get(name), name)
    submitted_at = next(filter(None, (time_of(value.get(name)) for name in _TIMES)), None)
    kind = {"call": "call_form", "text": "chat"}.get(what)
    forms = (form_text(value.get("form_name")), form_text(value.get("tracker_resource_id")))
    return (finished(draft, value, rules, kind=kind, forms=forms, submitted_at=submitted_at, region=REGION),)


def _what(value: dict[str, JsonValue]) -> str | None:
    """A call, a text or a form; None for a call without an end."""
    if "form_data" in value:
        return "form"
    if "content" in value or text_at(value, "type") in ("sms", "mms"):
        return "text"
    return "call" if any(value.get(name) is not None for name in _OVER) else None


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    """The call's own id, over all that is told of it: its end and later corrections are versions of one submission."""
    said = body_value(request, value)
    return next(filter(None, (text_at(said, name) for name in _IDS)), None)


ADAPTER = Adapter(
    "callrail",
    map_callrail,
    (Verifier("signature", digest="sha1", encoding="base64"), TOKEN),
    _delivery_id,
    preset=Preset(
        "CallRail",
        (
            "Open Settings, Integrations, Webhooks, and activate them for your company.",
            "Paste {url} for Post-call, Text message received and Form submission.",
            "CallRail shows a signing key there; with it as a second secret every post is checked by its signature.",
        ),
        b'{"resource_id": "CALsample", "direction": "inbound", "duration": 61, "answered": true,'
        b' "customer_name": "Sam Sample", "customer_phone_number": "+12025550143", "customer_email":'
        b' "sam.sample@example.com", "start_time": "2026-05-04T14:22:00.000-04:00", "source_name": "Sample"}',
        kind="call_form",
    ),
)
