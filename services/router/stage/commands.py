"""Router's commands, keyed by the lead's id.

Reps send `accept` {}, `reject` {"reason"}, `touched` {}, `followed_up` {} and `comment` {"text"}, each with "member" when
the actor's id is not the member's; managers `reassign` {"owner", "reason"}; timers the steps of clocks (`clock.TIMERS`);
crm `conflict` (ConflictArguments); triage `triage_clock` {"state", "at", "due_at", "role"}. By the member: `notices_read`
{"upto"}. By the autonomy key: `raise_level` {"reason"} and `lower_level` {"reason", "to"}.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from libs.contracts.conflict import CONFLICT
from libs.contracts.events import Command, Event
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import AUTONOMY_CHANGED, COMMANDS, LEAD_FEEDBACK
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.router.domain.clock import TIMERS
from services.router.domain.commanded import (
    Refused,
    commented,
    followed_up,
    ran_out,
    reassigned,
    refused_by,
    taken_by,
    touched,
)
from services.router.domain.conflicts import conflicted
from services.router.domain.known import Known, Wanted
from services.router.domain.levels import LOWER, RAISE, level_commanded
from services.router.domain.notices import (
    CHANNEL_TOLD,
    READ,
    ROLLBACK_TOLD,
    TRIAGE_CLOCK,
    channel_told,
    notices_read,
    rollback_told,
    triage_step,
    with_notices,
)
from services.router.domain.records import LeadRow, stored_lead
from services.router.domain.routing import Cause
from services.router.stage.gathering import VERSION, State, applied, deltas_of, gathered
from services.router.stage.scored import OUT

NAME = "router.commands"


def decide_command(event: Command, known: Known, now: datetime) -> Outcome[Event]:
    """What a command leads to. Raises Rejected, which refuses it, with the reason."""
    if event.name in (RAISE, LOWER):
        return _level(event, known, now)
    row = known.leads.get(event.key)
    if event.name in (TRIAGE_CLOCK, READ, ROLLBACK_TOLD, CHANNEL_TOLD):
        return _told(event, row, known, Cause(event.event_id, NAME, VERSION, now))
    if row is None:
        raise Rejected(RejectionReason.INVALID, f"no routed lead {event.key} is known")
    try:
        outcome = _commanded(event, row, known.at(now), now)
    except Refused as refusal:
        raise Rejected(RejectionReason.INVALID, str(refusal)) from refusal
    return with_notices(outcome, event.key, known, Cause(event.event_id, NAME, VERSION, now))


def _told(event: Command, row: LeadRow | None, known: Known, cause: Cause) -> Outcome[Event]:
    try:
        if event.name == ROLLBACK_TOLD:
            return rollback_told(event, known, cause)
        if event.name == CHANNEL_TOLD:
            return channel_told(event, known, cause)
        return notices_read(event) if event.name == READ else triage_step(event, row, known, cause)
    except Refused as refusal:
        raise Rejected(RejectionReason.INVALID, str(refusal)) from refusal


def _level(event: Command, known: Known, now: datetime) -> Outcome[Event]:
    try:
        return level_commanded(event, known, Cause(event.event_id, NAME, VERSION, now, person=event.actor.id))
    except Refused as refusal:
        raise Rejected(RejectionReason.INVALID, str(refusal)) from refusal


def _commanded(event: Command, row: LeadRow, known: Known, now: datetime) -> Outcome[Event]:
    cause = Cause(event.event_id, NAME, VERSION, now)
    match event.name:
        case name if name in TIMERS:
            return ran_out(event, row, known, cause)
        case "accept":
            return taken_by(event, row, known, cause)
        case "reject":
            return refused_by(event, row, known, cause)
        case "touched":
            return touched(event, row, known, cause)
        case "followed_up":
            return followed_up(event, row, cause)
        case "comment":
            return commented(event, row)
        case "reassign":
            return reassigned(event, row, known, replace(cause, person=event.actor.id))
        case name if name == CONFLICT:
            return conflicted(event, row, known, now)
        case _:
            raise Refused(f"router has no command {event.name}: reassign, touched")


def commands_stage(state: State, policies: PolicyVersions, batch_max: int = 100) -> Stage[Command, Known]:
    """The stage `router.commands`, over its state."""

    async def gather(events: Sequence[Command]) -> Known:
        keys = frozenset(event.key for event in events if event.name in (RAISE, LOWER))
        leads = frozenset(event.key for event in events) - keys
        wanted = Wanted(leads=leads, pools=True, earned=keys)
        rows = (await state.known(wanted)).leads.values()
        # suppression is asked again, and entries name people by what the leads say
        return await gathered(state, policies, [stored_lead(row) for row in rows], (wanted,))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    out = (*OUT, AUTONOMY_CHANGED, LEAD_FEEDBACK)
    return Stage(NAME, "router", VERSION, COMMANDS["router"], out, gather, decide_command, applied, save, batch_max)
