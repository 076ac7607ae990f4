"""Unbounce: form-encoded, the answers as JSON in `data.json`, each value in a list of one. Nothing is signed, no delivery id."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.identity.words import word_set
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text
from services.intake.domain.bodies import Body
from services.intake.domain.deliveries import CHALLENGES, by_minute
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.verifiers import TOKEN

_OF_THE_PAGE = CHALLENGES | word_set(
    """ip_address page_uuid page_id page_name page_url variant date_submitted time_submitted"""
)


def map_unbounce(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per submission."""
    held = at(body.value, "data.json") or at(body.value, "data_json")
    answers = _parsed(held) if isinstance(held, str) else held
    if not isinstance(answers, dict):
        return (Unmapped("no readable data.json", ("data.json",)),)
    answers = {name: _alone(value) for name, value in answers.items()}
    said = {name: value for name, value in answers.items() if name not in _OF_THE_PAGE}
    draft = Draft(rules.own_addresses)
    draft.assign(as_answers(entries_of(said, "data.json")))
    draft.put("page", at(body.value, "page_url"), "page_url")
    forms = (form_text(at(body.value, "page_name")), form_text(at(body.value, "page_id")))
    return (finished(draft, answers, rules, forms=forms),)


def _alone(value: JsonValue) -> JsonValue:
    return value[0] if isinstance(value, list) and len(value) == 1 else value


def _parsed(text: str) -> JsonValue:
    try:
        return parse_strict(text.encode()).value
    except (StrictJsonError, RecursionError):
        return None


def _delivery_id(request: Request, value: JsonValue) -> str:
    """`data.xml` says the same as `data.json` once more."""
    return by_minute(request, value, {*CHALLENGES, "data.xml"})


ADAPTER = Adapter(
    "unbounce",
    map_unbounce,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "Unbounce",
        (
            "Open the page's overview in Unbounce, Integrations, Webhooks: POST to URL.",
            "Paste {url} and map every field of the form.",
        ),
        b"page_id=sample&page_name=Sample+page&variant=a&page_url=https%3A%2F%2Fwww.example.com%2Flp&data.json="
        b"%7B%22full_name%22%3A%5B%22Sam+Sample%22%5D%2C%22email%22%3A%5B%22sam.sample%40example.com%22%5D%2C"
        b"%22message%22%3A%5B%22A+sample+submission.%22%5D%7D",
        content_type="application/x-www-form-urlencoded",
        trust=0.5,
    ),
)
