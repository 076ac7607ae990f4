"""Gravity Forms: "all fields" posts the entry with answers under numeric keys (1.3 is a first name), "select fields" own names.

A number says nothing by itself: the policy's `mapping` names it ("email: '2'"); names by input (.3, .6) and looks help.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from pydantic import JsonValue

from libs.identity.words import word_set
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import body_value
from services.intake.domain.entries import Entry, at
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import text_of, time_of
from services.intake.domain.verifiers import TOKEN

_META = word_set(
    """id form_id post_id date_created date_updated is_starred is_read ip source_url user_agent currency payment_status
    payment_date payment_amount payment_method transaction_id is_fulfilled created_by transaction_type status
    source_id"""
)
_NAME_INPUTS = {"3": "first_name", "6": "last_name"}
_ADDRESS_INPUTS = {"3": "city", "6": "country"}


def map_gravity(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per entry."""
    entry = body.value
    if not isinstance(entry, dict):
        return (Unmapped("not an entry"),)
    draft = Draft(rules.own_addresses)
    named: list[Entry] = []
    numbered: list[Entry] = []
    for key, value in entry.items():
        if key not in _META:
            is_number = key.replace(".", "").isdigit()
            answer = Entry((key,), value, key, is_answer=not is_number or _is_said(key, value))
            (numbered if is_number else named).append(answer)
    _put_names(draft, entry)
    draft.assign(named + numbered)
    draft.put("page", entry.get("source_url"), "source_url")
    forms = (form_text(entry.get("form_title")), form_text(entry.get("form_id")))
    return (finished(draft, entry, rules, forms=forms, submitted_at=time_of(entry.get("date_created"))),)


def _is_said(key: str, value: JsonValue) -> bool:
    """Whether a numbered value is worth keeping in the message: words, and neither an address nor part of a field."""
    text = text_of(value) or ""
    return "." not in key and "@" not in text and any(character.isalpha() for character in text)


def _put_names(draft: Draft, entry: dict[str, JsonValue]) -> None:
    """A field with inputs .3 and .6 is a name, unless it also has .1 (a street), which makes it an address."""
    for key, value in entry.items():
        field, _, part = key.partition(".")
        if field.isdigit() and part in _NAME_INPUTS:
            inputs = _ADDRESS_INPUTS if entry.get(f"{field}.1") or entry.get(f"{field}.5") else _NAME_INPUTS
            draft.put(inputs[part], value, key)


def _delivery_id(request: Request, value: JsonValue) -> str | None:
    """Entries are counted per site: two sites that post to one address may both have a form 1 with an entry 7."""
    entry = body_value(request, value)
    form, number = text_at(entry, "form_id"), text_at(entry, "id")
    return " ".join(filter(None, (_site(at(entry, "source_url")), form, number))) if form and number else None


def _site(page: JsonValue) -> str | None:
    try:
        return urlsplit(page).hostname if isinstance(page, str) else None
    except ValueError:
        return None


ADAPTER = Adapter(
    "gravity_forms",
    map_gravity,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "Gravity Forms",
        (
            "Install the Webhooks Add-On; open the form's Settings, Webhooks, Add New.",
            "Paste {url}, method POST, format JSON; under Request Body select fields and name them email, name, company,"
            " message; add form_id and id (entry).",
        ),
        b'{"id": "1", "form_id": "1", "date_created": "2026-05-04 14:22:00", "source_url": "https://www.example.com/contact",'
        b' "email": "sam.sample@example.com", "name": "Sam Sample", "message": "A sample submission."}',
        trust=0.5,
    ),
)
