"""Webflow: v2 posts {triggerType, payload{data}}, v1 posts {data}. Signed `timestamp:body`, the timestamp in milliseconds."""

from collections.abc import Sequence

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, finished, form_text, text_at
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
    draft = Draft()
    draft.assign(entries_of(data, where))
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
)  # fmt: skip
