"""A body tried out: accepted or not, and what it would be mapped to. Nothing is kept, so nothing reaches the funnel."""

from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.facts import Item, LeadFacts, NotALead, ToFetch, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.sources import Source


@dataclass(frozen=True, slots=True)
class Trial:
    """What a source would make of a request."""

    accepted: bool
    trust: str
    secret: str | None
    """The name of the secret that matched."""
    status: int
    """What the sender would be answered."""
    delivery_id: str | None
    items: tuple[Item, ...]


def tried(source: Source, request: Request) -> Trial:
    """The same verdict and mapping as for a request that comes to the source's address."""
    verdict = source.verdict(request)
    adapter = source.adapter
    body = parse_body(request.body, request.content_type, request.content_encoding)
    if adapter.envelop is not None:
        body = adapter.envelop(body, adapter.kept_headers(request))
    status = adapter.answer_to(request, source.rules).status if verdict.accepted else 401
    return Trial(
        accepted=verdict.accepted,
        trust=verdict.trust,
        secret=verdict.secret,
        status=status,
        delivery_id=adapter.delivery_id(request, _quick_json(body, request)),
        items=tuple(map_body(adapter, body, source.rules)),
    )


def described(item: Item) -> dict[str, JsonValue]:
    """An item as a person reads it."""
    match item:
        case LeadFacts():
            fields: dict[str, JsonValue] = {
                name: {"value": fact.value, "where": fact.where, "confidence": fact.confidence}
                for name, fact in item.fields.items()
            }
            at = item.submitted_at.isoformat() if item.submitted_at else None
            return {"item": "lead", "kind": item.kind, "form": item.form, "submitted_at": at, "fields": fields}
        case NotALead():
            return {"item": "not_a_lead", "disposition": str(item.disposition), "reason": item.reason}
        case ToFetch():
            found: dict[str, JsonValue] = {"item": "to_fetch", "provider": item.provider, "object_id": item.object_id}
            return {**found, "reason": item.reason}
        case Unmapped():
            return {"item": "unmapped", "reason": item.reason, "seen": list(item.seen)}


def _quick_json(body: Body, request: Request) -> JsonValue:
    """What the receiver reads delivery ids from: the body where it plainly is JSON."""
    if body.format != "json":
        return None
    try:
        parsed: JsonValue = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return None
    return parsed
