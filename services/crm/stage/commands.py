"""Commands: people's edits, new and imported records, deletions; record.changed.v1 out, everything audited."""

from collections.abc import Iterator, Sequence
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
    CreateArguments,
    DeleteArguments,
    EditArguments,
    changed_since,
    problems_of,
    proposed,
    refs_of_create,
    shape_problems,
)
from services.crm.domain.record import DELETED, Delta, Lock, RecordState
from services.crm.domain.settle import Cause, Settled, settle
from services.crm.stage.held import CrmFacts, RecordStore, advanced, gathered, saved

NAME = "crm.commands"
VERSION = "1"
Parsed = EditArguments | CreateArguments | DeleteArguments


def decide(event: Command, facts: CrmFacts, now: datetime) -> Outcome[RecordChanged]:
    """What the command leads to; a refused one says why in its answer. Raises Rejected for a name nobody handles."""
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
            return _created(event, arguments, facts, cause)
        case EditArguments() | DeleteArguments():
            record = facts.held.record(RecordRef(type=arguments.type, id=event.key))
            refusal = _refusal(record, arguments.if_version)
            return refusal or _changed(event, arguments, record, facts, cause)


def _parsed(event: Command) -> Parsed:
    return ARGUMENTS[event.name].model_validate(event.arguments)


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
    settled = settle(record, changes, facts.gates(facts.newest), cause, event.actor)
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
    for ref, new in zip(refs_of_create(arguments, event.command_id), arguments.records, strict=True):
        record = facts.held.record(ref)
        if record.version > 0:
            told.append({"id": ref.id, "status": "deleted" if record.deleted else "exists", "version": record.version})
            continue
        changes = proposed(ref, new.fields, record, event.actor, arguments.reason, arguments.source)
        settled = settle(record, changes, facts.gates(facts.newest), cause, event.actor, ordinal)
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


def _refs(event: Command) -> Iterator[RecordRef]:
    """The records that a command is about; none when it can't be read, which `decide` says."""
    if event.name not in ARGUMENTS:
        return
    try:
        arguments = _parsed(event)
    except ValidationError:
        return
    if isinstance(arguments, CreateArguments):
        yield from refs_of_create(arguments, event.command_id)
    else:
        yield RecordRef(type=arguments.type, id=event.key)


def commands_stage(store: RecordStore, policies: PolicyVersions) -> Stage[Command, CrmFacts]:
    """The stage, on a store."""

    async def gather(events: Sequence[Command]) -> CrmFacts:
        return await gathered(store, policies, (ref for event in events for ref in _refs(event)))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    return Stage(NAME, "crm", VERSION, COMMANDS["crm"], (RECORD_CHANGED,), gather, decide, advanced, save)
