"""A member's leads and one lead's route as plain data, for people who ask."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.policy.business_time import working_minutes
from libs.policy.policy import Policy
from libs.policy.promise import TRIAGE
from libs.policy.sla import BusinessCalendar
from services.router.domain.clock import clock_of
from services.router.domain.hours import calendar_of
from services.router.domain.notices import waits_for
from services.router.domain.records import ClockName, DayException, LeadRow, is_pending, stored_lead

LeadState = Literal["active", "offered", "accepted", "overdue", "met", "waiting", "gone", "all"]
"""Of a member's leads: not touched yet, offered and open, accepted, past the first touch that was due, touched, of
their account and waiting for a person, offered once and gone to somebody else."""
Shown = dict[str, JsonValue]
CLOCKS: tuple[ClockName, ...] = ("accept", "triage", "first_touch", "follow_up")


def state_of(row: LeadRow, member: str | None = None) -> str:
    """Where a lead stands: the word that it is listed under."""
    owner = row.route.owner.id if row.route.owner else None
    if member is not None and not row.settled and waits_for(row) == RecordRef(type="member", id=member):
        return "waiting"
    if member is not None and owner != member:
        return "gone"
    if owner is None or not row.settled:
        return "with a person"
    if row.sla == "met":
        return "met"
    if row.sla == "breached":
        return "overdue"
    return "offered" if is_pending(row) else "accepted"


def lead_shown(
    row: LeadRow, policy: Policy, exceptions: Iterable[DayException], now: datetime, member: str | None = None
) -> Shown:
    """A lead in a list: who it is, why it came, where it stands, and what its clocks leave."""
    lead, state, days = stored_lead(row), state_of(row, member), tuple(exceptions)
    running = () if state == "gone" else CLOCKS  # somebody else's clocks say nothing to whom it was taken from
    own = calendar_of(policy, policy.sla.calendar_name(row.route.queue), days)
    asked = calendar_of(policy, policy.sla.triage_calendar(row.route.queue or TRIAGE), days)
    return {
        "lead_id": row.lead_id,
        "version": row.version,
        "name": lead.text("name"),
        "company": lead.text("company"),
        "queue": row.route.queue,
        "owner": row.route.owner.id if row.route.owner else None,
        "state": state,
        "why": row.route.reason,
        "rule": row.route.rule,
        "priority": lead.score.priority if lead.score else None,
        "clocks": [
            clock_shown(name, row, asked if name == "triage" else own, now)
            for name in running
            if clock_of(row, name).due_at is not None
        ],
        "notes": list(row.route.notes[-3:]),
    }


def route_shown(row: LeadRow, policy: Policy, exceptions: Iterable[DayException], now: datetime) -> Shown:
    """Why a lead is where it is: its route with every rule that was asked, to whom it was offered, its clocks."""
    more: Shown = {
        "route": row.route.model_dump(mode="json"),
        "offered_to": list(row.offered),
        "accepted": row.accepted,
        "policy_hash": stored_lead(row).policy_hash,
    }
    return {**lead_shown(row, policy, exceptions, now), **more}


def clock_shown(name: ClockName, row: LeadRow, calendar: BusinessCalendar, now: datetime) -> Shown:
    """A clock; `minutes_left` are working minutes, negative when it is over, None when it does not run."""
    clock = clock_of(row, name)
    assert clock.due_at is not None
    left = working_minutes(now, clock.due_at, calendar) - working_minutes(clock.due_at, now, calendar)
    counts = clock.state in ("running", "breached")
    return {
        "clock": name, "state": clock.state, "due_at": clock.due_at.isoformat(),
        "minutes_left": round(left) if counts else None,
    }  # fmt: skip
