"""Triage requests: triage.requested.v1 in; the item of each lead opened or replaced."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from libs.contracts.events import SlaChanged, TriageRequested
from libs.contracts.outcome import Outcome
from libs.contracts.topics import SLA_CHANGED, TRIAGE_REQUESTED
from libs.runtime.stage import Stage
from services.triage.domain.item import after_request
from services.triage.domain.record import Scribe, status_move
from services.triage.stage.cases import (
    Cases,
    CaseStore,
    advanced,
    gathered,
    replacing_clock,
    saved,
    superseded_move,
    timers_of,
)

NAME = "triage.requests"
VERSION = "1"


def decide(event: TriageRequested, cases: Cases, now: datetime) -> Outcome[SlaChanged]:
    """The lead's item with the newest questions; nothing for old news."""
    case = cases.of(event.lead_id)
    moved = after_request(case, event, now)
    if moved is case or moved.item is None:
        return Outcome()
    overtaken = () if case.open_item is None else (replace(case.open_item, status="superseded", closed_at=now),)
    scribe = Scribe(event.event_id, NAME, VERSION, now)
    moves = [*map(superseded_move, overtaken), status_move(moved.item, None, "the router asks a person")]
    return Outcome(
        emits=replacing_clock(case.open_item, moved.item, now),
        settled=scribe.settled(moved.item, moves),
        timers=timers_of(moved.item),
        state=moved,
    )


def requests_stage(store: CaseStore) -> Stage[TriageRequested, Cases]:
    """The stage, on a store."""

    async def gather(events: Sequence[TriageRequested]) -> Cases:
        return await gathered(store, (event.lead_id for event in events))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    return Stage(NAME, "triage", VERSION, TRIAGE_REQUESTED, (SLA_CHANGED,), gather, decide, advanced, save)
