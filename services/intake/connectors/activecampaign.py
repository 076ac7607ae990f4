"""ActiveCampaign: form-encoded `type`, `date_time`, `contact[…]`. Nothing is signed; the id is type, contact and time.

The webhook step of an automation sends the contact alone, without type and time: a lead, known by its words and minute.
The same contact often comes twice, as `contact_add` and as `subscribe`: two submissions of one person.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import body_value, by_minute
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

_LEADS = ("subscribe", "contact_add")
_FIELDS = {
    "email": "email", "first_name": "first_name", "last_name": "last_name", "phone": "phone",
    "customer_acct_name": "company", "orgname": "company",
}  # fmt: skip


def map_activecampaign(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """A new contact or subscription is a lead, an unsubscription an opt-out; whatever else happens to one is an update."""
    kind = text_at(body.value, "type")
    if kind is None and not isinstance(at(body.value, "contact"), dict):
        return (Unmapped("no type and no contact: not an event of ActiveCampaign"),)
    submitted_at = time_of(at(body.value, "date_time"))
    if kind == "unsubscribe":
        return (opted_out(at(body.value, "contact.email"), "contact.email", kind, submitted_at),)
    if kind is not None and kind not in _LEADS:
        return (NotALead(Disposition.UPDATE, f"an event about a known contact: {kind[:60]}"),)
    draft = Draft(rules.own_addresses)
    for name, field in _FIELDS.items():
        draft.put(field, at(body.value, f"contact.{name}"), f"contact.{name}")
    draft.assign(as_answers(entries_of(at(body.value, "contact.fields"), "contact.fields")))
    forms = (form_text(at(body.value, "form.name")), form_text(at(body.value, "form.id")))
    return (finished(draft, body.value, rules, forms=forms, submitted_at=submitted_at),)


def _delivery_id(request: Request, value: JsonValue) -> str:
    said = body_value(request, value)
    parts = [text_at(said, path) for path in ("type", "contact.id", "date_time")]
    return " ".join(filter(None, parts)) if all(parts) else by_minute(request, said)


ADAPTER = Adapter(
    "activecampaign",
    map_activecampaign,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "ActiveCampaign",
        (
            "Open Settings, Developer, Manage webhooks, and add one.",
            "Paste {url}; tick Subscribe, Contact added and Unsubscribe.",
        ),
        b"type=subscribe&date_time=2026-05-04T14%3A22%3A00-05%3A00&initiated_from=public&list=1&form%5Bid%5D=1"
        b"&contact%5Bid%5D=1&contact%5Bemail%5D=sam.sample%40example.com&contact%5Bfirst_name%5D=Sam"
        b"&contact%5Blast_name%5D=Sample&contact%5Bphone%5D=",
        content_type="application/x-www-form-urlencoded",
        kind="lead",
        trust=0.5,
    ),
)
