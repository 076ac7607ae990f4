"""A decision that its person took back: its answers are forgotten, and a lead that went out because of it waits again."""

from dataclasses import replace

from libs.contracts.events import Event, LeadRouted, TriageDecided, TriageRequested
from libs.contracts.outcome import Outcome
from services.router.domain.holds import context_of
from services.router.domain.known import Known
from services.router.domain.plan import Plan
from services.router.domain.questions import is_conflict, route_question_id
from services.router.domain.records import Delta, LeadRow, Party
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
    plan = Plan(back, settled=False, asks=True, suggestion=event.suggested)
    outcome = outcome_of(lead, plan, context_of(lead, told), told, cause)
    state = outcome.state
    assert isinstance(state, Delta)
    assert state.lead is not None
    assert isinstance(outcome.next, LeadRouted)
    out = outcome.next.lead.model_copy(update={"reviews": lead.reviews})
    waiting = replace(state.lead, lead=out.model_dump_json().encode())
    return replace(
        outcome,
        next=outcome.next.model_copy(update={"lead": out}),
        emits=tuple(one for one in outcome.emits if not isinstance(one, TriageRequested)),  # triage has the questions
        state=replace(state, lead=waiting, unanswered=forgotten.unanswered, parties=_given_back(row, known)),
        answer={"withdrawn": event.lead_id},
    )


def _given_back(row: LeadRow, known: Known) -> tuple[Party, ...]:
    """The lead's contact and company without the owner that they got by it. What the CRM holds, its rollback takes back."""
    owner = row.route.owner.id if row.route.owner else None
    held = [known.party(one) for one in (row.contact_id, row.company_id)]
    return tuple(
        replace(party, assigned=None) for party in held if party is not None and owner and party.assigned == owner
    )


def _withdraws(event: TriageDecided, row: LeadRow) -> bool:
    return not event.reenters and row.version == event.lead_version and not row.accepted and row.sla != "met"
