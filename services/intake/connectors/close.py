"""Close: events about its records. A lead there is a company with contacts, so one event may hold several of ours.

Signed `timestamp` and body, hex, with a key that is itself hex. What we write to Close comes back under a user, key or
app of the policy's `own_ids`.
"""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_PERSON = {"emails.0.email": "email", "phones.0.phone": "phone", "name": "name", "title": "title"}
_COMPANY = {
    "display_name": "company", "name": "company", "url": "website", "description": "message",
    "addresses.0.city": "city", "addresses.0.country": "country",
}  # fmt: skip
_ACTORS = ("user_id", "api_key_id", "oauth_client_id")
MAX_CONTACTS = 100


def map_close(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per contact of a new lead, or per new contact; other events are updates."""
    event = at(body.value, "event")
    kind, action = text_at(event, "object_type"), text_at(event, "action")
    if kind is None or action is None:
        return (Unmapped("no event.object_type and event.action: not an event of Close"),)
    if any(text_at(event, name) in rules.own_ids for name in _ACTORS):
        return (NotALead(Disposition.OWN_MESSAGE, "our own write came back"),)
    if action == "deleted":
        return (NotALead(Disposition.CANCELLATION, f"{kind[:60]} is gone"),)
    if action != "created" or kind not in ("lead", "contact"):
        return (NotALead(Disposition.UPDATE, f"{kind[:60]}: {action[:60]}"),)
    data = at(event, "data")
    if kind == "contact":
        return (_contact(data, "event.data", None, rules),)
    contacts = at(data, "contacts")
    if not isinstance(contacts, list) or not contacts:
        return (NotALead(Disposition.UPDATE, "a company without a contact: the contact's own event follows"),)
    places = (f"event.data.contacts[{index}]" for index in range(MAX_CONTACTS))
    found = tuple(_contact(one, where, data, rules) for one, where in zip(contacts, places, strict=False))
    rest = len(contacts) - len(found)
    return (*found, Unmapped(f"{rest} more contacts than {MAX_CONTACTS}")) if rest else found


def _contact(contact: JsonValue, where: str, company: JsonValue, rules: IntakeSource) -> Item:
    draft = Draft(rules.own_addresses)
    for path, field in _PERSON.items():
        draft.put(field, at(contact, path), f"{where}.{path}")
    for path, field in _COMPANY.items():
        draft.put(field, at(company, path), f"event.data.{path}")
    draft.assign(as_answers(entries_of(at(company, "custom"), "event.data.custom")))
    return finished(draft, contact, rules, submitted_at=_created_at(contact, company))


def _created_at(contact: JsonValue, company: JsonValue) -> datetime | None:
    return time_of(at(contact, "date_created")) or time_of(at(company, "date_created"))


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    return text_at(value, "event.id")


ADAPTER = Adapter(
    "close",
    map_close,
    (Verifier("close-sig-hash", signed=("timestamp", "body"), key="hex", timestamp="close-sig-timestamp"),),
    _delivery_id,
    preset=Preset(
        "Close",
        (
            "Create a webhook subscription by Close's API for lead.created and contact.created, with the address {url}",
            "The answer holds a signature_key: give it here.",
            "If Signalbox also writes to this Close, name its user or key in policy/sources.yaml (own_ids).",
        ),
        b'{"subscription_id": "whsub_sample", "event": {"id": "ev_sample", "object_type": "contact", "action": "created",'
        b' "user_id": "user_sample", "data": {"name": "Sam Sample", "title": "Sample", "emails":'
        b' [{"type": "office", "email": "sam.sample@example.com"}], "phones": []}}}',
        kind="lead",
        trust=0.8,
        secret="theirs",
    ),
)
