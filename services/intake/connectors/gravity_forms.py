"""Gravity Forms: "all fields" posts the entry with answers under numeric keys (1.3 is a first name), "select fields" own names.

A number says nothing by itself: the policy's `mapping` names it ("email: '2'"); names by input (.3, .6) and looks help.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.identity.words import word_set
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
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
    draft = Draft()
    named: list[Entry] = []
    numbered: list[Entry] = []
    for key, value in entry.items():
        if key not in _META:
            (numbered if key.replace(".", "").isdigit() else named).append(Entry((key,), value, key))
    _put_names(draft, entry)
    draft.assign(named + numbered)
    draft.put("page", entry.get("source_url"), "source_url")
    forms = (form_text(entry.get("form_title")), form_text(entry.get("form_id")))
    return (finished(draft, entry, rules, forms=forms, submitted_at=time_of(entry.get("date_created"))),)


def _put_names(draft: Draft, entry: dict[str, JsonValue]) -> None:
    """A field with inputs .3 and .6 is a name, unless it also has .1 (a street), which makes it an address."""
    for key, value in entry.items():
        field, _, part = key.partition(".")
        if field.isdigit() and part in _NAME_INPUTS:
            inputs = _ADDRESS_INPUTS if entry.get(f"{field}.1") or entry.get(f"{field}.5") else _NAME_INPUTS
            draft.put(inputs[part], value, key)


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    form, entry = text_at(value, "form_id"), text_at(value, "id")
    return f"{form} {entry}" if form and entry else None


ADAPTER = Adapter("gravity_forms", map_gravity, (TOKEN,), _delivery_id)
