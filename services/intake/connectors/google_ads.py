"""Google Ads lead forms: answers by column id, and a shared key in the body. Success is 200 {}; a 4xx stops the sender."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, is_test, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Answer, Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier

_COLUMNS = {
    "WORK_EMAIL": "email", "EMAIL": "email", "USER_EMAIL": "email", "WORK_PHONE": "phone", "PHONE_NUMBER": "phone",
    "USER_PHONE": "phone", "FULL_NAME": "name", "FIRST_NAME": "first_name", "LAST_NAME": "last_name",
    "COMPANY_NAME": "company", "JOB_TITLE": "title", "CITY": "city", "COUNTRY": "country",
}  # fmt: skip
"""Column ids of the form's own fields; work addresses first."""


def map_google_ads(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per POST; test data is kept and is no lead."""
    if _is_test(body.value):
        return (NotALead(Disposition.TEST, "Google calls it a test"),)
    columns = at(body.value, "user_column_data")
    if not isinstance(columns, list):
        return (Unmapped("no user_column_data"),)
    draft = Draft(rules.own_addresses)
    others = []
    held = {text_at(column, "column_id") or "": index for index, column in reversed(list(enumerate(columns)))}
    for column_id in sorted(held, key=_rank):
        index = held[column_id]
        value, where = at(columns[index], "string_value"), f"user_column_data[{index}].string_value"
        if column_id in _COLUMNS:
            draft.put(_COLUMNS[column_id], value, where)
        elif column_id:
            names = filter(None, (text_at(columns[index], "column_name"), column_id))
            others.append(Entry(tuple(names), value, where, is_answer=True))
    draft.assign(others)
    draft.put("campaign", at(body.value, "campaign_id"), "campaign_id")
    draft.put("channel", at(body.value, "lead_source"), "lead_source")
    submitted_at = time_of(at(body.value, "lead_submit_time"))
    return (
        finished(draft, body.value, rules, forms=(form_text(at(body.value, "form_id")),), submitted_at=submitted_at),
    )


def _is_test(value: JsonValue) -> bool:
    """Google's "send test data" says so, and its leads are called TeSter-123-…"""
    return is_test(value, "is_test") or (text_at(value, "lead_id") or "").startswith("TeSter-123")


def _rank(column_id: str) -> int:
    """The form's own columns in the table's order, then the questions as they came."""
    return list(_COLUMNS).index(column_id) if column_id in _COLUMNS else len(_COLUMNS)


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    """All test leads share one id, so they have none."""
    return None if _is_test(value) else text_at(value, "lead_id")


ADAPTER = Adapter(
    "google_ads",
    map_google_ads,
    (Verifier("google_key", algorithm="equal", place="json"),),
    _delivery_id,
    answer=Answer(200, b"{}"),
    preset=Preset(
        "Google Ads lead forms",
        (
            "Open the lead form asset, Export leads, Webhook integration.",
            "Paste {url} as the webhook URL and {secret} as the key, then send test data.",
        ),
        b'{"lead_id": "sample", "api_version": "1.0", "form_id": 1, "campaign_id": 1, "google_key": "", "is_test": false,'
        b' "user_column_data": [{"column_id": "FULL_NAME", "string_value": "Sam Sample"}, {"column_id": "WORK_EMAIL",'
        b' "string_value": "sam.sample@example.com"}, {"column_id": "COMPANY_NAME", "string_value": "Example"}]}',
        secret="ours",
        defaults={"channel": "paid_search"},
    ),
)
