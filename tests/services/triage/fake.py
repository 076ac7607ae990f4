"""Triage's store in memory; it passes the same conformance suite as the one in Postgres."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from services.triage.domain.decided import Blocked, Decided
from services.triage.domain.filters import NOT_ANYBODY, Filters, Group
from services.triage.domain.handoff import Handoff
from services.triage.domain.item import Case, Item, Status
from services.triage.domain.page import Cursor, Page, Row
from services.triage.domain.work import Comment


class MemoryCases:
    """Cases in a dictionary."""

    def __init__(self) -> None:
        self.cases: dict[str, Case] = {}
        self.said: dict[str, Comment] = {}

    async def locked(self, lead_ids: Sequence[str]) -> Mapping[str, Case]:
        return {lead_id: self.cases.setdefault(lead_id, Case(lead_id)) for lead_id in lead_ids}

    async def save(self, cases: Iterable[Case]) -> None:
        for case in cases:
            self.cases[case.lead_id] = replace(case, comments=())
            self.said.update({one.comment_id: one for one in case.comments})

    def _found(self, status: Status, filters: Filters, now: datetime) -> list[Item]:
        items = [case.item for case in self.cases.values() if case.item is not None and case.item.status == status]
        return sorted((item for item in items if _passes(Row.of(item), filters, now)), key=_place)

    async def groups(self, status: Status, filters: Filters, now: datetime) -> Sequence[Group]:
        return [_group(Row.of(item), now) for item in self._found(status, filters, now)]

    async def many(self, lead_ids: Sequence[str]) -> Sequence[Item]:
        found = [self.cases[one].item for one in lead_ids if one in self.cases]
        return [item for item in found if item is not None]

    async def comments(self, lead_id: str) -> Sequence[Comment]:
        return sorted((one for one in self.said.values() if one.lead_id == lead_id), key=lambda one: one.at)

    async def memory(self, lead_id: str) -> tuple[Decided | None, tuple[Blocked, ...]]:
        case = self.cases.get(lead_id, Case(lead_id))
        return case.decided, case.blocked

    async def page(self, status: Status, limit: int, after: Cursor | None, filters: Filters, now: datetime) -> Page:
        items = self._found(status, filters, now)
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


def _passes(row: Row, filters: Filters, now: datetime) -> bool:
    snoozed = row.work.is_snoozed(now)
    return (
        (not filters.reach or row.queue in filters.reach)
        and (not filters.kind or filters.kind in row.kinds)
        and all(
            not getattr(filters, name) or getattr(filters, name) == getattr(row, name)
            for name in ("queue", "clock", "segment", "source", "equality")
        )
        and filters.search.lower() in f"{row.name} {row.company}".lower()
        and _is_whose(row.work.claimant(now), filters.claimed, filters)
        and _is_whose(row.work.assigned_to, filters.assigned, filters)
        and (filters.snoozed == "all" or snoozed == (filters.snoozed == "yes"))
    )


def _is_whose(name: str, told: str, filters: Filters) -> bool:
    return not told or (not name if told == NOT_ANYBODY else name == filters.name_of(told))


def _group(row: Row, now: datetime) -> Group:
    snoozed = row.work.is_snoozed(now)
    whose = row.work.claimant(now), row.work.assigned_to
    return Group(row.kinds, row.queue, row.clock, *whose, snoozed, row.segment, row.source, 1)


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
