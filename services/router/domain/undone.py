"""A decision that its person took back: its answers are forgotten, and a lead that went out because of it waits again."""

from dataclasses import replace

from libs.contracts.events import Event, LeadRouted, TriageDecided
from libs.contracts.outcome import Outcome
from services.router.domain.clock import triage_clock, with_triage
from services.router.domain.holds import context_of
from services.router.domain.known import Known
from services.router.domain.plan import Plan
from services.router.domain.questions import is_conflict, route_question_id
from services.router.domain.records import Delta, LeadRow
from services.router.domain.routing import Cause, outcome_of


def undone(event: TriageDecided, known: Known, cause: Cause) -> Outcome[Event]:
    """The memory without the answers, and the lead as it stood when it was asked about: whoever got it loses it, and is told.

    Whoever accepted or touched it keeps it until somebody decides anew, and so does a lead that went on since.
    """
    asked = {one.question_id: one for one in event.questions}
    gone = tuple((event.lead_id, one.question_id) for one in event.taken_back)
    forgotten = Delta(unanswered=(*gone, (event.lead_id, route_question_id(event.lead_id))))
    row, lead = known.leads.get(event.lead_id), event.lead
    said = [one for one in event.taken_back if one.question_id in asked and not is_conflict(asked[one.question_id])]
    moved = any(one.verdict != "block" for one in said)
    if lead is None or lead.route is None or row is None or not moved or not _withdraws(event, row):
        return Outcome(state=forgotten, answer={"forgotten": len(gone)})
    told = replace(known, answered={key: one for key, one in known.answered.items() if key not in forgotten.unanswered})
    back = lead.route.model_copy(update={"notes": (*lead.route.notes, f"{event.actor.id} took a decision back")})
    cause = replace(cause, person=event.actor.id)
    outcome = outcome_of(lead, Plan(back, settled=False, asks=False), context_of(lead, told), told, cause)
    state = outcome.state
    assert isinstance(state, Delta)
    assert state.lead is not None
    assert isinstance(outcome.next, LeadRouted)
    clock = triage_clock(told.policy(lead), back.queue, cause.now, told.exceptions.values())
    out = outcome.next.lead.model_copy(update={"reviews": lead.reviews})
    waiting = with_triage(replace(state.lead, lead=out.model_dump_json().encode()), clock)
    return replace(
        outcome,
        next=outcome.next.model_copy(update={"lead": out}),
        state=replace(state, lead=waiting, unanswered=forgotten.unanswered),
        answer={"withdrawn": event.lead_id},
    )


def _withdraws(event: TriageDecided, row: LeadRow) -> bool:
    return not event.reenters and row.version == event.lead_version and not row.accepted and row.sla != "met"
