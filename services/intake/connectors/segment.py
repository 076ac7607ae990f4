"""Segment: identify, track, page, group; one event a POST, or a list of them. Signs with hex HMAC-SHA1.

Of a list only the first event is signed, over its own bytes. The others are kept and mapped all the same, since they
are real people's: refusing them would lose every lead of a batch but one. But whoever has read one signed event could
hang others behind it, so nothing that follows the first counts for more than an unsigned form: its facts carry a
confidence of at most 0.5, below every threshold at which a value would be taken over without a person.
"""

import re
from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import joined
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import email_of, time_of
from services.intake.domain.verifiers import TOKEN, Verifier

UNPROVEN = 0.5
"""The confidence that a fact of an unsigned event has at most."""
MAX_EVENTS = 1_000
_WISH = re.compile(
    r"\b(?:demo|contact|lead|form|sign(?:ed)?[ _-]?up|trial|quote|pricing|webinar|register(?:ed)?|download(?:ed)?"
    r"|request(?:ed)?|subscribe(?:d)?|inquiry|enquiry|callback|book(?:ed)?|submitted)\b",
    re.IGNORECASE,
)
_LEFT = re.compile(r"\b(?:unsubscribe(?:d)?|opt(?:ed)?[ _-]?out)\b", re.IGNORECASE)
_CONTEXT = {
    "campaign.name": "utm_campaign", "campaign.source": "utm_source", "campaign.medium": "utm_medium",
    "campaign.term": "utm_term", "campaign.content": "utm_content", "page.url": "page", "page.referrer": "referrer",
    "locale": "language",
}  # fmt: skip
_TRAITS = {
    "email": "email", "name": "name", "name.first": "first_name", "name.last": "last_name",
    "firstName": "first_name", "lastName": "last_name", "first_name": "first_name",
    "last_name": "last_name", "phone": "phone", "title": "title", "company.name": "company", "company": "company",
    "company.industry": "industry", "company.employee_count": "employees", "company.employees": "employees",
    "website": "website", "address.city": "city", "address.country": "country", "industry": "industry",
    "employees": "employees", "description": "message",
}  # fmt: skip
_KNOWN = frozenset(name.partition(".")[0] for name in _TRAITS) | {"createdAt", "created_at", "avatar", "id", "username"}


def map_segment(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """An item per event. Who identifies with an address, and who asks for something, is a lead; page views are none."""
    events = body.value if isinstance(body.value, list) else at(body.value, "batch")
    if not isinstance(events, list):
        return (_item(body.value, rules),)
    items = [_item(event, rules) for event in events[:MAX_EVENTS]]
    return (*items[:1], *map(unproven, items[1:]))


def unproven(item: Item) -> Item:
    """The item as nobody has signed it."""
    if not isinstance(item, LeadFacts):
        return item
    fields = {name: replace(fact, confidence=min(fact.confidence, UNPROVEN)) for name, fact in item.fields.items()}
    return replace(item, fields=fields)


def _item(event: JsonValue, rules: IntakeSource) -> Item:
    kind, name = text_at(event, "type"), text_at(event, "event") or ""
    if not isinstance(event, dict) or kind is None:
        return Unmapped("no type: not an event of Segment")
    submitted_at = time_of(event.get("originalTimestamp")) or time_of(event.get("timestamp"))
    if kind == "track" and _LEFT.search(_spaced(name)):
        places = ("properties.email", "context.traits.email", "traits.email", "userId")
        return next(
            (opted_out(at(event, path), path, name, submitted_at) for path in places if email_of(at(event, path))),
            Unmapped("somebody unsubscribed, but the address can't be read", ("properties", "context.traits")),
        )
    if kind not in ("identify", "track"):
        return NotALead(Disposition.UPDATE, f"what a visitor does, and nothing asked for: {kind[:40]}")
    draft = _drafted(event, kind, rules)
    asks = kind == "track" and (name in rules.form_kinds or _WISH.search(_spaced(name)) is not None)
    reachable = "email" in draft.facts or draft.phone is not None
    if (kind == "identify" and not reachable) or (kind == "track" and not asks and "message" not in draft.facts):
        return NotALead(Disposition.UPDATE, f"what a visitor does, and nothing asked for: {name[:80] or kind}")
    return finished(draft, event, rules, forms=(name or None,), submitted_at=submitted_at)


def _drafted(event: dict[str, JsonValue], kind: str, rules: IntakeSource) -> Draft:
    draft = Draft(rules.own_addresses)
    if kind == "track":
        draft.assign(entries_of(event.get("properties"), "properties"))
    for where in ("traits", "context.traits"):
        held = at(event, where)
        for name, field in _TRAITS.items():
            value = at(held, name)
            if not isinstance(value, dict):
                draft.put(field, value, f"{where}.{name}")
        others = {key: item for key, item in held.items() if key not in _KNOWN} if isinstance(held, dict) else {}
        draft.assign(as_answers(entries_of(others, where)) if kind == "identify" else entries_of(others, where))
    for name, field in _CONTEXT.items():
        draft.put(field, at(event, f"context.{name}"), f"context.{name}")
    user = event.get("userId")
    draft.put("email", user if email_of(user) else None, "userId", 0.85)
    draft.put("custom_id", None if email_of(user) else user, "userId")
    return draft


def _spaced(name: str) -> str:
    """The words of an event's name: `demoRequested`, `demo_requested` and `Demo Requested` alike."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])|_", " ", name)


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    events = value if isinstance(value, list) else at(value, "batch")
    if not isinstance(events, list):
        return text_at(value, "messageId")
    names = [text_at(event, "messageId") for event in events[:MAX_EVENTS]]
    return joined([name for name in names if name]) if all(names) else None


ADAPTER = Adapter(
    "segment",
    map_segment,
    (Verifier("x-signature", signed=("first",), digest="sha1"), TOKEN),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "Segment",
        (
            "Add the destination Webhooks (Actions), map identify and the track events that mean a lead, and paste {url}",
            "Paste {secret} as the shared secret.",
        ),
        b'{"type":"identify","messageId":"sample","userId":"u1","traits":{"email":"sam.sample@example.com",'
        b'"name":"Sam Sample"},"timestamp":"2026-05-04T14:22:00Z"}',
        kind="lead",
        trust=0.6,
        secret="ours",
    ),
)
