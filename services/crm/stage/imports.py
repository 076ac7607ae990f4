"""The `import` command: many records of one type at once, each made whole or told why not."""

from collections.abc import Sequence

from pydantic import JsonValue

from libs.contracts.change import WHOLE, ProposedChange, RecordRef, Source
from libs.contracts.events import Command, RecordChanged
from libs.contracts.outcome import Outcome
from services.crm.domain.commands import ImportArguments, NewRecord, proposed, record_problems, refs_of_create
from services.crm.domain.links import missing_links
from services.crm.domain.record import Delta
from services.crm.domain.settle import Cause, Settled, settle
from services.crm.domain.whole import Asked, made_whole
from services.crm.stage.held import CrmFacts


def imported(event: Command, arguments: ImportArguments, facts: CrmFacts, cause: Cause) -> Outcome[RecordChanged]:
    """The records that could be made, one change in the log each. The answer tells, in the order of the request, what
    became of each: created, exists, deleted, blocked, or invalid with the problems. A record that exists stays as it is."""
    made: list[Settled] = []
    told: list[JsonValue] = []
    refs = refs_of_create(arguments, event.command_id)
    mine, asked = set(refs), Asked()
    for ref, new in zip(refs, arguments.records, strict=True):
        problems = [*record_problems(arguments.type, new, "")] or missing_links(
            arguments.type, new.fields, "", lambda named: named in mine or facts.exists(named)
        )
        held = facts.held.record(ref)
        if problems:
            told.append({"id": ref.id, "status": "invalid", "problems": [one.lstrip(".") for one in problems]})
        elif held.version > 0:
            told.append({"id": ref.id, "status": "deleted" if held.deleted else "exists", "version": held.version})
        else:
            settled = _made(ref, new, event, arguments, facts, cause, asked)
            made.append(settled)
            status = "created" if settled.record.version else "blocked"
            told.append({"id": ref.id, "status": status, "version": settled.record.version})
    return _outcome(made, told)


def _made(
    ref: RecordRef,
    new: NewRecord,
    event: Command,
    arguments: ImportArguments,
    facts: CrmFacts,
    cause: Cause,
    asked: Asked,
) -> Settled:
    record = facts.held.record(ref)
    told = ProposedChange(
        record=ref, field=WHOLE, new=None, source=Source(kind="crm", name=arguments.source), actor=event.actor,
        reason=arguments.reason or "imported",
    )  # fmt: skip
    whole = made_whole(record, new.fields, told, facts.gates(facts.newest, cause.now)(record), cause, 0, asked)
    if whole is not None:
        return whole
    changes = proposed(ref, new.fields, record, event.actor, arguments.reason, arguments.source)
    return settle(record, changes, facts.gates(facts.newest, cause.now), cause, event.actor)


def _outcome(made: Sequence[Settled], told: list[JsonValue]) -> Outcome[RecordChanged]:
    return Outcome(
        emits=tuple(one.event for one in made if one.event is not None),
        settled=tuple(change for one in made for change in one.changes),
        state=Delta(records=tuple(one.record for one in made)),
        answer={"status": "done", "records": told},
    )
