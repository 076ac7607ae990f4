"""Mautic: {"mautic.form_on_submit": [item, …], …}: several types and items a POST. Signs the body with base64 HMAC-SHA256.

PHP escapes what it writes (`\\/`, `\\u00fc`): only the raw bytes verify. There is no delivery id; the items' own ids make one.
"""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import joined
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_NEW = ("mautic.lead_post_save_new", "mautic.contact_post_save_new")
_GONE = ("mautic.lead_post_delete", "mautic.contact_post_delete")
_LEFT = ("unsubscribed", "manual", "bounced", "dnc")
_FIELDS = {
    "email": "email", "firstname": "first_name", "lastname": "last_name", "phone": "phone", "mobile": "phone",
    "company": "company", "position": "title", "city": "city", "country": "country", "website": "website",
    "preferred_locale": "language",
}  # fmt: skip
_OF_THE_FORM = ("form_id", "formId", "formName", "return", "messenger", "submit")
MAX_ITEMS = 1_000


def map_mautic(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """An item each: a form's submission or a new contact is a lead, a channel that was left an opt-out."""
    if not isinstance(body.value, dict) or not any(name.startswith("mautic.") for name in body.value):
        return (Unmapped("no event of Mautic"),)
    return tuple(_item(kind, item, where, rules) for kind, item, where in _events(body.value))


def _events(value: JsonValue) -> Iterator[tuple[str, JsonValue, str]]:
    count = 0
    for kind, held in value.items() if isinstance(value, dict) else ():
        if not kind.startswith("mautic."):
            continue
        for order, item in enumerate(held if isinstance(held, list) else [held]):
            if count < MAX_ITEMS:
                yield kind, item, f"{kind}[{order}]"
            count += 1


def _item(kind: str, item: JsonValue, where: str, rules: IntakeSource) -> Item:
    if not isinstance(item, dict):
        return Unmapped(f"an item of {kind[:80]} is no object", (where[:120],))
    submitted_at = time_of(item.get("timestamp"))
    if kind == "mautic.form_on_submit":
        return _submission(item, where, rules)
    contact = item.get("contact") if "contact" in item else item.get("lead")
    if kind in _NEW:
        draft = Draft(rules.own_addresses)
        _put_contact(draft, contact, where)
        return finished(draft, contact, rules, submitted_at=submitted_at)
    if kind == "mautic.lead_channel_subscription_changed":
        if text_at(item, "channel") == "email" and text_at(item, "new_status") in _LEFT:
            address = _core(contact, "email")
            return opted_out(address, f"{where}.contact", f"email {text_at(item, 'new_status')}", submitted_at)
        return NotALead(Disposition.UPDATE, "a change of another channel")
    if kind in _GONE:
        return NotALead(Disposition.CANCELLATION, "the contact is gone")
    return NotALead(Disposition.UPDATE, f"an event about a known contact: {kind[:80]}")


def _submission(item: Mapping[str, JsonValue], where: str, rules: IntakeSource) -> Item:
    held = item.get("submission") or item.get("formSubmission")
    if not isinstance(held, dict):
        return Unmapped("a form's event without its submission", (where,))
    draft = Draft(rules.own_addresses)
    results = held.get("results")
    said = (
        {name: value for name, value in results.items() if name not in _OF_THE_FORM}
        if isinstance(results, dict)
        else {}
    )
    draft.assign(as_answers(entries_of(said, f"{where}.submission.results")))
    draft.put("page", held.get("referer"), f"{where}.submission.referer")
    _put_contact(draft, held.get("lead"), f"{where}.submission.lead")
    forms = tuple(form_text(at(held, name)) for name in ("form.name", "form.alias", "form.id"))
    moment = time_of(held.get("dateSubmitted")) or time_of(item.get("timestamp"))
    return finished(draft, held, rules, forms=forms, submitted_at=moment)


def _put_contact(draft: Draft, contact: JsonValue, where: str) -> None:
    """What Mautic knows of the contact, where the form did not say it."""
    for name, field in _FIELDS.items():
        draft.put(field, _core(contact, name), f"{where}.fields.core.{name}", 0.95)


def _core(contact: JsonValue, name: str) -> JsonValue:
    """A contact's field: {value} under its group, or plain under `fields` or the contact itself."""
    for path in (f"fields.core.{name}", f"fields.professional.{name}", f"fields.{name}", name):
        held = at(contact, path)
        held = at(held, "value") if isinstance(held, dict) else held
        if held not in (None, "", []):
            return held
    return None


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    names = []
    for kind, item, _ in _events(value):
        paths = ("submission.id", "contact.id", "lead.id")
        held = next(filter(None, (text_at(item, path) for path in paths)), None)
        if held is None:
            return None
        # a contact has many events, a submission one
        stamp = "" if kind == "mautic.form_on_submit" else f" {text_at(item, 'timestamp') or ''}"
        names.append(f"{kind} {held}{stamp}")
    return joined(names)


ADAPTER = Adapter(
    "mautic",
    map_mautic,
    (Verifier("webhook-signature", encoding="base64"),),
    _delivery_id,
    answer=Answer(200),
    preset=Preset(
        "Mautic",
        (
            "Open Settings, Webhooks, New; paste {url} as the POST address and {secret} as the secret.",
            "Tick Form Submit Event and, where wanted, Contact Identified and Contact Channel Subscription Change.",
        ),
        b'{"mautic.form_on_submit":[{"submission":{"id":1,"form":{"id":1,"name":"Contact"},"results":'
        b'{"email":"sam.sample@example.com","name":"Sam Sample","message":"A sample submission."},'
        b'"dateSubmitted":"2026-05-04T14:22:00+00:00"},"timestamp":"2026-05-04T14:22:00+00:00"}]}',
        trust=0.7,
        secret="ours",
    ),
)
