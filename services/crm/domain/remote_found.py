"""What crm makes of what somebody changed in a remote CRM: it comes in as an audited change, and never loses ours unseen."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, Evidence, FieldChange, ProposedChange, RecordRef, Source, Status, Workflow
from libs.contracts.conflict import CONFLICT, ConflictArguments
from libs.contracts.events import Command
from libs.policy.admit import is_empty, same_value
from services.crm.domain.record import DELETED, Delta, RecordState
from services.crm.domain.remote import Known, Link
from services.crm.domain.remote_commands import FoundArguments, FoundField
from services.crm.domain.settle import Cause, GateOf, Settled, settle

STAGE = "crm.remote"
VERSION = "1"
REMOTE_DRIFT = "crm:remote_drift"
REMOTE_DUPLICATES = "crm:remote_duplicates"
_NAMING = ("email", "name", "title")


@dataclass(frozen=True, slots=True)
class KnownMove:
    """A row of `remote_field` as it becomes; `expected` is the seq that it must still have."""

    connector: str
    ref: RecordRef
    field: str
    expected: int
    known: Known


@dataclass(frozen=True, slots=True)
class Found:
    """All that follows for one record."""

    settled: Settled
    conflicts: tuple[FieldChange, ...] = ()
    moves: tuple[KnownMove, ...] = ()
    link: Link | None = None


@dataclass
class _Sorted:
    """Fields by what becomes of them."""

    taken: list[FoundField] = field(default_factory=list)
    contested: list[FoundField] = field(default_factory=list)
    """Taken too, or not, while crm holds a value of its own that the remote never got."""
    agreed: list[FoundField] = field(default_factory=list)


def found(told: FoundArguments, record: RecordState, link: Link, gate_of: GateOf, cause: Cause) -> Found:
    """The record with what the gate lets in, a conflict for each value of ours that it replaced or that stands against
    the remote's, and what is known of the remote from now on. Fields that moved since they were read are left out."""
    if record.deleted:
        return Found(Settled(record, (), None), link=_linked(told, link, record))
    sorted_ = _sorted(told, record, link)
    taken = [*sorted_.taken, *(one for one in sorted_.contested if _has_past(one, link))]
    changes = [*_deleted(told, record), *(_change(told, one, record) for one in taken)]
    actor = changes[0].actor if changes else Actor(kind="rule", id=told.connector)
    settled = settle(record, changes, gate_of, cause, actor)
    applied = {change.field for change in settled.changes if change.status is Status.APPLIED}
    refused = [one for one in taken if one.field not in applied]
    against = {one.field: one for one in (*sorted_.contested, *refused)}
    conflicts = tuple(_conflict(told, one, record, cause, at) for at, one in enumerate(against.values()))
    asked = tuple(change for change in settled.changes if change.status is Status.QUEUED and change.field == DELETED)
    moves = [
        *(_agreed(told, one, settled.record.version) for one in sorted_.agreed),
        *(_agreed(told, one, settled.record.version) for one in taken if one.field in applied),
        *(_open(told, one, link) for one in against.values() if one.field not in applied),
    ]
    duplicates = _duplicates(told, record, cause)
    return Found(settled, (*conflicts, *asked, *duplicates), tuple(moves), _linked(told, link, record))


def _sorted(told: FoundArguments, record: RecordState, link: Link) -> _Sorted:
    result = _Sorted()
    for one in told.fields:
        known = link.fields.get(one.field)
        if _is_late(one, link):
            continue
        mine = record.value(one.field)
        if same_value(mine, one.value):
            result.agreed.append(one)
        elif _has_own(one.field, mine, known, record, told.connector):
            result.contested.append(one)
        else:
            result.taken.append(one)
    return result


def _is_late(one: FoundField, link: Link) -> bool:
    """It moved since it was read: the next look sees what stands now."""
    known = link.fields.get(one.field)
    return (0 if known is None else known.seq) != one.seq


def _has_own(name: str, mine: JsonValue, known: Known | None, record: RecordState, connector: str) -> bool:
    """Whether crm holds a value that did not come from the remote and that the remote never got."""
    meta = record.meta.get(name)
    if meta is None or (known is None and is_empty(mine)):
        return False
    own = meta.source.name != connector or meta.by_rollback
    return own and meta.version > (0 if known is None else known.version)


def _has_past(one: FoundField, link: Link) -> bool:
    """Of two values without a common past neither replaces the other: a person decides."""
    return link.whole or one.field in link.fields


def _change(told: FoundArguments, one: FoundField, record: RecordState) -> ProposedChange:
    actor = one.actor(told.connector)
    return ProposedChange(
        record=told.ref,
        field=one.field,
        old=record.value(one.field),
        new=one.value,
        source=Source(kind="crm", name=told.connector),
        actor=actor,
        reason=f"changed in {told.connector}",
        verified_by=actor.id if actor.kind == "human" else None,
    )


def _deleted(told: FoundArguments, record: RecordState) -> Iterator[ProposedChange]:
    """A deletion there is a proposal here: no record of ours goes away because of one."""
    if told.deleted and record.exists:
        yield ProposedChange(
            record=told.ref,
            field=DELETED,
            old=False,
            new=True,
            source=Source(kind="crm", name=told.connector),
            actor=Actor(kind="rule", id=told.connector),
            reason=f"deleted in {told.connector}",
        )


def _conflict(told: FoundArguments, one: FoundField, record: RecordState, cause: Cause, at: int) -> FieldChange:
    """Our value as a change that was not made over theirs; a person's yes makes it over exactly what stands here."""
    mine, meta = record.value(one.field), record.meta.get(one.field)
    who = one.actor(told.connector).id
    return FieldChange(
        record=told.ref,
        field=one.field,
        old=one.value,
        new=mine,
        source=Source(kind="crm", name="crm") if meta is None else meta.source,
        confidence=1.0 if meta is None else meta.confidence,
        actor=Actor(kind="rule", id="crm") if meta is None else meta.actor,
        evidence=(Evidence(quote=str(one.value)[:500], where=f"{told.connector} {told.remote_id}"),),
        reason=f"{who} wrote another value in {told.connector}",
        change_id=ids.change_id(cause.event_id, STAGE, told.type, told.id, one.field, 1000 + at),
        workflow=Workflow(name=STAGE, version=VERSION),
        policy_version=cause.policy_hash,
        trigger_event_id=cause.event_id,
        lead_id=cause.lead_id,
        status=Status.CONFLICT,
        rule=REMOTE_DRIFT,
        at=cause.now,
    )


def _duplicates(told: FoundArguments, record: RecordState, cause: Cause) -> tuple[FieldChange, ...]:
    if not told.duplicates or not record.exists:
        return ()
    name = next((one for one in _NAMING if record.value(one)), next(iter(record.fields), ""))
    if not name:
        return ()
    one = FoundField(field=name)
    change = _conflict(told, one, record, cause, len(told.fields))
    reason = f"{told.connector} holds records that look the same: {', '.join(told.duplicates[:5])} ({told.reason})"
    return (change.model_copy(update={"rule": REMOTE_DUPLICATES, "reason": reason, "evidence": ()}),)


def _agreed(told: FoundArguments, one: FoundField, version: int) -> KnownMove:
    return KnownMove(told.connector, told.ref, one.field, one.seq, Known(one.theirs, version, stamp=one.stamp))


def _open(told: FoundArguments, one: FoundField, link: Link) -> KnownMove:
    """What was known stays what was known; that the remote holds another value was told."""
    known = link.fields.get(one.field) or Known()
    now = replace(known, theirs=one.theirs, has_conflict=True, stamp=one.stamp)
    return KnownMove(told.connector, told.ref, one.field, one.seq, now)


def _linked(told: FoundArguments, link: Link, record: RecordState) -> Link:
    return replace(
        link,
        remote_id=link.remote_id or told.remote_id,
        gone=link.gone or told.deleted,
        duplicates=bool(told.duplicates) or (link.duplicates and not told.remote_id),
        whole=link.whole or record.version == 0,
        stale=any(_is_late(one, link) for one in told.fields),
    )


def router_command(told: FoundArguments, record: RecordState, conflicts: Sequence[FieldChange]) -> Command | None:
    """What the router asks people, beside the lead that the record was last about; None when there is none."""
    lead_id = told.lead_id or record.value("last_lead_id")
    if not conflicts or not isinstance(lead_id, str) or not lead_id:
        return None
    write_id = ids.derived_id("remote conflict", told.connector, conflicts[0].change_id)
    arguments = ConflictArguments(write_id=write_id, changes=tuple(conflicts))
    return Command(
        target="router",
        name=CONFLICT,
        key=lead_id,
        actor=Actor(kind="rule", id="crm"),
        arguments=arguments.model_dump(mode="json"),
    )


@dataclass(frozen=True, slots=True)
class RemoteDelta:
    """What an input changes in the record store, and in what is known of the remotes."""

    delta: Delta
    links: tuple[Link, ...] = ()
    moves: tuple[KnownMove, ...] = ()
