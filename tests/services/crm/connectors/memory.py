"""Links to remotes in memory; they pass the same conformance suite as those in Postgres."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.runtime import clock
from services.crm.domain.remote import Known, Link
from services.crm.domain.remote_found import KnownMove
from tests.services.crm.fake import MemoryRecords

NEXT = datetime.fromtimestamp(0, UTC)
"""When that was looked at which the next poll is to look at, before all others."""


@dataclass(frozen=True)
class Now:
    """A record as it stands."""

    version: int
    fields: Mapping[str, JsonValue]
    deleted: bool


@dataclass
class MemoryLinks:
    """For stages and for connectors."""

    store: MemoryRecords
    rows: dict[tuple[str, RecordRef], Link] = field(default_factory=dict)
    leases: dict[str, str] = field(default_factory=dict)
    cursors: dict[tuple[str, str], str] = field(default_factory=dict)
    looked: dict[tuple[str, RecordRef], datetime] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)

    def _one(self, connector: str, ref: RecordRef) -> Link:
        return self.rows.get((connector, ref)) or Link(connector, ref)

    async def held(self, names: Sequence[str], refs: Sequence[RecordRef]) -> dict[tuple[str, RecordRef], Link]:
        return {(name, ref): self._one(name, ref) for name in names for ref in refs}

    async def save(self, links: Sequence[Link], moves: Sequence[KnownMove]) -> None:
        await self.save_links(links)
        await self.move(sorted(moves, key=lambda one: one.expected))

    async def links(self, connector: str, refs: Sequence[RecordRef]) -> dict[RecordRef, Link]:
        return {ref: self._one(connector, ref) for ref in refs}

    async def records(self, refs: Sequence[RecordRef]) -> dict[RecordRef, Now]:
        held = {ref: self.store.records[ref] for ref in refs if ref in self.store.records}
        return {ref: Now(one.version, one.fields, one.deleted) for ref, one in held.items() if one.version > 0}

    async def by_remote(self, connector: str, record_type: str, remote_ids: Sequence[str]) -> dict[str, RecordRef]:
        return {
            link.remote_id: ref
            for (name, ref), link in self.rows.items()
            if name == connector and ref.type == record_type and link.remote_id in remote_ids and link.remote_id
        }

    async def by_email(self, connector: str, emails: Sequence[str]) -> dict[str, RecordRef]:
        found: dict[str, list[RecordRef]] = {}
        for ref, one in self.store.records.items():
            email = str(one.value("email") or "").lower()
            if ref.type == "contact" and one.exists and email in emails:
                found.setdefault(email, []).append(ref)
        return {
            email: refs[0]
            for email, refs in found.items()
            if len(refs) == 1 and not self._one(connector, refs[0]).remote_id
        }

    async def members(self) -> dict[str, str]:
        held = ((ref.id, one) for ref, one in self.store.records.items() if ref.type == "member" and one.exists)
        return {str(one.value("email")).lower(): member for member, one in held if one.value("email")}

    async def move(self, moves: Sequence[KnownMove]) -> list[bool]:
        done = []
        for move in moves:
            link = self._one(move.connector, move.ref)
            fits = link.fields.get(move.field, Known()).seq == move.expected
            if fits:
                known = replace(move.known, seq=move.expected + 1)
                self.rows[move.connector, move.ref] = replace(link, fields={**link.fields, move.field: known})
            done.append(fits)
        return done

    async def save_links(self, links: Sequence[Link]) -> None:
        for link in links:
            others = [one for (name, ref), one in self.rows.items() if name == link.connector and ref != link.ref]
            taken = {one.remote_id for one in others if one.ref.type == link.ref.type}
            told = replace(link, remote_id="") if link.remote_id in taken else link
            held = self._one(link.connector, link.ref)
            self.rows[link.connector, link.ref] = replace(told, fields=held.fields, stale=False)
            is_next = link.stale or self.looked.get((link.connector, link.ref)) == NEXT
            self.looked[link.connector, link.ref] = NEXT if is_next else clock.now()

    async def lease(self, connector: str, holder: str, seconds: float) -> bool:
        return self.leases.setdefault(connector, holder) == holder

    async def release(self, connector: str, holder: str, problem: str | None = None) -> None:
        if self.leases.get(connector) == holder:
            del self.leases[connector]
        if problem is not None:
            self.problems[connector] = problem

    async def cursor(self, connector: str, record_type: str) -> tuple[str, datetime | None]:
        return self.cursors.get((connector, record_type), ""), None

    async def save_cursor(self, connector: str, record_type: str, cursor: str) -> None:
        self.cursors[connector, record_type] = cursor

    async def unchecked(self, connector: str, record_type: str, before: datetime, limit: int) -> list[Link]:
        held = [
            (self.looked[name, ref], link)
            for (name, ref), link in self.rows.items()
            if name == connector and ref.type == record_type and link.remote_id and not link.gone
        ]
        return [link for looked, link in sorted(held, key=lambda one: one[0]) if looked < before][:limit]

    async def checked(self, connector: str, refs: Sequence[RecordRef]) -> None:
        for ref in refs:
            self.looked[connector, ref] = clock.now()
