"""Routed leads: lead.routed.v1 in; items that a newer version or a settled route overtakes are closed."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import LeadRouted, SlaChanged
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_ROUTED, SLA_CHANGED
from libs.runtime.stage import Stage
from services.triage.domain.item import after_route
from services.triage.domain.record import Scribe
from services.triage.stage.cases import (
    Cases,
    CaseStore,
    advanced,
    closing_clock,
    gathered,
    saved,
    superseded_move,
    timers_of,
)

NAME = "triage.routed"
VERSION = "1"


def decide(event: LeadRouted, cases: Cases, now: datetime) -> Outcome[SlaChanged]:
    """The lead's case with this version in it, and its item closed when that overtakes it."""
    case = cases.of(event.lead.lead_id)
    if case.decided is not None and case.decided.undone and event.caused_by == case.decided.event_id:
        return Outcome()  # what the decision led to, heard of after it was taken back
    moved = after_route(case, event.lead.version, event.route, now, len(event.lead.reviews))
    if moved is case:
        return Outcome()
    if case.open_item is None or moved.item is None or moved.item.status == "open":
        return Outcome(state=moved)
    scribe = Scribe(event.event_id, NAME, VERSION, now)
    return Outcome(
        emits=closing_clock(moved.item, now),
        settled=scribe.settled(moved.item, [superseded_move(moved.item)]),
        timers=timers_of(moved.item),
        state=moved,
    )


def routed_stage(store: CaseStore) -> Stage[LeadRouted, Cases]:
    """The stage, on a store."""

    async def gather(events: Sequence[LeadRouted]) -> Cases:
        return await gathered(store, (event.lead.lead_id for event in events))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    return Stage(NAME, "triage", VERSION, LEAD_ROUTED, (SLA_CHANGED,), gather, decide, advanced, save)
