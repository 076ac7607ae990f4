"""Triage's store in memory; it passes the same conformance suite as the one in Postgres."""

from collections.abc import Iterable, Mapping, Sequence

from services.triage.domain.handoff import Handoff
from services.triage.domain.item import Case, Item, Status
from services.triage.domain.page import Cursor, Page, Row


class MemoryCases:
    """Cases in a dictionary."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}

    async def locked(self, lead_ids: Sequence[str]) -> Mapping[str, Case]:
        return {lead_id: self.cases.setdefault(lead_id, Case(lead_id)) for lead_id in lead_ids}

    async def save(self, cases: Iterable[Case]) -> None:
        self.cases.update({case.lead_id: case for case in cases})

    async def page(self, status: Status, limit: int, after: Cursor | None, queues: Sequence[str] = ()) -> Page:
        items = [case.item for case in self.cases.values() if case.item is not None and case.item.status == status]
        items = [item for item in items if not queues or item.queue in queues]
        items.sort(key=_place)
        left = [
            item for item in items if after is None or _place(item) > (after.due_order, -after.worth, after.lead_id)
        ]
        shown = left[:limit]
        following = None
        if len(left) > limit:
            following = Cursor(shown[-1].due_order, shown[-1].worth, shown[-1].lead_id)
        return Page([Row.of(item) for item in shown], following, len(items))

    async def one(self, lead_id: str) -> Item | None:
        case = self.cases.get(lead_id)
        return None if case is None else case.item


def _place(item: Item) -> tuple[int, int, str]:
    return item.due_order, -item.worth, item.lead_id


class MemoryHandoffs:
    """Notes and drafts in a dictionary."""

    def __init__(self) -> None:
        self.held: dict[tuple[str, int], Handoff] = {}

    async def newest(self, lead_ids: Sequence[str]) -> Mapping[str, Handoff]:
        found = sorted((held for held in self.held.values() if held.lead_id in lead_ids), key=lambda one: one.version)
        return {held.lead_id: held for held in found}

    async def save(self, moved: Iterable[Handoff]) -> None:
        self.held.update({(one.lead_id, one.version): one for one in moved})

    async def one(self, lead_id: str) -> Handoff | None:
        return (await self.newest([lead_id])).get(lead_id)
