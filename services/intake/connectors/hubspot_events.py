"""HubSpot CRM events: up to 100 a POST, ids only. New contacts are fetched; what Signalbox itself wrote is an echo."""

import hashlib
from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at
from services.intake.domain.facts import Draft, Item, NotALead, ToFetch, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_CONTACT = "0-1"
"""HubSpot's objectTypeId of contacts."""
_EVENT_ID = (
    "portalId",
    "subscriptionId",
    "objectId",
    "subscriptionType",
    "occurredAt",
    "propertyName",
    "propertyValue",
)
"""What tells an event from another. Not eventId, which is not unique, and not attemptNumber, which grows."""


def map_events(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item per event, and one lead of a contact that was fetched."""
    if isinstance(body.value, list):
        return tuple(_event(event, rules) for event in body.value)
    if at(body.value, "properties") is not None and at(body.value, "id") is not None:
        return (_contact(body.value, rules),)
    return (_event(body.value, rules),)


def _event(event: JsonValue, rules: IntakeSource) -> Item:
    kind, contact = text_at(event, "subscriptionType"), text_at(event, "objectId")
    if kind is None or contact is None:
        return Unmapped("no subscriptionType or objectId: not a CRM event", ("subscriptionType", "objectId"))
    if _is_echo(event, rules):
        return NotALead(Disposition.OWN_MESSAGE, "Signalbox wrote this itself")
    if kind.endswith(".privacyDeletion"):
        return NotALead(Disposition.ERASURE, "HubSpot erased this person for privacy")
    if kind not in ("contact.creation", "object.creation"):
        return NotALead(Disposition.UPDATE, "a change of a record that HubSpot holds")
    if kind == "object.creation" and text_at(event, "objectTypeId") != _CONTACT:
        return NotALead(Disposition.UPDATE, "a new record that is no contact")
    portal = text_at(event, "portalId") or "0"
    return ToFetch("hubspot", f"{portal}/contact/{contact}", "HubSpot sends only the contact's id")


def _is_echo(event: JsonValue, rules: IntakeSource) -> bool:
    """Whether an app of ours made the change: the one that subscribed, or one that the policy names in `own_ids`."""
    if text_at(event, "changeSource") != "INTEGRATION":
        return False
    author = (text_at(event, "sourceId") or "").rpartition(":")[2]
    return bool(author) and author in {text_at(event, "appId"), *rules.own_ids}


def _contact(contact: JsonValue, rules: IntakeSource) -> Item:
    held = at(contact, "properties")
    named = held.items() if isinstance(held, dict) else ()
    draft = Draft(rules.own_addresses)
    draft.assign([Entry((name,), value, f"properties.{name}") for name, value in named])
    for name, path in (("page", "hs_analytics_first_url"), ("referrer", "hs_analytics_first_referrer")):
        draft.put(name, at(contact, f"properties.{path}"), f"properties.{path}")
    submitted_at = time_of(at(contact, "properties.createdate")) or time_of(at(contact, "createdAt"))
    form = text_at(contact, "properties.recent_conversion_event_name")
    return finished(draft, contact, rules, forms=(form,), submitted_at=submitted_at)


def events_delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    """The hash of all its events' parts: they may hold a person's data, and an id is kept where that may not be."""
    events = value if isinstance(value, list) else [value]
    parts = ["\x1f".join(str(at(event, name)) for name in _EVENT_ID) for event in events]
    return "events " + hashlib.sha256("\x1e".join(parts).encode("utf-8", "replace")).hexdigest() if events else None


ADAPTER = Adapter(
    "hubspot_events",
    map_events,
    (
        Verifier(
            "x-hubspot-signature-v3", signed=("method", "uri", "body", "timestamp"), encoding="base64",
            timestamp="x-hubspot-request-timestamp", timestamp_unit="ms",
        ),
        Verifier("x-hubspot-signature", signed=("secret", "body"), algorithm="hash"),
    ),
    events_delivery_id,
    preset=Preset(
        "HubSpot CRM events",
        (
            "In HubSpot open your app's Auth page, and give its client secret to Signalbox as the secret.",
            "Under Webhooks set the target URL {url} and subscribe to Contact, Created.",
            "Give Signalbox an access token with crm.objects.contacts.read as the token.",
            "When another app of yours writes to HubSpot for Signalbox, name its id under own_ids in the policy.",
        ),
        b'[{"eventId":1,"subscriptionId":12345,"portalId":62515,"appId":54321,"occurredAt":1746368520000,'
        b'"subscriptionType":"contact.creation","attemptNumber":0,"objectId":123,"changeSource":"CRM_UI",'
        b'"changeFlag":"CREATED","sourceId":"userId:1"}]',
        secret="theirs",
    ),
)  # fmt: skip
