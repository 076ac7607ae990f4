"""First touch: when it is due in working time, and what changes of a lead's clock are told and timed."""

from datetime import datetime

from libs.contracts.events import SlaChanged
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Timer
from libs.policy.business_time import due_at
from libs.policy.policy import Policy
from services.router.domain.records import LeadRow, SlaState

TIMER = "sla_due"
"""Name of the timer and of the command that it becomes."""


def first_touch_due(lead: Lead, route: Route, policy: Policy, minutes: int | None) -> datetime:
    """When the first touch is due (UTC): working time since the submission came in, so that waiting in triage counts."""
    wanted = minutes if minutes is not None else policy.sla.first_touch_minutes(route.queue)
    return due_at(lead.submission.received_at, wanted, policy.sla.calendar(route.queue))


def triage_due(policy: Policy, now: datetime) -> datetime:
    """When a triage item that opens now is due (UTC)."""
    triage = policy.sla.triage
    calendar = policy.sla.calendars[triage.calendar] if triage.calendar else policy.sla.calendar()
    return due_at(now, triage.item_minutes, calendar)


def clock_moves(
    lead_id: str, route: Route, row: LeadRow | None, due: datetime | None
) -> tuple[SlaState, tuple[SlaChanged, ...], tuple[Timer, ...]]:
    """The clock's state after a route, the events that say so, and its timer. A clock that was met or breached stays so."""
    held = row.sla if row is not None else "none"
    if held in ("met", "breached"):
        return held, (), ()
    if due is None:
        stopped = (_changed(lead_id, "stopped", None, route),) if held == "running" else ()
        return "none", stopped, (Timer(TIMER, lead_id, None),)
    if row is not None and held == "running" and row.due_at == due and row.route.owner == route.owner:
        return "running", (), ()
    timer = Timer(TIMER, lead_id, due, {"due_at": due.isoformat()})
    return "running", (_changed(lead_id, "started", due, route),), (timer,)


def _changed(lead_id: str, state: str, due: datetime | None, route: Route) -> SlaChanged:
    return SlaChanged(lead_id=lead_id, clock="first_touch", state=state, due_at=due, owner=route.owner)


def ended(row: LeadRow, state: str) -> SlaChanged:
    """The clock of a lead met or breached."""
    return _changed(row.lead_id, state, row.due_at, row.route)
