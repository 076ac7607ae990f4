"""Any JSON or text: Zapier, Make, n8n, own forms. Fields are found by their names, then by their looks.

A POST may hold one lead or a list of them. Delivery id: the header Idempotency-Key, X-Delivery-Id or Webhook-Id, or a
member such as submissionId; else the body's hash counts.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, finished, form_text, is_test, kind_of, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import Entry, at, entries_of
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

_LISTS = ("leads", "contacts", "items", "records", "rows", "submissions", "entries", "results")
_TIMES = ("submittedAt", "submitted_at", "createdAt", "created_at", "date_created", "timestamp", "date", "time")
_FORMS = ("formName", "form_name", "formTitle", "form_title", "form", "formId", "form_id")
_IDS = (
    "submissionId", "submission_id", "deliveryId", "delivery_id", "eventId", "event_id", "responseId", "response_id",
    "leadId", "lead_id", "entry_id", "entryId",
)  # fmt: skip
_HEADERS = ("idempotency-key", "x-delivery-id", "webhook-id")
MAX_ITEMS = 1_000


def map_generic(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item for an object, one each for a list of objects, whether bare or inside `leads`, `rows` and the like."""
    value = body.value
    if isinstance(value, dict):
        listed = next((value[name] for name in _LISTS if _is_list_of_objects(value.get(name))), None)
        value = listed if isinstance(listed, list) else [value]
    if isinstance(value, list):
        return tuple(generic_item(item, rules) for item in value[:MAX_ITEMS])
    return (generic_item(value, rules),)


def generic_item(item: JsonValue, rules: IntakeSource) -> Item:
    """One lead from an object, or from free text that holds an address."""
    if not isinstance(item, dict):
        entries = [Entry(("text",), word, "text") for word in item.split()] if isinstance(item, str) else []
        return finished(_drafted(entries), {}, rules) if entries else Unmapped("not an object")
    if is_test(item, "is_test", "isTest", "test", "testMode"):
        return NotALead(Disposition.TEST, "the sender calls it a test")
    draft = _drafted(entries_of(item))
    source = at(item, "source")
    if kind_of(source) is None:
        draft.put("channel", source, "source")
    return finished(
        draft,
        item,
        rules,
        kind=kind_of(source) or kind_of(at(item, "kind")) or kind_of(at(item, "type")),
        forms=tuple(form_text(at(item, name)) for name in _FORMS),
        submitted_at=next(filter(None, (time_of(at(item, name)) for name in _TIMES)), None),
    )


def generic_delivery_id(request: Request, value: JsonValue) -> str | None:
    """The sender's id from a header, or from a member that can mean nothing else."""
    for name in _HEADERS:
        if held := request.header(name).decode("latin-1")[:200]:
            return held
    return next(filter(None, (text_at(value, name) for name in _IDS)), None)


def _drafted(entries: Sequence[Entry]) -> Draft:
    draft = Draft()
    draft.assign(entries)
    return draft


def _is_list_of_objects(value: JsonValue) -> bool:
    return isinstance(value, list) and bool(value) and all(isinstance(item, dict) for item in value)


ADAPTER = Adapter("generic_json", map_generic, (TOKEN,), generic_delivery_id)
