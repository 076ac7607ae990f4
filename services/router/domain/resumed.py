"""A route that a person chose together with a change of facts goes on with the version that the change made."""

from dataclasses import replace

from libs.contracts.events import Answer, Event
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Outcome
from services.router.domain.decided import answered_plan
from services.router.domain.holds import context_of
from services.router.domain.known import Known
from services.router.domain.plan import planned
from services.router.domain.questions import route_question_id
from services.router.domain.records import LeadRow
from services.router.domain.routing import Cause, outcome_of

OPEN = frozenset(("identity", "conflict", "policy", "failure"))
"""Questions of the new version that come before its route, whatever was chosen."""


def resumed(lead: Lead, known: Known, cause: Cause) -> Outcome[Event] | None:
    """All that follows from the remembered choice; None when there is none for this version, or it has to be asked anew:
    its identity is open, or the rules offer something else than what a yes was said to."""
    row = known.leads.get(lead.lead_id)
    said = known.answered.get((lead.lead_id, route_question_id(lead.lead_id)))
    told = said.value if said is not None and isinstance(said.value, dict) else {}
    overtaken = row is not None and lead.version <= row.version
    if (
        said is None
        or told.get("version") != lead.version
        or overtaken
        or any(one.kind in OPEN for one in lead.reviews)
    ):
        return None
    offered = Route.model_validate(told["offered"]) if told.get("offered") else None
    if said.verdict != "route" and not _still_offered(said.verdict, offered, lead, known, row, cause):
        return None
    answer = Answer(question_id=said.question_id, verdict=said.verdict, value=told.get("value"))
    cause, context = replace(cause, person=said.actor_id), context_of(lead, known)
    plan = answered_plan(
        offered or (row.route if row else None), answer, said.actor_id, lead, context, known, row, cause
    )
    return outcome_of(lead, plan, context, known, cause)


def _still_offered(
    verdict: str, offered: Route | None, lead: Lead, known: Known, row: LeadRow | None, cause: Cause
) -> bool:
    plan = planned(lead, context_of(lead, known), known, row, cause.now)
    now = plan.route if plan.settled else plan.suggestion
    same = (
        now is not None and offered is not None and (now.destination, now.queue) == (offered.destination, offered.queue)
    )
    return verdict == "approve" and same
