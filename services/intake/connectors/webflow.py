"""Webflow: v2 posts {triggerType, payload{data}}, v1 posts {data}. Signed `timestamp:body`, the timestamp in milliseconds."""

from collections.abc import Sequence

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, as_answers, finished, form_text, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import Verifier


def map_webflow(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One lead per form submission; other triggers are no leads."""
    trigger = text_at(body.value, "triggerType")
    if trigger not in (None, "form_submission"):
        return (NotALead(Disposition.UPDATE, "not a form submission"),)
    payload = at(body.value, "payload")
    scope, where = (payload, "payload.data") if isinstance(payload, dict) else (body.value, "data")
    data = at(scope, "data")
    if not isinstance(data, dict):
        return (Unmapped("no data"),)
    draft = Draft(rules.own_addresses)
    draft.assign(as_answers(entries_of(data, where)))
    forms = (form_text(at(scope, "name")), form_text(at(scope, "formId")))
    submitted_at = time_of(at(scope, "submittedAt")) or time_of(at(scope, "d"))
    return (finished(draft, scope, rules, forms=forms, submitted_at=submitted_at),)


ADAPTER = Adapter(
    "webflow",
    map_webflow,
    (
        Verifier(
            "x-webflow-signature", signed=("timestamp", b":", "body"),
            timestamp="x-webflow-timestamp", timestamp_unit="ms",
        ),
    ),
    lambda _, value: text_at(value, "payload.id") or text_at(value, "_id"),
    preset=Preset(
        "Webflow",
        (
            "Create the webhook by Webflow's API, trigger form_submission, address {url}: only such webhooks are signed.",
            "Its answer holds a secret key (of an OAuth app, the client secret counts): give it here.",
            "A webhook made in Webflow's dashboard is unsigned and is refused here.",
        ),
        b'{"triggerType": "form_submission", "payload": {"name": "Sample", "siteId": "sample", "id": "sample", "formId":'
        b' "sample", "submittedAt": "2026-05-04T14:22:00.000Z", "data": {"Name": "Sam Sample", "Email":'
        b' "sam.sample@example.com", "Message": "A sample submission."}}}',
        trust=0.8,
        secret="theirs",
    ),
)  # fmt: skip
