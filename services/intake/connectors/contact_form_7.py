"""Contact Form 7 with a webhook plugin: the form's tags by name, and WordPress's own mail tags such as `_url`. Nothing is signed.

The plugin's template decides the body: JSON, a form, or JSON that says it is text. One try, no delivery id.
"""

from collections.abc import Sequence
from dataclasses import replace

from pydantic import JsonValue

from libs.identity.words import word_set
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import CHALLENGES, by_minute
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

_FORMS = ("form_title", "contact_form_title", "_title", "form_id", "contact_form_id", "_wpcf7", "_post_title")
_TYPES = ("text", "email", "tel", "url", "textarea", "select", "menu", "radio", "checkbox", "number")
_TIMES = ("_submitted_at", "submitted_at", "timestamp")
_NO_ANSWERS = CHALLENGES | word_set(
    """form_title contact_form_title form_id contact_form_id submitted_at timestamp user_agent remote_ip ip"""
)


def map_contact_form_7(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per submission; tags that are no known field join the message, `_` tags are WordPress's."""
    if not isinstance(body.value, dict):
        return (Unmapped("not a map of the form's tags"),)
    said = {name: value for name, value in body.value.items() if name[:1] != "_" and name not in _NO_ANSWERS}
    draft = Draft(rules.own_addresses)
    draft.assign(
        [replace(entry, names=(*entry.names, *_plain(entry.names[0]))) for entry in as_answers(entries_of(said))]
    )
    draft.put("page", body.value.get("_url"), "_url")
    forms = tuple(form_text(at(body.value, name)) for name in _FORMS)
    submitted_at = next(filter(None, (time_of(at(body.value, name)) for name in _TIMES)), None)
    return (finished(draft, body.value, rules, forms=forms, submitted_at=submitted_at),)


def _plain(tag: str) -> tuple[str, ...]:
    """A tag without the type that its author put before it: `text-company` says company; none for `text-540`."""
    kind, _, rest = tag.partition("-")
    return (rest,) if kind in _TYPES and rest and not rest.isdigit() else ()


def _delivery_id(request: Request, value: JsonValue) -> str:
    return by_minute(request, value)


ADAPTER = Adapter(
    "contact_form_7",
    map_contact_form_7,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "Contact Form 7",
        (
            "Install a webhook plugin for Contact Form 7, such as CF7 to Webhook.",
            "Open the form, tab Webhook, and send to {url}",
            'Leave the body as it is, or add "_url": "[_url]" and "form_title": "[_title]" to it.',
        ),
        b'{"your-name": "Sam Sample", "your-email": "sam.sample@example.com", "your-subject": "Sample",'
        b' "your-message": "A sample submission.", "_url": "https://www.example.com/contact"}',
        trust=0.5,
    ),
)
