"""Elementor Pro: form-encoded, simple (Label=value) or advanced (fields[ID][title], meta[page_url][value]). Nothing is signed.

Its one try carries no delivery id, so the body's hash counts.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item
from services.intake.domain.verifiers import TOKEN

_HINTS = {"email": "email", "tel": "phone"}


def map_elementor(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per submission."""
    fields = at(body.value, "fields")
    draft = Draft()
    if isinstance(fields, dict):
        draft.assign(_advanced(fields, draft))
        draft.put("page", at(body.value, "meta.page_url.value"), "meta.page_url.value")
    else:
        draft.assign(entries_of(body.value))
    forms = ("form.name", "form_name", "form.id", "form_id")
    return (finished(draft, body.value, rules, forms=tuple(form_text(at(body.value, path)) for path in forms)),)


def _advanced(fields: dict[str, JsonValue], draft: Draft) -> list[Entry]:
    entries = []
    for key, field in fields.items():
        value, where = at(field, "value"), f"fields.{key}.value"
        hint = _HINTS.get(text_at(field, "type") or "")
        if not (hint and draft.put(hint, value, where)):
            names = tuple(filter(None, (text_at(field, "title"), key)))
            entries.append(Entry(names, value, where, is_answer=True))
    return entries


ADAPTER = Adapter("elementor", map_elementor, (TOKEN,))
