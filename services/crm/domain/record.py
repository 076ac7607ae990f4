"""A record as crm holds it: values, where each came from, what people locked or rejected, and what a decision changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.base import Model, PersonalText, PersonalValue
from libs.contracts.change import Actor, RecordRef, Source
from services.crm.domain.webhooks import Subscriber

RECORD_TYPES = ("contact", "company", "opportunity", "member", "suppression", "calendar", "task", "activity")
"""The kinds of records that crm keeps."""
DELETED = "deleted"
"""The audited field that says whether a record is gone."""


class FieldMeta(Model):
    """Where a record's field got its current value."""

    source: Source
    confidence: float
    verified_by: PersonalText | None = None
    change_id: str
    actor: Actor
    at: datetime
    version: int
    """The record version that wrote it."""
    evidence_hash: str = ""
    """What the value was based on; remembered when it is rolled back."""
    by_rollback: bool = False
    """A rollback put this value back; source, confidence and verified_by are then those it had before."""
    withdrew: tuple[str, ...] = ()
    """Evidence hashes that this rollback made crm remember, to be forgotten when it is itself rolled back."""
    before: PersonalValue = None
    """The value that this one replaced."""
    replaced: "FieldMeta | None" = None
    """Where that value came from, one step back; it lets a rollback restore provenance too."""

    def one_step(self) -> "FieldMeta":
        """The meta without what stood before it."""
        return self.model_copy(update={"replaced": None})


@dataclass(frozen=True, slots=True)
class Rejection:
    """A person's no to one value of one field on some evidence."""

    record: RecordRef
    field: str
    evidence_hash: str
    verdict: Literal["reject", "block", "edit", "rollback"] = "reject"
    actor: str = ""
    reason: str = ""
    at: datetime | None = None

    @property
    def key(self) -> tuple[RecordRef, str, str]:
        """What makes it the same rejection."""
        return self.record, self.field, self.evidence_hash


@dataclass(frozen=True, slots=True)
class Lock:
    """A field that a person locked."""

    record: RecordRef
    field: str
    actor: str
    at: datetime


@dataclass(frozen=True, slots=True)
class RecordState:
    """One record with its memory. Version 0: it does not exist."""

    ref: RecordRef
    version: int = 0
    fields: Mapping[str, JsonValue] = field(default_factory=dict)
    meta: Mapping[str, FieldMeta] = field(default_factory=dict)
    deleted: bool = False
    rejected: frozenset[tuple[str, str]] = frozenset()
    """(field, evidence hash) of what was rejected."""
    locks: frozenset[str] = frozenset()

    @property
    def exists(self) -> bool:
        """Whether people would find it."""
        return self.version > 0 and not self.deleted

    def value(self, name: str) -> JsonValue:
        """The current value of a field, None when it has none; `deleted` is answered too."""
        return self.deleted if name == DELETED else self.fields.get(name)

    def rejected_evidence(self, name: str) -> frozenset[str]:
        """The evidence hashes that were rejected for a field."""
        return frozenset(digest for held, digest in self.rejected if held == name)

    def with_value(self, name: str, value: JsonValue, meta: FieldMeta) -> "RecordState":
        """The record with one field set (None clears it). The version is the caller's to raise."""
        metas = {**self.meta, name: meta}
        if name == DELETED:
            return replace(self, deleted=bool(value), meta=metas)
        fields = {held: old for held, old in self.fields.items() if held != name}
        if value is not None:
            fields[name] = value
        return replace(self, fields=fields, meta=metas)


@dataclass(frozen=True, slots=True)
class Delta:
    """What one input changes in the store, in this order: records, remembered, forgotten, locks, unlocks."""

    records: tuple[RecordState, ...] = ()
    remembered: tuple[Rejection, ...] = ()
    forgotten: tuple[Rejection, ...] = ()
    locks: tuple[Lock, ...] = ()
    unlocks: tuple[tuple[RecordRef, str], ...] = ()
    webhooks: tuple[Subscriber, ...] = ()

    def and_record(self, record: RecordState) -> "Delta":
        """The delta with one record more."""
        return replace(self, records=(*self.records, record))


@dataclass(frozen=True, slots=True)
class Held:
    """The records that a batch is about, locked until it is saved."""

    records: Mapping[RecordRef, RecordState] = field(default_factory=dict)

    def record(self, ref: RecordRef) -> RecordState:
        """The record, an empty one of version 0 when there is none."""
        return self.records.get(ref) or RecordState(ref)

    def after(self, delta: Delta) -> "Held":
        """What the next input of the batch sees."""
        records = dict(self.records)
        records.update({state.ref: state for state in delta.records})
        for rejection in delta.remembered:
            _remember(records, rejection, keep=True)
        for rejection in delta.forgotten:
            _remember(records, rejection, keep=False)
        for lock in delta.locks:
            _lock(records, lock.record, lock.field, locked=True)
        for ref, name in delta.unlocks:
            _lock(records, ref, name, locked=False)
        return Held(records)


def refs_in_order(refs: Iterable[RecordRef]) -> list[RecordRef]:
    """Each reference once, in the order in which everybody takes their locks."""
    return sorted(set(refs), key=lambda ref: (ref.type, ref.id))


def _remember(records: dict[RecordRef, RecordState], rejection: Rejection, *, keep: bool) -> None:
    state = records.get(rejection.record)
    if state is None:
        return
    pair = {(rejection.field, rejection.evidence_hash)}
    rejected = state.rejected | pair if keep else state.rejected - pair
    records[rejection.record] = replace(state, rejected=rejected)


def _lock(records: dict[RecordRef, RecordState], ref: RecordRef, name: str, *, locked: bool) -> None:
    state = records.get(ref)
    if state is None:
        return
    records[ref] = replace(state, locks=state.locks | {name} if locked else state.locks - {name})
