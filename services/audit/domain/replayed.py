"""The moves that a rollback's plan needs, picked from the audit topic alone: what `store/selected.py` asks Postgres for.

A row's number is its place among the records of its partition, as the log counts them, so that a plan made from the topic is
the plan made from the database, byte for byte.
"""

from collections.abc import AsyncIterator, Callable

from libs.contracts.codec import Cipher, Headers, UnreadableError, decode
from libs.contracts.topics import AUDIT_CHANGE
from services.audit.domain.move import Move, by_field
from services.audit.domain.selection import Selection, SelectionTooLarge
from services.audit.domain.targets import REPORTER

Records = AsyncIterator[tuple[int, int, bytes | None, Headers]]
"""Partition, offset, value and headers of each committed record, in order within a partition."""
Key = tuple[str, str, str]


async def replayed_moves(
    read: Callable[[], Records], selection: Selection, limit: int, cipher: Cipher | None = None
) -> list[Move]:
    """All applied moves of every field that the selection may touch, and those of the leads behind them, in the log's order.

    Reads the topic up to three times, so that memory holds only what is picked. Raises SelectionTooLarge for more than
    `limit` moves.
    """
    touched: set[Key] = set()
    async for move in _moves(read(), cipher):
        if move.applied and _may_be_meant(move, selection):
            touched.add(move.field_key)
    picked: dict[tuple[int, int, str], Move] = {}
    leads: set[str] = set()
    async for move in _moves(read(), cipher):
        if move.applied and move.field_key in touched:
            _add(picked, move, limit)
            leads.add(move.change.lead_id or "")
    if _names_a_decision(selection):
        async for move in _moves(read(), cipher):
            if move.change.lead_id and move.change.lead_id in leads:
                _add(picked, move, limit)
    return [picked[place] for place in sorted(picked)]


def _add(picked: dict[tuple[int, int, str], Move], move: Move, limit: int) -> None:
    picked[(*move.place, move.change.field)] = move
    if len(picked) > limit:
        raise SelectionTooLarge(limit)


async def _moves(records: Records, cipher: Cipher | None) -> AsyncIterator[Move]:
    rows: dict[int, int] = {}
    async for partition, offset, value, headers in records:
        rows[partition] = rows.get(partition, 0) + 1
        try:
            event = decode(AUDIT_CHANGE, value, headers, cipher)
        except UnreadableError:
            continue  # the log keeps it, flagged; no plan reads it
        for move in by_field(Move(partition, rows[partition], offset, "", event.event_id, event.change)):
            yield move


def _may_be_meant(move: Move, selection: Selection) -> bool:
    """Whether the rules may mean this move: by itself, or as crm's report of what another stage decided."""
    return selection.covers(move.change) and (selection.decided(move.change) or move.change.workflow.name == REPORTER)


def _names_a_decision(selection: Selection) -> bool:
    return (selection.workflow, selection.workflow_version, selection.policy_version) != (None, None, None)
