"""Typeform: answers point at questions by field id; UTM values come as hidden fields. Signed body, no timestamp."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, kind_of, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_BY_TYPE = {"email": "typed as email", "phone_number": "typed as phone"}
"""What an answer's type calls it, after its question: of two addresses the question tells whose they are."""


def map_typeform(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per finished response; a partial one is not a lead yet."""
    kind = text_at(body.value, "event_type")
    if kind == "form_response_partial":
        return (NotALead(Disposition.UPDATE, "a partial response: the finished one follows"),)
    response = at(body.value, "form_response")
    if not isinstance(response, dict):
        return (Unmapped("no form_response"),)
    titles = _titles(response)
    answers = at(response, "answers")
    found = [_entry(answer, index, titles) for index, answer in enumerate(answers if isinstance(answers, list) else [])]
    hidden = entries_of(at(response, "hidden"), "form_response.hidden")
    draft = Draft(rules.own_addresses)
    draft.assign([*filter(None, found), *hidden])
    return (
        finished(
            draft, response, rules,
            kind=kind_of(at(response, "hidden.source")),
            forms=(form_text(at(response, "definition.title")), form_text(at(response, "form_id"))),
            submitted_at=time_of(at(response, "submitted_at")),
        ),
    )  # fmt: skip


def _titles(response: JsonValue) -> dict[str, str]:
    fields = at(response, "definition.fields")
    titles: dict[str, str] = {}
    for field in fields if isinstance(fields, list) else []:
        title, key = text_at(field, "title"), text_at(field, "id")
        if title and key:
            titles[key] = title
    return titles


def _entry(answer: JsonValue, index: int, titles: dict[str, str]) -> Entry | None:
    """The answer's value stands under the name of its type; choices hold labels."""
    kind = text_at(answer, "type")
    if kind is None:
        return None
    value = at(answer, kind)
    if isinstance(value, dict):
        value = _chosen(value)
    asked = titles.get(text_at(answer, "field.id") or ""), _BY_TYPE.get(kind), text_at(answer, "field.ref")
    where = f"form_response.answers[{index}].{kind}"
    return Entry(tuple(filter(None, asked)) or (kind,), value, where, is_answer=True)


def _chosen(value: dict[str, JsonValue]) -> JsonValue:
    """The label of a choice, or all labels with what was typed under "other"."""
    labels, other = value.get("labels"), value.get("other")
    if isinstance(labels, list):
        return [*labels, other] if other else labels
    return value.get("label") or other


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    """A partial response has the token of the finished one, and is another delivery."""
    token, event = text_at(value, "form_response.token"), text_at(value, "event_id")
    if text_at(value, "event_type") == "form_response_partial":
        return f"partial {event or token}" if event or token else None
    return token or event


ADAPTER = Adapter(
    "typeform",
    map_typeform,
    (Verifier("typeform-signature", prefix=b"sha256=", encoding="base64"),),
    _delivery_id,
    preset=Preset(
        "Typeform",
        (
            "Open the form, Connect, Webhooks, and add one.",
            "Paste {url}, switch it on, then Edit: paste {secret} as the secret.",
        ),
        b'{"event_id": "sample", "event_type": "form_response", "form_response": {"form_id": "sample", "token": "sample",'
        b' "submitted_at": "2026-05-04T14:22:00Z", "definition": {"title": "Sample", "fields": ['
        b'{"id": "n", "title": "Your name"}, {"id": "e", "title": "Work email"}, {"id": "m", "title": "Your message"}]},'
        b' "answers": [{"type": "text", "text": "Sam Sample", "field": {"id": "n"}}, {"type": "email", "email":'
        b' "sam.sample@example.com", "field": {"id": "e"}}, {"type": "text", "text": "A sample submission.",'
        b' "field": {"id": "m"}}]}}',
        trust=0.8,
        secret="ours",
    ),
)
