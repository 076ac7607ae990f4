"""Router: lead.scored.v1 in; lead.routed.v1 out, with triage requests, CRM writes and the first-touch clock beside it."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, LeadScored
from libs.contracts.outcome import Outcome
from libs.contracts.topics import CRM_WRITE, LEAD_ROUTED, LEAD_SCORED, NOTICE_GIVEN, SLA_CHANGED, TRIAGE_REQUESTED
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.router.domain.known import Known
from services.router.domain.notices import with_notices
from services.router.domain.resumed import resumed
from services.router.domain.routing import Cause, routed
from services.router.stage.gathering import VERSION, State, applied, deltas_of, gathered

NAME = "router"
OUT = (LEAD_ROUTED, TRIAGE_REQUESTED, CRM_WRITE, SLA_CHANGED, NOTICE_GIVEN)


def decide_scored(event: LeadScored, known: Known, now: datetime) -> Outcome[Event]:
    """The lead's route and all that follows; nothing for a version that was overtaken."""
    cause = Cause(event.event_id, NAME, VERSION, now)
    known = known.at(now)
    outcome = resumed(event.lead, known, cause) or routed(event.lead, known, cause)
    return with_notices(outcome, event.lead.lead_id, known, cause)


def scored_stage(state: State, policies: PolicyVersions, batch_max: int = 500) -> Stage[LeadScored, Known]:
    """The stage `router`, over its state."""

    async def gather(events: Sequence[LeadScored]) -> Known:
        return await gathered(state, policies, [event.lead for event in events])

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    return Stage(NAME, "router", VERSION, LEAD_SCORED, OUT, gather, decide_scored, applied, save, batch_max)
