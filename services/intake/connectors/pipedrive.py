"""Pipedrive webhooks, v2 (`meta.action: create`) and v1 (`meta.action: added`): changes of its records. HTTP Basic at most.

What we write to Pipedrive comes back as an event: `change_source: api` under a user of the policy's `own_ids`.
"""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.reasons import Disposition
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter, Preset, finished, opted_out, text_at
from services.intake.domain.bodies import Body
from services.intake.domain.entries import at
from services.intake.domain.facts import Draft, Item, NotALead, Unmapped
from services.intake.domain.request import Request
from services.intake.domain.values import time_of
from services.intake.domain.verifiers import TOKEN

_NEW = ("create", "added")
_GONE = ("delete", "deleted", "merged")
_FIELDS = {
    "first_name": "first_name", "last_name": "last_name", "name": "name", "job_title": "title", "org_name": "company",
    "org_id.name": "company", "notes": "message",
}  # fmt: skip


def map_pipedrive(body: Body, rules: IntakeSource) -> Sequence[Item]:
    """A new person is a lead, one who unsubscribes an opt-out; changes and deletions are told apart from both."""
    meta = at(body.value, "meta")
    action, entity = text_at(meta, "action"), text_at(meta, "entity") or text_at(meta, "object")
    if action is None or entity is None:
        return (Unmapped("no meta.action and meta.entity: not an event of Pipedrive"),)
    if _is_own(meta, rules):
        return (NotALead(Disposition.OWN_MESSAGE, "our own write came back"),)
    where = "current" if at(body.value, "data") is None else "data"
    if entity == "person" and _unsubscribes(body.value, where):
        email, place = _first(at(body.value, where), where, "email")
        changed_at = time_of(at(body.value, f"{where}.update_time"))
        return (opted_out(email, place, "marketing_status: unsubscribed", changed_at),)
    if action in _GONE:
        return (NotALead(Disposition.CANCELLATION, f"{entity[:60]} is gone"),)
    if action not in _NEW or entity not in ("person", "lead"):
        return (NotALead(Disposition.UPDATE, f"{entity[:60]}: {action[:60]}"),)
    if entity == "lead":
        names = ("data.person_id", "data.title")
        return (Unmapped("Pipedrive sends only the ids of a lead's person; its fields have to be fetched", names),)
    return (_person(at(body.value, where), where, rules),)


def _person(person: JsonValue, where: str, rules: IntakeSource) -> Item:
    draft = Draft(rules.own_addresses)
    for field in ("email", "phone"):
        draft.put(field, *_first(person, where, field))
    for path, field in _FIELDS.items():
        draft.put(field, at(person, path), f"{where}.{path}")
    return finished(draft, person, rules, submitted_at=time_of(at(person, "add_time")))


def _first(person: JsonValue, where: str, field: str) -> tuple[JsonValue, str]:
    """The primary one of a person's addresses or numbers, else the first; v2 says `emails`, v1 `email`."""
    name = next((name for name in (f"{field}s", field) if at(person, name)), field)
    held = at(person, name)
    if not isinstance(held, list):
        return held, f"{where}.{name}"
    order = sorted(range(len(held)), key=lambda index: at(held[index], "primary") is not True)
    index = next((index for index in order if text_at(held[index], "value")), 0)
    value = at(held[index], "value") if held else None
    return value, f"{where}.{name}[{index}].value"


def _unsubscribes(value: JsonValue, where: str) -> bool:
    """Whether this event is the one that says so: an unsubscribed person's later changes say nothing new."""
    status = at(value, f"{where}.marketing_status")
    before = at(value, "previous")
    known = isinstance(before, dict) and "marketing_status" not in before
    return status == "unsubscribed" and not known and at(before, "marketing_status") != status


def _is_own(meta: JsonValue, rules: IntakeSource) -> bool:
    return text_at(meta, "change_source") == "api" and text_at(meta, "user_id") in rules.own_ids


def _delivery_id(request: Request, value: JsonValue) -> str | None:  # noqa: ARG001
    """v2 names each event, the same over its attempts. v1's `meta.id` is the record's, so the change's time joins it."""
    if text_at(value, "meta.entity"):
        return text_at(value, "meta.id")
    event, record = text_at(value, "event"), text_at(value, "meta.id")
    moment = text_at(value, "meta.timestamp_micro") or text_at(value, "meta.timestamp")
    return f"{event} {record} {moment}" if event and record and moment else None


ADAPTER = Adapter(
    "pipedrive",
    map_pipedrive,
    (TOKEN,),
    _delivery_id,
    preset=Preset(
        "Pipedrive",
        (
            "Open Tools and apps, Webhooks, and create one for person, any action, version 2.",
            "Paste {url} as the endpoint; it holds the secret, so leave HTTP user and password empty.",
            "If Signalbox also writes to this Pipedrive, name its user in policy/sources.yaml (own_ids).",
        ),
        b'{"meta": {"version": "2.0", "action": "create", "entity": "person", "entity_id": "1", "id": "sample-1",'
        b' "change_source": "app", "user_id": "1", "attempt": 1}, "data": {"id": 1, "name": "Sam Sample", "emails":'
        b' [{"value": "sam.sample@example.com", "primary": true, "label": "work"}]}, "previous": null}',
        kind="lead",
    ),
)
