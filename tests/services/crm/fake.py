"""Crm's store in memory; it passes the same conformance suite as the one in Postgres."""

from collections.abc import Iterable, Sequence

from libs.contracts.change import RecordRef
from services.crm.domain.page import Filter, Page, Timeline, is_open
from services.crm.domain.record import Delta, Held, Lock, RecordState, Rejection
from services.crm.domain.suppression import Entry, match_keys
from services.crm.domain.webhooks import Subscriber


class MemoryRecords:
    """Records, memory and locks in dictionaries."""

    def __init__(self) -> None:
        self.records: dict[RecordRef, RecordState] = {}
        self.rejections: dict[tuple[RecordRef, str, str], Rejection] = {}
        self.locks: dict[tuple[RecordRef, str], Lock] = {}
        self.webhooks: dict[str, Subscriber] = {}

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

    async def existing(self, refs: Sequence[RecordRef]) -> frozenset[RecordRef]:
        return frozenset(ref for ref in refs if ref in self.records and self.records[ref].exists)

    async def subscribers(self) -> Sequence[Subscriber]:
        return [one for one in self.webhooks.values() if one.active]

    async def save(self, deltas: Sequence[Delta]) -> None:
        for delta in deltas:
            self.records.update({state.ref: state for state in delta.records})
            self.rejections.update({one.key: one for one in delta.remembered})
            for one in delta.forgotten:
                self.rejections.pop(one.key, None)
            self.locks.update({(lock.record, lock.field): lock for lock in delta.locks})
            for unlocked in delta.unlocks:
                self.locks.pop(unlocked, None)
            for webhook in delta.webhooks:
                self.webhooks[webhook.webhook_id] = webhook
                if not webhook.url:
                    del self.webhooks[webhook.webhook_id]

    async def one(self, ref: RecordRef) -> RecordState | None:
        state = self.records.get(ref)
        return None if state is None or state.version == 0 else self._whole(state)

    async def page(self, record_type: str, limit: int, after: str, wanted: Filter) -> Page:
        fits = [
            state
            for ref, state in sorted(self.records.items(), key=lambda item: item[0].id)
            if ref.type == record_type and state.exists and ref.id > after and _fits(state, wanted)
        ]
        return Page(fits[:limit], more=len(fits) > limit)

    async def timeline(self, ref: RecordRef, limit: int, before: str) -> Timeline:
        people = {
            one.ref.id for one in self._all("contact") if ref.type == "company" and one.value("company_id") == ref.id
        }

        def about(state: RecordState) -> bool:
            return state.value(f"{ref.type}_id") == ref.id or state.value("contact_id") in people

        found = sorted(filter(about, self._all("activity")), key=_place, reverse=True)
        if before:
            edge = self.records.get(RecordRef(type="activity", id=before))
            found = [state for state in found if edge is not None and _place(state) < _place(edge)]
        deals = [state for state in self._all("opportunity") if about(state) and is_open(state)]
        tasks = [state for state in self._all("task") if about(state) and state.value("status") in (None, "open")]
        return Timeline(found[:limit], deals, tasks, more=len(found) > limit)

    def _all(self, kind: str) -> list[RecordState]:
        found = [state for ref, state in self.records.items() if ref.type == kind and state.exists]
        return sorted(found, key=lambda state: state.ref.id)

    def _whole(self, state: RecordState) -> RecordState:
        rejected = {(field, digest) for ref, field, digest in self.rejections if ref == state.ref}
        locks = {field for ref, field in self.locks if ref == state.ref}
        return RecordState(
            state.ref, state.version, state.fields, state.meta, state.deleted, frozenset(rejected), frozenset(locks)
        )


def _place(state: RecordState) -> tuple[str, str]:
    return str(state.value("at") or ""), state.ref.id


def _fits(state: RecordState, wanted: Filter) -> bool:
    def text(name: str) -> str:
        return str(state.value(name) or "")

    folded = ((text(name).lower(), getattr(wanted, name).lower()) for name in ("email", "domain", "stage"))
    exact = ((text(name), getattr(wanted, name)) for name in ("owner", "company_id", "contact_id", "opportunity_id"))
    updated = max((meta.at for meta in state.meta.values()), default=None)
    return (
        all(asked in ("", held) for held, asked in (*folded, *exact))
        and wanted.name.lower() in text("name").lower()
        and (wanted.updated_since is None or (updated is not None and updated >= wanted.updated_since))
        and (wanted.is_open is None or is_open(state) is wanted.is_open)
    )
