"""Stripe: a new customer and a finished checkout are leads, all else about money is an update. Signed `timestamp.body`."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_LEADS = {"customer.created": "", "checkout.session.completed": "customer_details."}
"""The events that hold a person, and where."""
_FIELDS = {
    "email": "email", "name": "name", "phone": "phone", "address.city": "city", "address.country": "country",
    "business_name": "company",
}  # fmt: skip
_PROMOTIONS = {"opt_in": True, "opt_out": False}


def map_stripe(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per new customer or finished checkout; test mode is kept and is no lead."""
    event = text_at(body.value, "type")
    if event is None:
        return (Unmapped("no type: not an event of Stripe"),)
    if event.endswith(".ping"):
        return (NotALead(Disposition.PING, "a ping"),)
    if at(body.value, "livemode") is False:
        return (NotALead(Disposition.TEST, "Stripe's test mode"),)
    if event == "customer.deleted":
        return (NotALead(Disposition.CANCELLATION, "the customer is gone"),)
    if event not in _LEADS:
        return (NotALead(Disposition.UPDATE, f"about a known customer: {event[:60]}"),)
    held = at(body.value, "data.object")
    draft, inside = Draft(rules.own_addresses), _LEADS[event]
    for name, field in _FIELDS.items():
        draft.put(field, at(held, inside + name), f"data.object.{inside}{name}")
    draft.put("email", at(held, "customer_email"), "data.object.customer_email")
    draft.put("message", at(held, "description"), "data.object.description")
    promotions = text_at(held, "consent.promotions")
    draft.put("consent", _PROMOTIONS.get(promotions or ""), "data.object.consent.promotions")
    draft.assign(_custom_fields(held) + as_answers(entries_of(at(held, "metadata"), "data.object.metadata")))
    forms = (form_text(at(held, "payment_link")),)
    return (finished(draft, held, rules, forms=forms, submitted_at=time_of(at(body.value, "created"))),)


def _custom_fields(held: JsonValue) -> list[Entry]:
    """A checkout's own questions: the answer stands under the name of its type."""
    fields = at(held, "custom_fields")
    entries = []
    for index, field in enumerate(fields if isinstance(fields, list) else []):
        kind = text_at(field, "type") or ""
        names = tuple(filter(None, (text_at(field, "label.custom"), text_at(field, "key"))))
        if names and kind:
            where = f"data.object.custom_fields[{index}].{kind}.value"
            entries.append(Entry(names, at(field, f"{kind}.value"), where, is_answer=True))
    return entries


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    return text_at(value, "id")


ADAPTER = Adapter(
    "stripe",
    map_stripe,
    (
        Verifier(
            "stripe-signature", signed=("timestamp", b".", "body"), timestamp="t=", separator=b",", prefix=b"v1=",
        ),
    ),
    _delivery_id,
    preset=Preset(
        "Stripe",
        (
            "Open Developers, Webhooks, and add an endpoint for customer.created and checkout.session.completed.",
            "Paste {url}; then reveal the signing secret (whsec_…) and give it here.",
        ),
        b'{"id": "evt_sample", "object": "event", "type": "customer.created", "livemode": true, "created": 1777904520,'
        b' "data": {"object": {"id": "cus_sample", "object": "customer", "email": "sam.sample@example.com",'
        b' "name": "Sam Sample", "description": "A sample customer."}}}',
        kind="lead",
        trust=0.8,
        secret="theirs",
    ),
)  # fmt: skip
