"""Router's commands, keyed by the lead's id, and reps' feedback.

People send `reassign` {"owner", "reason"} and `touched` {}, the timer `sla_due`, crm `conflict` (ConflictArguments). By the
autonomy key: `raise_level` {"reason"} and `lower_level` {"reason", "to"}.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.conflict import CONFLICT
from libs.contracts.events import Command, Event, LeadFeedback
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import AUTONOMY_CHANGED, COMMANDS, LEAD_FEEDBACK, SLA_CHANGED
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.router.domain.clock import TIMER
from services.router.domain.commanded import Refused, breached, reassigned, touched
from services.router.domain.conflicts import conflicted
from services.router.domain.known import Known, Wanted
from services.router.domain.levels import LOWER, RAISE, level_commanded
from services.router.domain.records import LeadRow
from services.router.domain.routing import Cause
from services.router.stage.gathering import VERSION, State, applied, deltas_of, gathered
from services.router.stage.scored import OUT

NAME = "router.commands"
TOUCHES = ("touched", "accepted")
"""Feedback of a rep that ends the first-touch clock."""


def decide_command(event: Command, known: Known, now: datetime) -> Outcome[Event]:
    """What a command leads to. Raises Rejected, which refuses it, with the reason."""
    if event.name in (RAISE, LOWER):
        return _level(event, known, now)
    row = known.leads.get(event.key)
    if row is None:
        raise Rejected(RejectionReason.INVALID, f"no routed lead {event.key} is known")
    try:
        return _commanded(event, row, known, now)
    except Refused as refusal:
        raise Rejected(RejectionReason.INVALID, str(refusal)) from refusal


def _level(event: Command, known: Known, now: datetime) -> Outcome[Event]:
    try:
        return level_commanded(event, known, Cause(event.event_id, NAME, VERSION, now, person=event.actor.id))
    except Refused as refusal:
        raise Rejected(RejectionReason.INVALID, str(refusal)) from refusal


def _commanded(event: Command, row: LeadRow, known: Known, now: datetime) -> Outcome[Event]:
    match event.name:
        case name if name == TIMER:
            return breached(event, row)
        case "touched":
            return touched(row, known)
        case "reassign":
            return reassigned(event, row, known, Cause(event.event_id, NAME, VERSION, now, person=event.actor.id))
        case name if name == CONFLICT:
            return conflicted(event, row, known, now)
        case _:
            raise Refused(f"router has no command {event.name}: reassign, touched")


def commands_stage(state: State, policies: PolicyVersions, batch_max: int = 100) -> Stage[Command, Known]:
    """The stage `router.commands`, over its state."""

    async def gather(events: Sequence[Command]) -> Known:
        keys = frozenset(event.key for event in events if event.name in (RAISE, LOWER))
        leads = frozenset(event.key for event in events) - keys
        return await gathered(state, policies, (), (Wanted(leads=leads, pools=True, earned=keys),))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    out = (*OUT, AUTONOMY_CHANGED)
    return Stage(NAME, "router", VERSION, COMMANDS["router"], out, gather, decide_command, applied, save, batch_max)


def decide_feedback(event: LeadFeedback, known: Known, now: datetime) -> Outcome[Event]:  # noqa: ARG001
    """A rep who accepted or touched a lead ends its clock; other feedback changes no route."""
    row = known.leads.get(event.lead_id)
    return touched(row, known) if row is not None and event.kind in TOUCHES else Outcome()


def feedback_stage(state: State, policies: PolicyVersions, batch_max: int = 100) -> Stage[LeadFeedback, Known]:
    """The stage `router.feedback`, over its state."""

    async def gather(events: Sequence[LeadFeedback]) -> Known:
        wanted = Wanted(leads=frozenset(event.lead_id for event in events), pools=True)
        return await gathered(state, policies, (), (wanted,))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    out = (SLA_CHANGED,)
    return Stage(
        "router.feedback", "router", VERSION, LEAD_FEEDBACK, out, gather, decide_feedback, applied, save, batch_max
    )
