"""Promised times: first touch, taking an offer, following up; when they are due in working time, and what is told of them.

A clock's instants are fixed when it starts and ride on its timers. What is told of it happened `at` its own instant,
however late the timer was heard, so that a replay breaches at the same instants.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime

from libs.contracts.change import RecordRef
from libs.contracts.events import SlaChanged, Waiting
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Timer
from libs.policy.policy import Policy
from libs.policy.promise import TRIAGE, Promise, promise, waiting
from services.router.domain.hours import calendar_of
from services.router.domain.records import Clock, ClockName, DayException, LeadRow, SlaState

STEPS = ("remind", "due", "escalate")
TIMER = "sla_due"
"""Name of the first touch's timer and of the command that it becomes."""
TIMERS: Mapping[str, tuple[ClockName, str]] = {
    **{f"sla_{step}": ("first_touch", step) for step in STEPS},
    **{f"accept_{step}": ("accept", step) for step in STEPS},
    **{f"follow_up_{step}": ("follow_up", step) for step in STEPS},
}
"""Which clock and step a timer's command is about."""
OVER = ("met", "breached")


def first_touch(
    lead: Lead, route: Route, policy: Policy, minutes: int | None, exceptions: Iterable[DayException]
) -> Promise:
    """The promise of a first touch: from the submission on, so that waiting in triage counts."""
    wanted = minutes if minutes is not None else policy.sla.first_touch_minutes(route.queue)
    calendar = calendar_of(policy, policy.sla.calendar_name(route.queue), exceptions)
    return promise(lead.submission.received_at, wanted, policy.sla, calendar)


def accepting(route: Route, policy: Policy, exceptions: Iterable[DayException], now: datetime) -> Promise | None:
    """The promise of whoever a lead is offered to: from the offer on; None when the queue makes no offers."""
    minutes = policy.sla.accept_minutes(route.queue)
    calendar = calendar_of(policy, policy.sla.calendar_name(route.queue), exceptions)
    return None if minutes is None else promise(now, minutes, policy.sla, calendar)


def following_up(route: Route, policy: Policy, exceptions: Iterable[DayException], now: datetime) -> Promise | None:
    """The promise of a follow-up: from the first touch on; None when the queue promises none."""
    minutes = policy.sla.follow_up_minutes(route.queue)
    calendar = calendar_of(policy, policy.sla.calendar_name(route.queue), exceptions)
    return None if minutes is None else promise(now, minutes, policy.sla, calendar)


def asked_since(row: LeadRow | None, cause_is_answer: bool, now: datetime) -> datetime:
    """When a lead that is asked about now began to wait: an answer begins a new wait, a newer version goes on with it."""
    held = None if row is None or cause_is_answer else clock_of(row, "triage").since
    return held or now


def triage_clock(policy: Policy, queue: str | None, since: datetime, exceptions: Iterable[DayException]) -> Waiting:
    """The clock of a lead that waits for a person in `queue`, in working time with the days that are records."""
    name = queue or TRIAGE
    return waiting(since, policy.sla, name, calendar_of(policy, policy.sla.triage_calendar(name), exceptions))


def with_triage(row: LeadRow, clock: Waiting | None) -> LeadRow:
    """The row with triage's clock running, or without one. One that was breached in the same wait stays so."""
    others = {name: held for name, held in row.clocks.items() if name != "triage"}
    if clock is None:
        return row if others == row.clocks else replace(row, clocks=others)
    before = clock_of(row, "triage")
    over = before.state == "breached" and (before.since, before.due_at) == (clock.since, clock.due_at)
    state: SlaState = "breached" if over else "running"
    return replace(row, clocks={**others, "triage": Clock(state, clock.due_at, clock.since)})


def clock_moves(
    lead_id: str, route: Route, row: LeadRow | None, promised: Promise | None
) -> tuple[SlaState, tuple[SlaChanged, ...], tuple[Timer, ...]]:
    """The first touch's state after a route, what is told of it, and its timers. One that was met or breached stays so."""
    held = row.sla if row is not None else "none"
    if held in OVER:
        return held, (), ()
    if promised is None:
        stopped = (told(lead_id, "first_touch", "stopped", None, route.owner),) if held == "running" else ()
        return "none", stopped, timers("first_touch", lead_id, None)
    if row is not None and held == "running" and row.due_at == promised.due and row.route.owner == route.owner:
        return "running", (), ()
    started = told(lead_id, "first_touch", "started", promised.due, route.owner)
    return "running", (started,), timers("first_touch", lead_id, promised)


def timers(clock: ClockName, lead_id: str, promised: Promise | None) -> tuple[Timer, ...]:
    """A clock's timers; those of one that stops are cancelled."""
    names = [name for name, (of, _) in TIMERS.items() if of == clock]
    if promised is None:
        return tuple(Timer(name, lead_id, None) for name in names)
    due = promised.due.isoformat()
    return tuple(
        Timer(name, lead_id, at, {"due_at": due, "at": at.isoformat()})
        for name, at in zip(names, promised, strict=True)
    )


def told(
    lead_id: str,
    clock: ClockName,
    state: str,
    due: datetime | None,
    owner: RecordRef | None,
    at: datetime | None = None,
) -> SlaChanged:
    """What is told of a clock; `at` is the instant at which it happened."""
    return SlaChanged(lead_id=lead_id, clock=clock, state=state, due_at=due, owner=owner, at=at)


def clock_of(row: LeadRow, clock: ClockName) -> Clock:
    """One clock of a lead."""
    return Clock(row.sla, row.due_at) if clock == "first_touch" else row.clocks.get(clock, Clock())


def with_clock(row: LeadRow, clock: ClockName, state: SlaState, due: datetime | None = None) -> LeadRow:
    """The row with one clock in another state; without `due` its instant stays."""
    kept = due or clock_of(row, clock).due_at
    if clock == "first_touch":
        return replace(row, sla=state, due_at=kept)
    return replace(row, clocks={**row.clocks, clock: Clock(state, kept, clock_of(row, clock).since)})


def met(row: LeadRow, clock: ClockName, at: datetime) -> tuple[LeadRow, tuple[SlaChanged, ...], tuple[Timer, ...]]:
    """A clock that somebody met, if it runs or ran out: what is told only of one that runs."""
    held = clock_of(row, clock)
    if held.state in ("none", "met"):
        return row, (), ()
    now = (told(row.lead_id, clock, "met", held.due_at, row.route.owner, at),) if held.state == "running" else ()
    return with_clock(row, clock, "met"), now, timers(clock, row.lead_id, None)


def started(
    row: LeadRow, clock: ClockName, promised: Promise
) -> tuple[LeadRow, tuple[SlaChanged, ...], tuple[Timer, ...]]:
    """A clock that begins to run."""
    now = told(row.lead_id, clock, "started", promised.due, row.route.owner)
    return with_clock(row, clock, "running", promised.due), (now,), timers(clock, row.lead_id, promised)


def stopped(row: LeadRow, clock: ClockName) -> tuple[LeadRow, tuple[SlaChanged, ...], tuple[Timer, ...]]:
    """A clock that nobody has to meet any more."""
    held = clock_of(row, clock)
    if held.state != "running":
        return row, (), ()
    now = told(row.lead_id, clock, "stopped", held.due_at, row.route.owner)
    return with_clock(row, clock, "none"), (now,), timers(clock, row.lead_id, None)
