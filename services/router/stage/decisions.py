"""Router: triage.decided.v1 in; lead.routed.v1 out for answers about a route or a change, with the writes they release."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, TriageDecided
from libs.contracts.outcome import Outcome
from libs.contracts.topics import AUTONOMY_CHANGED, TRIAGE_DECIDED
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.router.domain.decided import decided
from services.router.domain.earned import answers_in
from services.router.domain.known import Known, Wanted
from services.router.domain.levels import with_counts
from services.router.domain.notices import with_notices
from services.router.domain.routing import Cause
from services.router.domain.undone import undone
from services.router.stage.gathering import VERSION, State, applied, deltas_of, gathered
from services.router.stage.scored import OUT

NAME = "router.decisions"


def decide_decision(event: TriageDecided, known: Known, now: datetime) -> Outcome[Event]:
    """What the person's answers release; what re-enters at dedupe is only remembered."""
    cause = Cause(event.event_id, NAME, VERSION, now, person=event.actor.id)
    known = known.at(now)
    if event.undoes:
        return with_notices(undone(event, known, cause), event.lead_id, known, cause)
    return with_notices(with_counts(decided(event, known, cause), event, known, cause), event.lead_id, known, cause)


def decisions_stage(state: State, policies: PolicyVersions, batch_max: int = 100) -> Stage[TriageDecided, Known]:
    """The stage `router.decisions`, over its state."""

    async def gather(events: Sequence[TriageDecided]) -> Known:
        leads = [event.lead for event in events if event.lead is not None]
        bare = [Wanted(leads=frozenset((event.lead_id,))) for event in events if event.lead is None]
        newest = policies.newest()
        keys = frozenset(told.key for event in events for told in answers_in(event, newest))
        return await gathered(state, policies, leads, [*bare, *([Wanted(earned=keys)] if keys else [])])

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    out = (*OUT, AUTONOMY_CHANGED)
    return Stage(NAME, "router", VERSION, TRIAGE_DECIDED, out, gather, decide_decision, applied, save, batch_max)
