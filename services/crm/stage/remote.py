"""Remote CRMs beside the stages: applied changes become effects that mirror them, and what people change there comes in."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue, ValidationError

from libs.contracts.change import WHOLE, FieldChange, RecordRef, Status
from libs.contracts.events import Command, CrmWrite, Event, RecordChanged
from libs.contracts.outcome import Effect, Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS
from libs.runtime.errors import Rejected
from libs.runtime.stage import Stage
from services.crm.domain.remote import Link
from services.crm.domain.remote_commands import (
    REMOTE_CHANGED,
    FoundArguments,
    MirrorArguments,
    MirroredField,
    MirrorOf,
    effect_of,
)
from services.crm.domain.remote_found import STAGE, VERSION, KnownMove, RemoteDelta, found, router_command
from services.crm.domain.settle import Cause
from services.crm.stage.held import CrmFacts, announcing

Mirrors = Callable[[], Sequence[MirrorOf]]
"""The remotes that are connected now."""
BY_PERSON = ("human", "human_approved_ai")


class LinkStore(Protocol):
    """Where links to remote records are kept; used inside the batch's database transaction."""

    async def held(self, names: Sequence[str], refs: Sequence[RecordRef]) -> Mapping[tuple[str, RecordRef], Link]:
        """The links of records by remote and record."""
        ...

    async def save(self, links: Sequence[Link], moves: Sequence[KnownMove]) -> None:
        """Store what was found out; a row that moved meanwhile stays."""
        ...


@dataclass(frozen=True, slots=True)
class RemoteFacts:
    """What the wrapped stage knows, and which remotes there are."""

    inner: CrmFacts
    mirrors: Sequence[MirrorOf]
    links: Mapping[tuple[str, RecordRef], Link]


def mirrored(stage: Stage[Any, CrmFacts], store: LinkStore, mirrors: Mirrors) -> Stage[Any, RemoteFacts]:
    """The stage, whose applied changes also go to the remotes; one of commands understands `remote_changed` too."""
    takes_found = stage.consumes is COMMANDS["crm"]

    async def gather(events: Sequence[Event]) -> RemoteFacts:
        told = [one for one in map(_found_in, events) if one is not None] if takes_found else []
        inner = await stage.gather([_as_edit(event) for event in events] if takes_found else events)
        names = sorted({one.connector for one in told})
        links = await store.held(names, sorted({one.ref for one in told}, key=lambda ref: ref.key)) if told else {}
        return RemoteFacts(inner, mirrors(), links)

    def decide(event: Event, facts: RemoteFacts, now: datetime) -> Outcome[Any]:
        if takes_found and isinstance(event, Command) and event.name == REMOTE_CHANGED:
            outcome = decide_found(event, facts, now)
        else:
            outcome = stage.decide(event, facts.inner, now)
        effects = mirror_effects(event, outcome, facts) if facts.mirrors else ()
        return replace(outcome, effects=(*outcome.effects, *effects)) if effects else outcome

    def advance(facts: RemoteFacts, outcome: Outcome[Any]) -> RemoteFacts:
        assert stage.advance is not None
        links = dict(facts.links)
        if isinstance(outcome.state, RemoteDelta):
            links |= _after(links, outcome.state)
        return replace(facts, inner=stage.advance(facts.inner, _plain(outcome)), links=links)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        assert stage.save is not None
        await stage.save([_plain(outcome) for outcome in outcomes])
        deltas = [outcome.state for outcome in outcomes if isinstance(outcome.state, RemoteDelta)]
        links, moves = [one for d in deltas for one in d.links], [one for d in deltas for one in d.moves]
        if links or moves:
            await store.save(links, moves)

    produces = stage.produces if COMMANDS["router"] in stage.produces else (*stage.produces, COMMANDS["router"])
    return replace(stage, gather=gather, decide=decide, advance=advance, save=save, produces=produces)  # type: ignore[arg-type, return-value]


def decide_found(event: Command, facts: RemoteFacts, now: datetime) -> Outcome[Event]:
    """What crm makes of what was found in a remote. Raises Rejected for arguments that can't be read."""
    told = _found_in(event)
    if told is None:
        error = _failed(event)
        if error is None:
            raise Rejected(RejectionReason.INVALID, "remote_changed names a remote, a record and its fields")
        return Outcome(answer={"status": "failed", "error": error})
    record = facts.inner.held.record(told.ref)
    link = facts.links.get((told.connector, told.ref)) or Link(told.connector, told.ref)
    cause = Cause(event.event_id, STAGE, VERSION, now, facts.inner.newest.hash, told.lead_id)
    result = found(told, record, link, facts.inner.gates(facts.inner.newest, now), cause)
    asked = router_command(told, record, result.conflicts)
    outcome: Outcome[Event] = Outcome(
        next=result.settled.event,
        emits=() if asked is None else (asked,),
        settled=(*result.settled.changes, *(one for one in result.conflicts if one.status is Status.CONFLICT)),
        state=RemoteDelta(result.settled.delta, () if result.link is None else (result.link,), result.moves),
        answer={"status": "done", "version": result.settled.record.version, "conflicts": len(result.conflicts)},
    )
    return announcing(outcome, facts.inner, now)


def mirror_effects(event: Event, outcome: Outcome[Any], facts: RemoteFacts) -> tuple[Effect, ...]:
    """One effect for each changed record and remote that mirrors a changed field, except back to where it came from."""
    effects = []
    for ref, version, fields in _moved(event, outcome, facts):
        origins = _origins(outcome.settled, ref)
        for mirror in facts.mirrors:
            wanted = mirror.fields.get(ref.type, frozenset())
            mine = [one for one in fields if one.field in wanted and _origin(origins, one.field) != mirror.name]
            if mine:
                effects.append(_effect(mirror, ref, version, mine, outcome))
    return tuple(effects)


def _effect(
    mirror: MirrorOf, ref: RecordRef, version: int, fields: Sequence[MirroredField], outcome: Outcome[Any]
) -> Effect:
    lead_id = next((one.lead_id for one in outcome.settled if one.record == ref and one.lead_id), None)
    told = MirrorArguments(
        connector=mirror.name, type=ref.type, id=ref.id, version=version, lead_id=lead_id, fields=tuple(fields)
    )  # fmt: skip
    return Effect(effect_of(mirror.kind), ref.id, told.model_dump(mode="json"), done=REMOTE_CHANGED)


def _moved(
    event: Event, outcome: Outcome[Any], facts: RemoteFacts
) -> Iterator[tuple[RecordRef, int, list[MirroredField]]]:
    """The records that changed, with their fields; and those that a person confirmed over what a remote holds."""
    for changed in (outcome.next, *outcome.emits):
        if isinstance(changed, RecordChanged) and changed.fields is not None:
            before = facts.inner.held.record(changed.record)
            values = changed.fields
            yield (
                changed.record,
                changed.version,
                [
                    _field(name, before.value(name), values.get(name), outcome.settled, changed.record)
                    for name in changed.changed
                ],
            )
    if isinstance(event, CrmWrite):
        yield from _confirmed(event, outcome.settled, facts)


def _confirmed(
    event: CrmWrite, settled: Sequence[FieldChange], facts: RemoteFacts
) -> Iterator[tuple[RecordRef, int, list[MirroredField]]]:
    """A value that crm holds already and that a person wants: over what the remote holds, as the person saw it."""
    seen = {change.field: change.old for change in event.changes if change.actor.kind in BY_PERSON}
    fields = [
        MirroredField(field=one.field, old=seen[one.field], new=one.new, change_id=one.change_id, by_person=True)
        for one in settled
        if one.status is Status.APPLIED and one.rule == "unchanged" and one.record == event.record and one.field in seen
    ]
    if fields:
        yield event.record, facts.inner.held.record(event.record).version, fields


def _field(name: str, old: JsonValue, new: JsonValue, settled: Sequence[FieldChange], ref: RecordRef) -> MirroredField:
    change = _change_of(settled, ref, name)
    person = change is not None and change.actor.kind in BY_PERSON
    return MirroredField(
        field=name, old=old, new=new, change_id="" if change is None else change.change_id, by_person=person
    )


def _change_of(settled: Sequence[FieldChange], ref: RecordRef, name: str) -> FieldChange | None:
    fits = (one for one in settled if one.record == ref and one.field in (name, WHOLE) and one.status is Status.APPLIED)
    return next(fits, None)


def _origins(settled: Sequence[FieldChange], ref: RecordRef) -> dict[str, str]:
    return {
        one.field: one.source.name
        for one in settled
        if one.record == ref and one.source.kind == "crm" and one.status is Status.APPLIED
    }


def _origin(origins: Mapping[str, str], name: str) -> str:
    return origins.get(name) or origins.get(WHOLE, "")


def _found_in(event: Event) -> FoundArguments | None:
    """What a command tells of a remote: as a poll sends it, or as an effect's result. None when it tells nothing."""
    if not isinstance(event, Command) or event.name != REMOTE_CHANGED:
        return None
    told: Any = event.arguments
    if isinstance(told, dict) and "result" in told:
        told = told["result"]
    try:
        return FoundArguments.model_validate(told)
    except ValidationError:
        return None


def _failed(event: Command) -> str | None:
    """Why an effect was given up, when that is what the command tells."""
    told = event.arguments
    error = told.get("error") if isinstance(told, dict) else None
    return error if isinstance(error, str) else None


def _as_edit(event: Event) -> Event:
    """The command as an edit of the same record, so that the wrapped stage locks it with all others in one order."""
    told = _found_in(event)
    if told is None or not isinstance(event, Command):
        return event
    return event.model_copy(
        update={"name": "edit", "key": told.id, "arguments": {"type": told.type, "fields": {"name": ""}}}
    )


def _plain(outcome: Outcome[Any]) -> Outcome[Any]:
    return replace(outcome, state=outcome.state.delta) if isinstance(outcome.state, RemoteDelta) else outcome


def _after(
    links: Mapping[tuple[str, RecordRef], Link], delta: RemoteDelta
) -> Iterable[tuple[tuple[str, RecordRef], Link]]:
    """The links as the next input of the batch sees them."""
    after = {(link.connector, link.ref): link for link in delta.links}
    for move in delta.moves:
        key = (move.connector, move.ref)
        link = after.get(key) or links.get(key) or Link(move.connector, move.ref)
        known = replace(move.known, seq=move.expected + 1)
        after[key] = replace(link, fields={**link.fields, move.field: known})
    return after.items()
