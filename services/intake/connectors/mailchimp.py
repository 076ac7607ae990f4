"""Mailchimp: form-encoded `type`, `fired_at`, `data[…]`. Nothing is signed; it asks by GET whether the address is there."""

from collections.abc import Sequence
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import body_value, fingerprint
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Answer, Request, Secret
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN, verify

_UPDATES = {"profile": "a changed profile", "upemail": "a changed address", "campaign": "a campaign was sent"}
_MERGES = {"EMAIL": "email", "FNAME": "first_name", "LNAME": "last_name", "PHONE": "phone"}


def map_mailchimp(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """A subscription is a lead; unsubscriptions and complaints are opt-outs; bounces and changes are updates."""
    kind = text_at(body.value, "type")
    if kind is None:
        return (Unmapped("no type: not an event of Mailchimp"),)
    if kind == "subscribe":
        return (_subscriber(body.value, rules),)
    if kind in ("unsubscribe", "cleaned"):
        return (_left(kind, body.value),)
    return (NotALead(Disposition.UPDATE, _UPDATES.get(kind, f"no subscription: {kind[:60]}")),)


def _subscriber(value: JsonValue, rules: IntakeSource) -> Item:
    draft = Draft(rules.own_addresses)
    draft.put("email", at(value, "data.email"), "data.email")
    merges = at(value, "data.merges")
    rest = dict(merges) if isinstance(merges, dict) else {}
    for name, field in _MERGES.items():
        draft.put(field, rest.pop(name, None), f"data.merges.{name}")
    rest.pop("GROUPINGS", None)  # what INTERESTS says, once more
    draft.assign(as_answers(entries_of(rest, "data.merges")))
    return finished(draft, value, rules, forms=(text_at(value, "data.list_id"),), submitted_at=_fired_at(value))


def _left(kind: str, value: JsonValue) -> Item:
    """Who left by their own act opted out, and so did who called a mail spam. An address that bounces, or that the
    list's owner deleted, says nothing about what the person wants."""
    reason = text_at(value, "data.reason") or ""
    if kind == "cleaned" and reason != "abuse":
        return NotALead(Disposition.UPDATE, "mail to the address bounces")
    if text_at(value, "data.action") == "delete" and reason != "abuse":
        return NotALead(Disposition.CANCELLATION, "taken off the list by its owner")
    return opted_out(at(value, "data.email"), "data.email", f"{kind} {reason}".strip(), _fired_at(value))


def _fired_at(value: JsonValue) -> datetime | None:
    return time_of(at(value, "fired_at"))


def check_address(request: Request, secrets: Sequence[Secret]) -> Answer | None:
    """200 to the GET by which Mailchimp tries an address before it saves it, when that holds the secret, if there is one."""
    if request.method != "GET" or (secrets and not verify((TOKEN,), secrets, request).accepted):
        return None
    return Answer(200, b"", "text/plain")


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    """Mailchimp names no event. All it says is its id, the second it fired at among it; as a hash, since an address is
    part of it. Without that second the body says too little."""
    return fingerprint(request, value) if text_at(body_value(request, value), "fired_at") else None


ADAPTER = Adapter(
    "mailchimp",
    map_mailchimp,
    (TOKEN,),
    _delivery_id,
    handshake=check_address,
    answer=Answer(200, b"", "text/plain"),
    preset=Preset(
        "Mailchimp",
        (
            "Open Audience, Settings, Webhooks, and create one.",
            "Paste {url}; tick Subscribes, Unsubscribes and Cleaned emails.",
        ),
        b"type=subscribe&fired_at=2026-05-04+14%3A22%3A00&data%5Bid%5D=sample&data%5Blist_id%5D=sample"
        b"&data%5Bemail%5D=sam.sample%40example.com&data%5Bmerges%5D%5BFNAME%5D=Sam&data%5Bmerges%5D%5BLNAME%5D=Sample",
        content_type="application/x-www-form-urlencoded",
        kind="lead",
        trust=0.5,
        defaults={"channel": "newsletter"},
    ),
)
