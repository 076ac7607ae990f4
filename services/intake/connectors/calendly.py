"""Calendly: bookings and routing forms. Signed `timestamp.body` in one header with the timestamp, 3 minutes' tolerance."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_LEADS = ("invitee.created", "routing_form_submission.created")


def map_calendly(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per new booking; a cancellation and a no-show are kept and are no leads, a rescheduling is an update."""
    event = text_at(body.value, "event") or ""
    if event == "invitee.canceled":
        moved = at(body.value, "payload.rescheduled") is True
        return (NotALead(Disposition.UPDATE if moved else Disposition.CANCELLATION, event),)
    if event not in _LEADS:
        return (NotALead(Disposition.UPDATE, "no booking"),)
    payload = at(body.value, "payload")
    if text_at(payload, "old_invitee"):
        return (NotALead(Disposition.UPDATE, "a rescheduled booking of a known invitee"),)
    draft = Draft(rules.own_addresses)
    around = "payload.invitee" if isinstance(at(payload, "invitee"), dict) else "payload"  # so until version 2
    for name in ("email", "name", "first_name", "last_name"):
        draft.put(name, at(body.value, f"{around}.{name}"), f"{around}.{name}")
    draft.put("phone", at(payload, "text_reminder_number"), "payload.text_reminder_number")
    draft.assign(_answers(payload) + entries_of(at(payload, "tracking"), "payload.tracking"))
    form = form_text(at(payload, "scheduled_event.name")) or form_text(at(payload, "routing_form"))
    submitted_at = time_of(at(payload, "created_at")) or time_of(at(body.value, "created_at"))
    return (finished(draft, payload, rules, forms=(form,), submitted_at=submitted_at),)


def _answers(payload: JsonValue) -> list[Entry]:
    held = at(payload, "questions_and_answers")
    return [
        Entry((question,), at(item, "answer"), f"payload.questions_and_answers[{index}].answer", is_answer=True)
        for index, item in enumerate(held if isinstance(held, list) else [])
        if (question := text_at(item, "question"))
    ]


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    event = text_at(value, "event")
    uri = text_at(value, "payload.uri") or text_at(value, "payload.invitee.uuid")
    return f"{event} {uri}" if event and uri else None


ADAPTER = Adapter(
    "calendly",
    map_calendly,
    (
        Verifier(
            "calendly-webhook-signature", signed=("timestamp", b".", "body"), timestamp="t=",
            separator=b",", prefix=b"v1=", tolerance_seconds=180,
        ),
    ),
    _delivery_id,
    preset=Preset(
        "Calendly",
        (
            "Create a webhook subscription by Calendly's API (POST /webhook_subscriptions) with the address {url}",
            "Give it the signing_key {secret} and the events invitee.created, invitee.canceled and"
            " routing_form_submission.created.",
        ),
        b'{"event": "invitee.created", "created_at": "2026-05-04T14:22:00Z", "payload": {"uri":'
        b' "https://api.calendly.com/scheduled_events/SAMPLE/invitees/SAMPLE", "email": "sam.sample@example.com", "name":'
        b' "Sam Sample", "old_invitee": null, "rescheduled": false, "questions_and_answers": [{"question": "Company",'
        b' "answer": "Example", "position": 0}], "tracking": {}, "scheduled_event": {"name": "Sample"}}}',
        kind="demo_request",
        trust=0.8,
        secret="ours",
    ),
)  # fmt: skip
