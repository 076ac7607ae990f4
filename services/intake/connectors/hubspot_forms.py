"""HubSpot: a workflow's webhook posts the whole contact, a form's its fields. Signatures v3 (with time), v2 and v1."""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.connectors.hubspot_events import events_delivery_id, map_events
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_COMPANY = "0-2"
"""HubSpot's objectTypeId of companies."""


def map_hubspot(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per contact or form submission. CRM events, which hold ids only, are read as such."""
    held = body.value if isinstance(body.value, list) else [body.value]
    return tuple(item for one in held for item in _one(replace(body, value=one), rules))


def _one(body: Body, rules: IntakeSource) -> Sequence[Item]:
    return map_events(body, rules) if _is_event(body.value) else (_contact(body.value, rules),)


def _is_event(item: JsonValue) -> bool:
    return text_at(item, "subscriptionType") is not None


def _contact(item: JsonValue, rules: IntakeSource) -> Item:
    """Properties stand bare, as {name: {value}}, or as a list of {name, value}."""
    where = next((name for name in ("properties", "fields", "values") if at(item, name) is not None), "")
    held = at(item, where)
    if isinstance(held, dict):
        entries = [
            Entry((name,), at(value, "value") if isinstance(value, dict) else value, f"{where}.{name}".strip("."))
            for name, value in held.items()
        ]
    elif isinstance(held, list):
        entries = [
            Entry(_names(field), at(field, "value"), f"{where}[{order}].value") for order, field in enumerate(held)
        ]
    else:
        entries = entries_of(held, where)
    draft = Draft(rules.own_addresses)
    draft.assign(entries)
    for name, path in (("page", "pageUrl"), ("page", "context.pageUri"), ("page", "form-submissions.0.page-url")):
        draft.put(name, at(item, path), path)
    forms = ("form-submissions.0.title", "formName", "form-submissions.0.form-id", "formId")
    submitted_at = time_of(at(item, "submittedAt")) or time_of(at(item, "form-submissions.0.timestamp"))
    return finished(
        draft, item, rules, forms=tuple(form_text(at(item, path)) for path in forms), submitted_at=submitted_at
    )


def _names(field: JsonValue) -> tuple[str, ...]:
    """A form asks for the company's own fields too: `name` of object type 0-2 is the company's."""
    name = text_at(field, "name") or ""
    return (f"company {name}",) if text_at(field, "objectTypeId") == _COMPANY else (name,)


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    """CRM events are known by all their parts; a contact by its id and when it last changed."""
    if _is_event(value) or (isinstance(value, list) and any(map(_is_event, value))):
        return events_delivery_id(request, value)
    contact, changed = text_at(value, "vid"), text_at(value, "properties.lastmodifieddate.value")
    conversion = text_at(value, "form-submissions.0.conversion-id") or text_at(value, "conversionId")
    return conversion or (f"{contact} {changed}" if contact and changed else None)


_V1 = "x-hubspot-signature"
ADAPTER = Adapter(
    "hubspot_forms",
    map_hubspot,
    (
        Verifier(
            "x-hubspot-signature-v3", signed=("method", "uri", "body", "timestamp"), encoding="base64",
            timestamp="x-hubspot-request-timestamp", timestamp_unit="ms",
        ),
        Verifier(_V1, signed=("secret", "method", "uri", "body"), algorithm="hash"),
        Verifier(_V1, signed=("secret", "body"), algorithm="hash"),
    ),
    _delivery_id,
    preset=Preset(
        "HubSpot forms",
        (
            "In HubSpot, make a workflow that is triggered by the form, with the action Send a webhook (POST).",
            "Paste {url} and sign with the app's client secret; give that secret here.",
        ),
        b'{"vid": 1, "properties": {"email": {"value": "sam.sample@example.com"}, "firstname": {"value": "Sam"}, "lastname":'
        b' {"value": "Sample"}, "message": {"value": "A sample submission."}, "lastmodifieddate": {"value":'
        b' "1777904520000"}}, "form-submissions": [{"conversion-id": "sample", "title": "Sample"}]}',
        trust=0.8,
        secret="theirs",
    ),
)  # fmt: skip
