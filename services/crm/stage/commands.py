"""Commands: people's edits, new and imported records, deletions; record.changed.v1 out, everything audited."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from libs.contracts.change import FieldChange, RecordRef, Status
from libs.contracts.events import Command, RecordChanged
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, RECORD_CHANGED
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.crm.domain.commands import (
    ARGUMENTS,
    Arguments,
    CreateArguments,
    DeleteArguments,
    EditArguments,
    ImportArguments,
    changed_since,
    named_by,
    problems_of,
    proposed,
    refs_of_create,
    shape_problems,
)
from services.crm.domain.links import missing_links
from services.crm.domain.record import DELETED, Delta, Lock, RecordState
from services.crm.domain.settle import Cause, Settled, settle
from services.crm.stage.held import CrmFacts, RecordStore, advanced, announcing, gathered, saved
from services.crm.stage.imports import imported
from services.crm.stage.webhooks import WEBHOOK, set_up

NAME = "crm.commands"
VERSION = "1"
BATCH_MAX = 16
"""A command may hold 500 records, and all that a batch leads to is one transaction of some seconds at most."""


def decide(event: Command, facts: CrmFacts, now: datetime) -> Outcome[RecordChanged]:
    """What the command leads to; a refused one says why in its answer. Raises Rejected for a name nobody handles."""
    if event.name == WEBHOOK:
        return set_up(event, now, facts.newest.hash)
    if event.name not in ARGUMENTS:
        raise Rejected(RejectionReason.INVALID, f"crm has no command '{event.name[:40]}'")
    try:
        arguments = _parsed(event)
    except ValidationError as error:
        return _refused("invalid", "the arguments could not be read", problems=list(shape_problems(error)))
    if problems := problems_of(arguments):
        return _refused("invalid", "the arguments do not fit", problems=list(problems))
    cause = Cause(event.event_id, NAME, VERSION, now, facts.newest.hash)
    match arguments:
        case CreateArguments():
            outcome = _created(event, arguments, facts, cause)
        case ImportArguments():
            outcome = imported(event, arguments, facts, cause)
        case EditArguments() | DeleteArguments():
            record = facts.held.record(RecordRef(type=arguments.type, id=event.key))
            refusal = _refusal(record, arguments.if_version) or _unlinked(arguments, facts)
            outcome = refusal or _changed(event, arguments, record, facts, cause)
    return announcing(outcome, facts, now)


def _parsed(event: Command) -> Arguments:
    return ARGUMENTS[event.name].model_validate(event.arguments)


def _unlinked(arguments: EditArguments | DeleteArguments, facts: CrmFacts) -> Outcome[RecordChanged] | None:
    """The refusal of an edit that names a record that is not there."""
    fields = arguments.fields if isinstance(arguments, EditArguments) else {}
    lacking = missing_links(arguments.type, fields, "fields", facts.exists)
    return _refused("invalid", "a link points to nothing", problems=[*lacking]) if lacking else None


def _refusal(record: RecordState, if_version: int | None) -> Outcome[RecordChanged] | None:
    if not record.exists:
        gone = "was deleted" if record.deleted else "does not exist"
        return _refused("not_found", f"the {record.ref.type} {gone}")
    if if_version is not None and if_version != record.version:
        return _refused(
            "changed",
            "the record changed since it was read: read it again and edit that",
            version=record.version,
            changed=list(changed_since(record, if_version)),
        )
    return None


def _changed(
    event: Command, arguments: EditArguments | DeleteArguments, record: RecordState, facts: CrmFacts, cause: Cause
) -> Outcome[RecordChanged]:
    fields: dict[str, JsonValue] = {DELETED: True} if isinstance(arguments, DeleteArguments) else dict(arguments.fields)
    changes = proposed(record.ref, fields, record, event.actor, arguments.reason)
    settled = settle(record, changes, facts.gates(facts.newest, cause.now), cause, event.actor)
    delta = settled.delta
    if isinstance(arguments, EditArguments):
        locks = tuple(Lock(record.ref, name, event.actor.id, cause.now) for name in arguments.lock)
        unlocks = tuple((record.ref, name) for name in arguments.unlock)
        delta = Delta(delta.records, delta.remembered, delta.forgotten, locks, unlocks)
    answer: JsonValue = {
        "status": "done",
        "version": settled.record.version,
        "fields": {change.field: _verdict(change) for change in settled.changes},
    }
    return Outcome(next=settled.event, settled=settled.changes, state=delta, answer=answer)


def _created(event: Command, arguments: CreateArguments, facts: CrmFacts, cause: Cause) -> Outcome[RecordChanged]:
    made: list[Settled] = []
    told: list[JsonValue] = []
    ordinal = 0
    refs = refs_of_create(arguments, event.command_id)
    lacking = [
        problem
        for place, new in enumerate(arguments.records)
        for problem in missing_links(
            arguments.type, new.fields, f"records.{place}.fields", lambda ref: ref in refs or facts.exists(ref)
        )
    ]
    if lacking:
        return _refused("invalid", "a link points to nothing", problems=[*lacking])
    for ref, new in zip(refs, arguments.records, strict=True):
        record = facts.held.record(ref)
        if record.version > 0:
            told.append({"id": ref.id, "status": "deleted" if record.deleted else "exists", "version": record.version})
            continue
        changes = proposed(ref, new.fields, record, event.actor, arguments.reason, arguments.source)
        settled = settle(record, changes, facts.gates(facts.newest, cause.now), cause, event.actor, ordinal)
        ordinal += len(changes)
        made.append(settled)
        told.append({"id": ref.id, "status": "created", "version": settled.record.version})
    return Outcome(
        emits=tuple(settled.event for settled in made if settled.event is not None),
        settled=tuple(change for settled in made for change in settled.changes),
        state=Delta(records=tuple(settled.record for settled in made)),
        answer={"status": "done", "records": told},
    )


def _verdict(change: FieldChange) -> JsonValue:
    told: dict[str, JsonValue] = {"status": change.status.value, "rule": change.rule, "change_id": change.change_id}
    return told if change.status is Status.APPLIED else {**told, "reason": change.reason}


def _refused(code: str, message: str, **more: JsonValue) -> Outcome[RecordChanged]:
    return Outcome(answer={"status": "refused", "code": code, "message": message, **more})


def _refs(event: Command) -> tuple[list[RecordRef], set[RecordRef]]:
    """The records that a command is about, and those that its values name; none when it can't be read, as `decide` says."""
    if event.name not in ARGUMENTS:
        return [], set()
    try:
        arguments = _parsed(event)
    except ValidationError:
        return [], set()
    if isinstance(arguments, CreateArguments | ImportArguments):
        if problems_of(arguments):
            return [], set()
        return refs_of_create(arguments, event.command_id), named_by(arguments)
    return [RecordRef(type=arguments.type, id=event.key)], named_by(arguments)


def commands_stage(store: RecordStore, policies: PolicyVersions) -> Stage[Command, CrmFacts]:
    """The stage, on a store."""

    async def gather(events: Sequence[Command]) -> CrmFacts:
        found = [_refs(event) for event in events]
        own = (ref for refs, _ in found for ref in refs)
        return await gathered(store, policies, own, named=(ref for _, named in found for ref in named))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    return Stage(
        NAME, "crm", VERSION, COMMANDS["crm"], (RECORD_CHANGED,), gather, decide, advanced, save, batch_max=BATCH_MAX
    )
