"""Jotform: multipart with `rawRequest`, a JSON text of answers named q3_fullName and the like. Nothing is signed."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.aliases import field_of
from services.intake.domain.bodies import Body, parse_body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import text_of
from services.intake.domain.verifiers import TOKEN

_ANSWER = re.compile(r"q\d+_(\w+)")


def map_jotform(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per submission."""
    raw = at(body.value, "rawRequest")
    answers = _parsed(raw) if isinstance(raw, str) else raw
    if not isinstance(answers, dict):
        return (Unmapped("no readable rawRequest"),)
    entries: list[Entry] = []
    for key, value in answers.items():
        if named := _ANSWER.fullmatch(key):
            entries += _answer(named.group(1), value, key)
    draft = Draft(rules.own_addresses)
    draft.assign(entries)
    page = at(answers, "event_id") or at(answers, "path")
    if isinstance(page, str) and page.startswith("http"):
        draft.put("page", page, "rawRequest.path")
    forms = (form_text(at(body.value, "formTitle")), form_text(at(body.value, "formID")))
    return (finished(draft, answers, rules, forms=forms),)


def _answer(slug: str, value: JsonValue, key: str) -> list[Entry]:
    """A phone may come as {area, phone}, a name as {first, last}, a date as {day, month, year}."""
    where = f"rawRequest.{key}"
    if isinstance(value, dict) and "phone" in value:
        digits = " ".join(filter(None, (text_of(value.get(part)) for part in ("country", "area", "phone"))))
        return [Entry(("phone",), digits, where, is_answer=True)]
    named = field_of(slug)
    if isinstance(value, dict) and named and named[0] == "name":
        return [Entry((f"{part} name",), value.get(part), f"{where}.{part}") for part in ("first", "last")]
    if isinstance(value, dict):
        return entries_of({slug: value}, "rawRequest")
    return [Entry((slug,), value, where, is_answer=True)]


def _parsed(text: str) -> JsonValue:
    try:
        return parse_strict(text.encode()).value
    except StrictJsonError:
        return None


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    if value is None:
        value = parse_body(request.body, request.content_type, request.content_encoding).value
    return text_at(value, "submissionID")


ADAPTER = Adapter(
    "jotform",
    map_jotform,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "Jotform",
        ("Open the form's Settings, Integrations, WebHooks.", "Paste {url} and complete the integration."),
        b'--sample\r\nContent-Disposition: form-data; name="formID"\r\n\r\nsample\r\n'
        b'--sample\r\nContent-Disposition: form-data; name="submissionID"\r\n\r\nsample\r\n'
        b'--sample\r\nContent-Disposition: form-data; name="formTitle"\r\n\r\nSample\r\n'
        b'--sample\r\nContent-Disposition: form-data; name="rawRequest"\r\n\r\n{"q3_name": {"first": "Sam", "last":'
        b' "Sample"}, "q4_email": "sam.sample@example.com", "q5_message": "A sample submission."}\r\n--sample--\r\n',
        content_type="multipart/form-data; boundary=sample",
        trust=0.5,
    ),
)
