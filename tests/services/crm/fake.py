"""Crm's store in memory; it passes the same conformance suite as the one in Postgres."""

from collections.abc import Iterable, Sequence

from libs.contracts.change import RecordRef
from services.crm.domain.page import Filter, Page
from services.crm.domain.record import Delta, Held, Lock, RecordState, Rejection
from services.crm.domain.suppression import Entry, match_keys


class MemoryRecords:
    """Records, memory and locks in dictionaries."""

    def __init__(self) -> None:
        self.records: dict[RecordRef, RecordState] = {}
        self.rejections: dict[tuple[RecordRef, str, str], Rejection] = {}
        self.locks: dict[tuple[RecordRef, str], Lock] = {}

    async def locked(self, refs: Sequence[RecordRef]) -> Held:
        for ref in refs:
            self.records.setdefault(ref, RecordState(ref))
        return Held({ref: self._whole(self.records[ref]) for ref in refs})

    async def entries(self, records: Iterable[RecordState]) -> Sequence[Entry]:
        keys = [(match_keys(state), state.ref.id.lower()) for state in records]
        known = [
            Entry.of(state.fields)
            for state in self.records.values()
            if state.ref.type == "suppression" and state.exists
        ]
        return [
            entry
            for entry in known
            if any(entry.email in mine[0] or entry.domain in mine[1] or entry.record_id == own for mine, own in keys)
        ]

    async def save(self, deltas: Sequence[Delta]) -> None:
        for delta in deltas:
            self.records.update({state.ref: state for state in delta.records})
            self.rejections.update({one.key: one for one in delta.remembered})
            for one in delta.forgotten:
                self.rejections.pop(one.key, None)
            self.locks.update({(lock.record, lock.field): lock for lock in delta.locks})
            for unlocked in delta.unlocks:
                self.locks.pop(unlocked, None)

    async def one(self, ref: RecordRef) -> RecordState | None:
        state = self.records.get(ref)
        return None if state is None or state.version == 0 else self._whole(state)

    async def page(self, record_type: str, limit: int, after: str, wanted: Filter) -> Page:
        fits = [
            state
            for ref, state in sorted(self.records.items(), key=lambda item: item[0].id)
            if ref.type == record_type and state.exists and ref.id > after
            and wanted.email.lower() in ("", str(state.value("email") or "").lower())
            and wanted.domain.lower() in ("", str(state.value("domain") or "").lower())
        ]  # fmt: skip
        return Page(fits[:limit], more=len(fits) > limit)

    def _whole(self, state: RecordState) -> RecordState:
        rejected = {(field, digest) for ref, field, digest in self.rejections if ref == state.ref}
        locks = {field for ref, field in self.locks if ref == state.ref}
        return RecordState(
            state.ref, state.version, state.fields, state.meta, state.deleted, frozenset(rejected), frozenset(locks)
        )
