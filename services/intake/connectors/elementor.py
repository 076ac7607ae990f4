"""Elementor Pro: form-encoded, simple (Label=value) or advanced (fields[ID][title], meta[page_url][value]). Nothing is signed.

Its one try carries no delivery id: what was said and the minute count, without `meta`, which is the browser's.
"""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import CHALLENGES, by_minute
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item
from services.intake.domain.request import Request
from services.intake.domain.verifiers import TOKEN

_NO_ANSWERS = {
    *CHALLENGES, "form.id", "form.name", "form_name", "form_id", "Date", "Time", "Page URL", "User Agent", "Remote IP",
    "Powered by", "Credit",
}  # fmt: skip
"""What Elementor adds to a simple post of labels and values."""
_BY_TYPE = {"email": "typed as email", "tel": "typed as phone"}
"""What a field's type calls it, after its title: of two addresses the title tells whose they are."""
_UNTITLED = "No Label "
"""What the simple form calls a field without a title, before the field's id."""


def map_elementor(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per submission."""
    fields = at(body.value, "fields")
    draft = Draft(rules.own_addresses)
    if isinstance(fields, dict):
        draft.assign(_advanced(fields))
        draft.put("page", at(body.value, "meta.page_url.value"), "meta.page_url.value")
    else:
        told = as_answers(entries_of(body.value), _NO_ANSWERS)
        draft.assign([replace(one, names=tuple(name.removeprefix(_UNTITLED) for name in one.names)) for one in told])
        draft.put("page", at(body.value, "Page URL"), "Page URL")
    forms = tuple(form_text(at(body.value, path)) for path in ("form.name", "form_name", "form.id", "form_id"))
    return (finished(draft, body.value, rules, forms=forms),)


def _advanced(fields: dict[str, JsonValue]) -> list[Entry]:
    entries = []
    for key, field in fields.items():
        names = text_at(field, "title"), _BY_TYPE.get(text_at(field, "type") or ""), key
        entries.append(Entry(tuple(filter(None, names)), at(field, "value"), f"fields.{key}.value", is_answer=True))
    return entries


def _delivery_id(request: Request, value: JsonValue) -> str:
    return by_minute(request, value, {*CHALLENGES, "meta"})


ADAPTER = Adapter(
    "elementor",
    map_elementor,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "Elementor Pro forms",
        (
            "Edit the form widget: Actions After Submit, add Webhook.",
            "Paste {url} as the webhook URL and switch Advanced Data on.",
        ),
        b"form%5Bid%5D=sample&form%5Bname%5D=Sample&fields%5Bname%5D%5Bid%5D=name&fields%5Bname%5D%5Btype%5D=text"
        b"&fields%5Bname%5D%5Btitle%5D=Name&fields%5Bname%5D%5Bvalue%5D=Sam+Sample&fields%5Bemail%5D%5Btype%5D=email"
        b"&fields%5Bemail%5D%5Btitle%5D=Email&fields%5Bemail%5D%5Bvalue%5D=sam.sample%40example.com"
        b"&meta%5Bpage_url%5D%5Bvalue%5D=https%3A%2F%2Fwww.example.com%2Fcontact",
        content_type="application/x-www-form-urlencoded",
        trust=0.5,
    ),
)
