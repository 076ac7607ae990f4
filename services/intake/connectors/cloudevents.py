"""CloudEvents 1.0 over HTTP: structured, batch, and binary, whose attributes stand in `ce-*` headers kept with the bytes.

The specification signs nothing: a secret in the address. Its OPTIONS handshake is answered for every address. The id
is source and id, in a batch those of all.
"""

import base64
import binascii
from collections.abc import Mapping, Sequence
from urllib.parse import unquote

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.connectors.generic_json import generic_item
from services.intake.domain.adapter import Adapter, Preset, text_at
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.deliveries import joined
from services.intake.domain.entries import at
from services.intake.domain.facts import Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

MAX_EVENTS = 1_000
_GONE = frozenset(("deleted", "canceled", "cancelled", "removed", "archived"))
_CHANGED = frozenset(("updated", "changed", "modified", "viewed"))


def enveloped(body: Body, headers: Mapping[str, str]) -> Body:
    """A binary event as the structured one that says the same; any other body as it is."""
    held: dict[str, JsonValue] = {
        name.removeprefix("ce-"): unquote(value) for name, value in headers.items() if name.startswith("ce-")
    }
    if "specversion" not in held or body.format == "unreadable":
        return body
    return Body("json", {**held, "data": body.value}, body.problems)


def map_cloudevents(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """An item per event, from its data; events about known records are no leads."""
    events = body.value if isinstance(body.value, list) else [body.value]
    return tuple(_item(event, rules) for event in events[:MAX_EVENTS])


def _item(event: JsonValue, rules: IntakeSource) -> Item:
    kind = text_at(event, "type")
    if not isinstance(event, dict) or kind is None:
        return Unmapped("no type: not a CloudEvent")
    words = kind.lower().replace("-", ".").replace("_", ".").replace("/", ".").split(".")
    verbs = [word for word in words if not word.removeprefix("v").isdigit()][-1:]
    if not _GONE.isdisjoint(verbs):
        return NotALead(Disposition.CANCELLATION, "the record is gone")
    if not _CHANGED.isdisjoint(verbs):
        return NotALead(Disposition.UPDATE, "an update of a known record")
    if verbs in (["ping"], ["test"]):
        return NotALead(Disposition.PING, "a ping")
    data = _data(event)
    if data is None:
        return Unmapped(f"an event without data: {kind[:80]}", tuple(sorted(event))[:40])
    item = generic_item(data, rules)
    if isinstance(item, LeadFacts) and item.submitted_at is None:
        return LeadFacts(item.fields, item.kind, item.form, time_of(event.get("time")))
    return item


def _data(event: dict[str, JsonValue]) -> JsonValue:
    """The event's data; in base64 it is bytes of `datacontenttype`."""
    packed = event.get("data_base64")
    if not isinstance(packed, str):
        return event.get("data")
    try:
        raw = base64.b64decode(packed, validate=True)
    except (binascii.Error, ValueError):
        return None
    return parse_body(raw, text_at(event, "datacontenttype") or "application/json").value


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    parts = [request.header(name).decode("latin-1") for name in ("ce-source", "ce-id")]
    if all(parts):
        return joined([f"{parts[0][:500]} {parts[1][:500]}"])
    names = []
    for event in value[:MAX_EVENTS] if isinstance(value, list) else [value]:
        source, name = at(event, "source"), at(event, "id")
        if not isinstance(source, str) or not isinstance(name, str) or not source or not name:
            return None
        names.append(f"{source} {name}")
    return joined(names)


ADAPTER = Adapter(
    "cloudevents",
    map_cloudevents,
    (TOKEN,),
    _delivery_id,
    answer=Answer(200),
    headers=("ce-",),
    envelop=enveloped,
    preset=Preset(
        "CloudEvents",
        (
            "Point the event's sink or subscription at {url}",
            "Structured, batch and binary mode work; the OPTIONS handshake is answered.",
        ),
        b'{"specversion":"1.0","id":"sample","source":"/sample","type":"com.example.lead.created",'
        b'"time":"2026-05-04T14:22:00Z","data":{"email":"sam.sample@example.com","name":"Sam Sample"}}',
        content_type="application/cloudevents+json",
        kind="lead",
        trust=0.5,
    ),
)
