"""Ids of deliveries for tools that give none.

The same delivery has to have the same id, and two deliveries different ones. A tool that names no id and tries once
leaves a browser's double submit: the same words within seconds. So the id is the hash of what was said and the minute
it came. Without the minute, somebody who asks the same again next month would be taken for a redelivery and never be
heard; without the words, two people of one minute would be one. A double click across the turn of a minute becomes two
submissions of one person, which dedupe puts on one timeline: the harmless mistake of the two.
"""

import hashlib
import json
from collections.abc import Collection, Sequence

from pydantic import JsonValue

from services.intake.domain.bodies import parse_body
from services.intake.domain.request import Request

CHALLENGES = frozenset(("g-recaptcha-response", "h-captcha-response", "cf-turnstile-response", "captcha_settings"))
"""What a captcha adds: new at every press of the button, and nothing the person said."""


def body_value(request: Request, value: JsonValue) -> JsonValue:
    """What the body says: `value` where it was plainly JSON, else read as its type wants."""
    if value is not None:
        return value
    return parse_body(request.body, request.content_type, request.content_encoding).value


def fingerprint(request: Request, value: JsonValue, leave_out: Collection[str] = CHALLENGES) -> str:
    """Hex sha256 of what the body says, however it is encoded or ordered; top members in `leave_out` don't count."""
    said = body_value(request, value)
    if said is None:
        return hashlib.sha256(request.body).hexdigest()
    if isinstance(said, dict):
        said = {name: item for name, item in said.items() if name not in leave_out}
    try:
        canonical = json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()
    except RecursionError:
        canonical = request.body
    return hashlib.sha256(canonical).hexdigest()


def by_minute(request: Request, value: JsonValue, leave_out: Collection[str] = CHALLENGES) -> str:
    """The id of a single try without one: what was said, and the minute in which it came."""
    return f"{fingerprint(request, value, leave_out)} {request.received_at:%Y-%m-%dT%H:%M}"


def joined(names: Sequence[str]) -> str | None:
    """One id for a delivery of several items with ids of their own: the ids, or their hash where they are long; None
    for none."""
    if not names:
        return None
    told = " ".join(names)
    return told if len(told) <= 200 else hashlib.sha256("\n".join(names).encode()).hexdigest()
