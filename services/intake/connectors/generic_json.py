"""Any JSON, form, XML or text: Zapier, Make, n8n, own forms. Fields are found by their names, then by their looks.

A POST may hold one lead or a list of them. Delivery id: the header Idempotency-Key, X-Delivery-Id or Webhook-Id, or a
member such as submissionId; else the body's hash counts. How the fields are found stands in docs/intake.md.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, form_text, kind_of, names_in, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at, entries_of
from services.intake.domain.facts import Draft, Item, LeadFacts, NotALead, Unmapped
from services.intake.domain.happenings import no_lead, unsubscribes
from services.intake.domain.request import Request
from services.intake.domain.shapes import is_labelled_list, json_inside
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

_LISTS = (
    "leads", "contacts", "items", "records", "rows", "submissions", "entries", "results", "people", "persons", "data",
    "registrants", "attendees", "subscribers", "customers", "prospects", "responses", "events", "batch", "objects",
)  # fmt: skip
_AROUND = ("", "data", "payload", "body", "result", "event")
_TIMES = (
    "submittedAt", "submitted_at", "createdAt", "created_at", "date_created", "created_time", "timestamp", "date", "time",
    "data.submittedAt", "data.createdAt", "payload.submittedAt", "payload.created_at",
)  # fmt: skip
_FORMS = (
    "formName", "form_name", "formTitle", "form_title", "form", "form.name", "formId", "form_id", "form.id",
    "data.formName", "payload.formName",
)  # fmt: skip
_IDS = (
    "submissionId", "submission_id", "deliveryId", "delivery_id", "eventId", "event_id", "responseId", "response_id",
    "leadId", "lead_id", "entry_id", "entryId",
)  # fmt: skip
_HEADERS = ("idempotency-key", "x-delivery-id", "webhook-id")
_SHARED = (
    "company", "domain", "website", "campaign", "page", "referrer", "channel",
    "utm_source", "utm_medium", "utm_campaign", "utm_term", "utm_content",
)  # fmt: skip
"""What is said once, beside a list of people, holds for each of them."""
MAX_ITEMS = 500
_LOOKED_AT = 20
_OPENED_TIMES = 3


def map_generic(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """One item for an object, one each for a list of objects, whether bare or inside `leads`, `rows` and the like.

    Of more than 500 the rest is one unmapped item that says how many they are: nothing is dropped silently.
    """
    value = _opened(body.value)
    if isinstance(value, dict):
        whole = no_lead(value)
        if whole is not None:
            return (whole,)
        found = _people_in(value, rules)
        return (generic_item(value, rules),) if found is None else _each(found[0], found[1], rules)
    if isinstance(value, list) and not is_labelled_list(value):
        return _each(value, {}, rules)
    return (generic_item(value, rules),)


def generic_item(item: JsonValue, rules: IntakeSource) -> Item:
    """One lead from an object, or from free text that holds an address."""
    if item is None:
        return Unmapped("the item can't be read")
    if isinstance(item, str):
        item = {"text": item}
    if not isinstance(item, dict | list):
        return Unmapped("not an object")
    if (aside := no_lead(item)) is not None:
        return aside
    draft = _drafted(item, rules)
    if (said := unsubscribes(item)) is not None:
        email = draft.facts.get("email")
        return opted_out(email.quote if email else None, email.where if email else "", said)
    source = at(item, "source")
    if kind_of(source) is None:
        draft.put("channel", source, "source")
    kinds = (kind_of(source), kind_of(at(item, "kind")), kind_of(at(item, "type")))
    found = finished(
        draft, item, rules,
        kind=next(filter(None, kinds), None),
        forms=tuple(form_text(at(item, name)) for name in _FORMS),
        submitted_at=next(filter(None, (time_of(at(item, name)) for name in _TIMES)), None),
        region=rules.region,
    )  # fmt: skip
    if draft.unsure:
        return Unmapped(_UNSURE, tuple(dict.fromkeys((*draft.unsure, *names_in(item))))[:40])
    return found


_UNSURE = "several e-mail addresses, and nothing says which one is the lead's; `mapping` can name it"


def generic_delivery_id(request: Request, value: JsonValue) -> str | None:
    """The sender's id from a header, or from a member that can mean nothing else."""
    for name in _HEADERS:
        if held := request.header(name).decode("latin-1")[:200]:
            return held
    return next(filter(None, (text_at(value, name) for name in _IDS)), None)


def _drafted(item: JsonValue, rules: IntakeSource) -> Draft:
    draft = Draft(rules.own_addresses)
    draft.assign(entries_of(item))
    if rules.language is not None:
        draft.put("language", rules.language, "policy: sources.language")
    return draft


def _each(items: Sequence[JsonValue], around: JsonValue, rules: IntakeSource) -> Sequence[Item]:
    shared = _drafted(around, rules) if isinstance(around, dict) and around else Draft(rules.own_addresses)
    shared.settle(None)
    given = {name: shared.facts[name] for name in _SHARED if name in shared.facts}
    found: list[Item] = []
    for entry in items[:MAX_ITEMS]:
        item = generic_item(entry, rules)
        if isinstance(item, LeadFacts) and given:
            item = LeadFacts({**given, **item.fields}, item.kind, item.form, item.submitted_at)
        found.append(item)
    if len(items) > MAX_ITEMS:
        found.append(Unmapped(f"{len(items) - MAX_ITEMS} more items than the {MAX_ITEMS} that one POST may hold"))
    return found or (NotALead(Disposition.EMPTY, "the body holds no item"),)


def _people_in(value: dict[str, JsonValue], rules: IntakeSource) -> tuple[list[JsonValue], JsonValue] | None:
    """The list of people that a body holds and what stands around it; None when it is one person's."""
    for around in _AROUND:
        scope = at(value, around)
        for name in _LISTS if isinstance(scope, dict) else ():
            held = scope.get(name) if isinstance(scope, dict) else None
            if not isinstance(held, list) or not held or not all(isinstance(item, dict) for item in held):
                continue
            outside = {key: item for key, item in scope.items() if key != name} if isinstance(scope, dict) else {}
            if not is_labelled_list(held) and _are_people(held, outside, name, rules):
                return held, outside
    return None


def _are_people(held: list[JsonValue], outside: JsonValue, name: str, rules: IntakeSource) -> bool:
    """Whether a list's objects are a lead each: one of the first has an address or a number, and nothing outside has."""
    if name == "leads":
        return True
    drafts = (_drafted(item, rules) for item in held[:_LOOKED_AT])
    if not any("email" in draft.facts or draft.phone or draft.unsure for draft in drafts):
        return False
    alone = _drafted(outside, rules)
    return not ("email" in alone.facts or alone.unsure)


def _opened(value: JsonValue) -> JsonValue:
    """JSON that came as text, once or twice over."""
    for _ in range(_OPENED_TIMES):
        inner = json_inside(value, quoted=True) if isinstance(value, str) else None
        if inner is None:
            return value
        value = inner
    return value


ADAPTER = Adapter(
    "generic_json",
    map_generic,
    (TOKEN,),
    generic_delivery_id,
    preset=Preset(
        "Any JSON (Zapier, Make, n8n, own code)",
        (
            "Let the tool POST its fields as JSON to {url}",
            "Where it can set headers, send Idempotency-Key with an id of the submission: a retry then counts once.",
        ),
        b'{"name": "Sam Sample", "email": "sam.sample@example.com", "company": "Example", "message": "A sample submission."}',
        kind="lead",
        trust=0.5,
    ),
)
