"""What the API answers with: the store's rows put through the domain's rules."""

from collections.abc import AsyncIterator, Sequence
from datetime import datetime

import asyncpg
from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.contracts.lead import Route
from libs.contracts.topics import CRM_WRITE, LEAD_ROUTED, TRIAGE_DECIDED, TRIAGE_REQUESTED
from libs.runtime.keys import Keys
from services.audit.domain import journey, rollback
from services.audit.domain.diff import Difference, differences
from services.audit.domain.query import ChangeQuery, Place
from services.audit.domain.selection import Selection
from services.audit.domain.timeline import State, once, state_of
from services.audit.domain.why import Known, Why, explanation, explanations
from services.audit.store import events, log, rollbacks
from services.audit.store.changes import change_page, change_pages
from services.audit.store.selected import selected_moves

EXPORT_ROWS = 500
"""Rows of the log that an export holds at a time."""


class Answers:
    """Answers from Postgres; each method is a few queries."""

    def __init__(self, pool: asyncpg.Pool, max_moves: int, keys: Keys) -> None:
        self._pool = pool
        self._max_moves = max_moves
        self._keys = keys

    async def timeline(
        self, record: RecordRef, field: str | None, limit: int, after: tuple[int, int]
    ) -> list[journey.MoveView]:
        """At most `limit` moves of a record or a field that follow `after`, in the log's order."""
        moves = await log.record_moves(self._pool, record, field, limit=limit, after=after, keys=self._keys)
        return [journey.view_of(move) for move in moves]

    async def state(self, record: RecordRef, as_of: datetime | None) -> State:
        """The record's state after everything that was decided up to `as_of`."""
        return state_of(await log.record_moves(self._pool, record, keys=self._keys), as_of)

    async def changes(
        self, query: ChangeQuery, after: Place | None, limit: int
    ) -> tuple[Sequence[journey.MoveView], Place | None]:
        """A page of the answer to a question, and where the next one begins."""
        page = await change_page(self._pool, query, after, limit, self._keys)
        return [journey.view_of(move) for move in page.moves], page.next

    async def all_changes(self, query: ChangeQuery) -> AsyncIterator[Sequence[journey.MoveView]]:
        """The whole answer to a question, page by page; no page is held longer than it is used."""
        async for moves in change_pages(self._pool, query, EXPORT_ROWS, self._keys):
            yield [journey.view_of(move) for move in moves]

    async def diff(self, record: RecordRef, since: datetime, until: datetime) -> list[Difference] | None:
        """The fields of the record that were set between two times; None when nothing ever happened to it."""
        moves = await log.record_moves(self._pool, record, keys=self._keys)
        return differences(moves, since, until) if moves else None

    async def why(self, record: RecordRef, field: str, as_of: datetime | None) -> Why:
        """Why the field holds its value."""
        return explanation(record, field, await self._behind(record, field), as_of)

    async def why_all(self, record: RecordRef, as_of: datetime | None) -> list[Why]:
        """Why every field of the record holds its value."""
        return explanations(record, await self._behind(record, None), as_of)

    async def _behind(self, record: RecordRef, field: str | None) -> Known:
        """The moves of the record or a field, those of the leads behind them, and where their submissions stand."""
        moves = await log.record_moves(self._pool, record, field, keys=self._keys)
        leads = {move.change.lead_id for move in moves if move.change.lead_id is not None}
        moves = once([*moves, *await log.lead_moves(self._pool, leads, self._keys)])
        return Known(moves, await events.raws_of(self._pool, moves))

    async def route(self, lead_id: str) -> Route | None:
        """Where a lead was routed last; None while it is on its way."""
        routed = (await events.lead_events(self._pool, lead_id, self._keys)).of(LEAD_ROUTED)
        return routed[-1].route if routed else None

    async def journey(self, lead_id: str) -> journey.Journey:
        """All that is known of a lead."""
        found = await events.lead_events(self._pool, lead_id, self._keys)
        routed, asked, writes = found.of(LEAD_ROUTED), found.of(TRIAGE_REQUESTED), found.of(CRM_WRITE)
        decided = found.of(TRIAGE_DECIDED)
        moves = await log.lead_moves(self._pool, [lead_id], self._keys)
        submission = journey.submission_of(routed, asked)
        triage = journey.triage_steps(asked, decided)
        received: Sequence[JsonValue] = []
        if submission is not None:
            received = await events.submissions(self._pool, submission.submission_id)
            moves += await log.submission_moves(self._pool, submission.submission_id, self._keys)
        return journey.Journey(
            lead_id=lead_id,
            known=bool(moves or routed or asked),
            submission=submission,
            received=tuple(received),
            changes=tuple(journey.view_of(move) for move in moves),
            routes=tuple(journey.routed_version(event) for event in routed),
            triage=triage,
            writes=tuple(writes),
            records=tuple(await events.newest_records(self._pool, [write.write_id for write in writes], self._keys)),
            unreadable=found.unreadable,
        )

    async def plan(self, selection: Selection, confirmed: Sequence[str], now: datetime) -> rollback.Plan:
        """The plan of a rollback; it is remembered, so that applying it later can say what changed.

        Raises SelectionTooLarge.
        """
        moves = await selected_moves(self._pool, selection, self._max_moves, self._keys)
        plan = rollback.plan(moves, selection, confirmed)
        await rollbacks.show_plan(self._pool, plan, now)
        return plan

    async def rollback(self, rollback_id: str) -> dict[str, JsonValue] | None:
        """A rollback and what crm has reported of it; None when there is none with this id."""
        return await rollbacks.rollback_of(self._pool, rollback_id)

    async def rollbacks(self, limit: int, before: datetime) -> list[dict[str, JsonValue]]:
        """Rollbacks that were ordered before a time, the newest first."""
        return await rollbacks.rollbacks(self._pool, limit, before)
