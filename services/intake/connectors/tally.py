"""Tally: fields with label, type and value; choices hold option ids that `options` explain. Signed body, no timestamp."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_BY_TYPE = {"INPUT_EMAIL": "typed as email", "INPUT_PHONE_NUMBER": "typed as phone"}
"""What a field's type calls it, after its label: of two addresses the label tells whose they are."""
_HIDDEN = "HIDDEN_FIELDS"


def map_tally(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per response."""
    fields = at(body.value, "data.fields")
    if not isinstance(fields, list):
        return (Unmapped("no data.fields"),)
    draft = Draft(rules.own_addresses)
    entries = []
    for index, field in enumerate(fields):
        kind = text_at(field, "type") or ""
        names = tuple(filter(None, (text_at(field, "label"), _BY_TYPE.get(kind), text_at(field, "key"))))
        where, value = f"data.fields[{index}].value", _value(field)
        if names and not _is_box(kind, value):
            entries.append(Entry(names, value, where, is_answer=kind != _HIDDEN))
    draft.assign(entries)
    return (
        finished(
            draft, body.value, rules,
            forms=(form_text(at(body.value, "data.formName")), form_text(at(body.value, "data.formId"))),
            submitted_at=time_of(at(body.value, "data.createdAt")) or time_of(at(body.value, "createdAt")),
        ),
    )  # fmt: skip


def _is_box(kind: str, value: JsonValue) -> bool:
    """Whether it is one box of a list of boxes, which comes once more as a whole, with the texts of what was ticked."""
    return kind == "CHECKBOXES" and isinstance(value, bool)


def _value(field: JsonValue) -> JsonValue:
    value, options = at(field, "value"), at(field, "options")
    if not isinstance(options, list):
        return value
    texts = {text_at(option, "id"): text_at(option, "text") for option in options}
    chosen = value if isinstance(value, list) else [value]
    return [texts.get(one, one) if isinstance(one, str) else one for one in chosen]


ADAPTER = Adapter(
    "tally",
    map_tally,
    (Verifier("tally-signature", encoding="base64"),),
    lambda _, value: text_at(value, "data.responseId") or text_at(value, "eventId"),
    preset=Preset(
        "Tally",
        (
            "Open the form, Integrations, Webhooks, Connect.",
            "Paste {url} as the endpoint and {secret} as the signing secret.",
        ),
        b'{"eventId": "sample", "eventType": "FORM_RESPONSE", "createdAt": "2026-05-04T14:22:00.000Z", "data":'
        b' {"responseId": "sample", "formId": "sample", "formName": "Sample", "fields": ['
        b'{"key": "q1", "label": "Name", "type": "INPUT_TEXT", "value": "Sam Sample"},'
        b' {"key": "q2", "label": "Email", "type": "INPUT_EMAIL", "value": "sam.sample@example.com"},'
        b' {"key": "q3", "label": "Message", "type": "TEXTAREA", "value": "A sample submission."}]}}',
        trust=0.8,
        secret="ours",
    ),
)
