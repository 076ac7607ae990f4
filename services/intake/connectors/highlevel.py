"""HighLevel: {type, locationId, webhookId, …}; a new contact's fields stand at the top. RSA-SHA256 over the body.

The key is HighLevel's public one, the same for every app: it proves that HighLevel sent something, not that it was ours
who asked for it, and anybody may point an app of theirs here. So the address holds a secret too, and both must fit: the
source has two secrets, the public key and the one in the address.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.chats import put_said
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Answer
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_FIELDS = {
    "email": "email", "name": "name", "firstName": "first_name", "lastName": "last_name", "phone": "phone",
    "companyName": "company", "city": "city", "country": "country", "website": "website", "source": "channel",
    "attributionSource.url": "page", "attributionSource.referrer": "referrer",
    "attributionSource.utmSource": "utm_source", "attributionSource.utmMedium": "utm_medium",
    "attributionSource.campaign": "utm_campaign",
}  # fmt: skip


def map_highlevel(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """A new contact is a lead, an inbound message too when it says from whom; the rest is about what is known."""
    kind = text_at(body.value, "type")
    if kind is None:
        return (Unmapped("no type: not an event of HighLevel"),)
    submitted_at = next(filter(None, (time_of(at(body.value, name)) for name in ("dateAdded", "timestamp"))), None)
    if kind == "ContactDndUpdate" and at(body.value, "dnd") is True:
        return (opted_out(at(body.value, "email"), "email", kind, submitted_at),)
    if kind == "ContactDelete":
        return (NotALead(Disposition.CANCELLATION, "the contact is gone"),)
    if kind == "OutboundMessage":
        return (NotALead(Disposition.OWN_MESSAGE, "a message of our own people"),)
    if kind not in ("ContactCreate", "InboundMessage"):
        return (NotALead(Disposition.UPDATE, f"an event about a known record: {kind[:60]}"),)
    draft = Draft(rules.own_addresses)
    for name, field in _FIELDS.items():
        draft.put(field, at(body.value, name), name)
    if at(body.value, "dnd") is True:
        draft.put("do_not_mail", True, "dnd")
    if kind == "InboundMessage":
        draft.put("phone", at(body.value, "from"), "from")
        said = at(body.value, "body")
        put_said(draft, [(said, "body")] if isinstance(said, str) else [])
    own = at(body.value, "customFields")
    draft.assign(as_answers(entries_of(own, "customFields")))
    return (finished(draft, body.value, rules, submitted_at=submitted_at),)


def _delivery_id(request: object, value: JsonValue) -> str | None:  # noqa: ARG001
    return text_at(value, "webhookId") or text_at(value, "messageId")


ADAPTER = Adapter(
    "highlevel",
    map_highlevel,
    (Verifier("x-wh-signature", algorithm="rsa", and_token=True),),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "HighLevel",
        (
            "In the marketplace app's settings, Advanced, Webhooks, paste {url} and tick ContactCreate.",
            "Put HighLevel's public key (its webhook guide prints it) in as a second secret of this source; both must fit.",
        ),
        b'{"type":"ContactCreate","webhookId":"sample","locationId":"sample","id":"1","email":"sam.sample@example.com",'
        b'"firstName":"Sam","lastName":"Sample","dateAdded":"2026-05-04T14:22:00.000Z"}',
        kind="lead",
        trust=0.5,
    ),
)
