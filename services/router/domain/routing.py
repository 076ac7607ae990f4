"""From a plan to everything that follows: the routed lead, one triage request, the CRM's writes, clock and state."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import ProposedChange, RecordRef
from libs.contracts.events import Event, LeadRouted, Question, SlaChanged
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Outcome, Timer
from libs.policy.facts import lead_facts
from libs.policy.policy import Policy
from libs.policy.promise import Promise
from services.router.domain.clock import (
    accepting,
    asked_since,
    clock_moves,
    first_touch,
    started,
    stopped,
    triage_clock,
    with_triage,
)
from services.router.domain.earned import let_out
from services.router.domain.handoff import handoff_changes
from services.router.domain.holds import Context, context_of, record_facts
from services.router.domain.known import Known
from services.router.domain.plan import BY_PERSON, SENDING, Plan, planned
from services.router.domain.questions import (
    asked_reviews,
    proposal_question,
    review_question,
    route_question,
    triage_request,
)
from services.router.domain.records import AnsweredQuestion, Delta, LeadRow, Load, Party, is_pending
from services.router.domain.routing_facts import recorded
from services.router.domain.shadow import with_shadow
from services.router.domain.turns import Turn, released
from services.router.domain.writes import (
    Sorted,
    approved_by,
    as_answered,
    audited,
    crm_writes,
    owner_changes,
    route_changes,
    sorted_proposals,
)


@dataclass(frozen=True, slots=True)
class Cause:
    """What is being decided on: the input's id, the stage that decides, its recorded time, and the person who acted."""

    event_id: str
    stage: str
    version: str
    now: datetime
    person: str | None = None


def routed(lead: Lead, known: Known, cause: Cause) -> Outcome[Event]:
    """All that follows from a scored lead; nothing for a version that was overtaken or routed already."""
    row = known.leads.get(lead.lead_id)
    if row is not None and lead.version <= row.version:
        return Outcome(answer={"overtaken": lead.lead_id, "version": row.version})
    context = context_of(lead, known)
    plan = planned(lead, context, known, row, cause.now)
    return outcome_of(lead, with_shadow(plan, lead, context, known, row, cause.now), context, known, cause)


def outcome_of(
    lead: Lead, plan: Plan, context: Context, known: Known, cause: Cause, answered: tuple[AnsweredQuestion, ...] = ()
) -> Outcome[Event]:
    """The outcome of a plan; `answered` are a person's answers that go with it."""
    row = known.leads.get(lead.lead_id)
    plan = _with_record(_with_offer(plan, known.policy(lead), row), lead, context, cause)
    sorting = _sorted(lead, plan, context, known, cause)
    questions = _questions(lead, plan, known, sorting) if plan.asks else ()
    writes = _writes(sorting, cause) if plan.settled and plan.route.destination in SENDING else ()
    promised = _first_touch(lead, plan, known)
    due = promised.due if promised else None
    sla, told, timers = clock_moves(lead.lead_id, plan.route, row, promised)
    route = plan.route.model_copy(update={"sla_due_at": due})
    out = lead.model_copy(update={"route": route, "reviews": tuple(question.review for question in questions)})
    kept, clocks, more = _offered(_row(out, plan, due, sla, row), lead, plan, known, cause)
    emits: list[Event] = [*told, *clocks]
    clock = None
    if questions:
        since = asked_since(row, cause.person is not None, cause.now)
        clock = triage_clock(known.policy(lead), route.queue, since, known.exceptions.values())
        emits.append(triage_request(out, questions, plan.suggestion, clock))
    emits += crm_writes(lead, writes, f"{cause.stage}:{route.rule}:{cause.event_id}")
    moves = (*sorting.asked, *sorting.refused)
    return Outcome(
        next=LeadRouted(lead=out, route=route),
        changes=(*_lead_changes(lead, plan, cause), *_approved_facts(lead, known)),
        emits=tuple(emits),
        settled=audited(lead, cause.event_id, cause.stage, cause.version, cause.now, moves),
        timers=(*timers, *more),
        state=replace(
            _state(out, plan, known, row),
            answered=answered,
            lead=with_triage(kept, clock),
            let_out=let_out(lead, writes, known.newest_policy(lead)),
        ),
        answer=_answer(route),
    )


def _sorted(lead: Lead, plan: Plan, context: Context, known: Known, cause: Cause) -> Sorted:
    """The proposals by what becomes of them; none of a lead that writes nothing, or whose identity is open."""
    if (
        plan.route.destination in ("disqualified", "suppressed")
        or not (plan.settled or plan.asks)
        or _identity_open(lead)
    ):
        return Sorted()
    owner = _first_owner(plan)
    firsts = owner_changes(lead, owner.id, known, plan.route.reason) if owner else ()
    firsts += _handoff(lead, plan, context, known)
    if cause.person:
        firsts = tuple(approved_by(change, cause.person) for change in firsts)
    return sorted_proposals(lead, (*lead.proposals, *firsts), known, known.mode(lead), context.held_for)


def _handoff(lead: Lead, plan: Plan, context: Context, known: Known) -> tuple[ProposedChange, ...]:
    """What whoever gets the lead reads about it, once it is theirs."""
    if not plan.settled or plan.route.destination not in SENDING:
        return ()
    held = (context.contact.fields if context.contact else None) or {}
    return handoff_changes(lead, plan.route, known.policy(lead), held)


def _with_record(plan: Plan, lead: Lead, context: Context, cause: Cause) -> Plan:
    """The plan with what the CRM says on its route, also when a person chose the way: the note is made of it."""
    if plan.route.record:
        return plan
    kept = recorded(lead_facts(lead, record_facts(context, cause.now)))
    return replace(plan, route=plan.route.model_copy(update={"record": kept}))


def _first_owner(plan: Plan) -> RecordRef | None:
    """Whom the lead's records get as their first owner: who got it by turn, or whom a person chose for it. Nobody yet
    when it is only offered."""
    route = plan.route
    gives = route.destination in ("queue", "nurture") or (route.destination == "owner" and route.rule == BY_PERSON)
    return route.owner if plan.settled and gives and not route.offer else None


def _identity_open(lead: Lead) -> bool:
    return any(review.kind == "identity" for review in lead.reviews)


def _questions(lead: Lead, plan: Plan, known: Known, sorting: Sorted) -> tuple[Question, ...]:
    """What people are asked: open identity first and alone with facts, else the route, then what is proposed."""
    raised = [review_question(lead, review) for review in asked_reviews(lead, held=not plan.settled)]
    new = [one for one in raised if one.proposal is None or (lead.lead_id, one.question_id) not in known.answered]
    if not plan.settled and not _identity_open(lead):
        new.append(route_question(lead, plan.route, plan.suggestion))
    asked = [proposal_question(lead, change, verdict) for change, verdict in sorting.asked]
    return tuple({question.question_id: question for question in (*new, *asked)}.values())


def _writes(sorting: Sorted, cause: Cause) -> Sequence[ProposedChange]:
    """What goes out: by itself, by people's answers, and, with a person's yes to the route, the lead's timeline."""
    riding = [approved_by(change, cause.person) for change in sorting.riding] if cause.person else []
    return [*sorting.out, *riding]


def _lead_changes(lead: Lead, plan: Plan, cause: Cause) -> tuple[ProposedChange, ...]:
    """The route as facts of the lead, once it is settled; with the person's yes that settled it."""
    if not plan.settled or plan.route.destination not in SENDING:
        return ()
    names = ("queue",) if plan.route.offer else ("queue", "owner")
    return route_changes(lead, plan.route, cause.person, names)


def _approved_facts(lead: Lead, known: Known) -> tuple[ProposedChange, ...]:
    """Queued changes of the lead's own fields that a person has said yes to, now or on an earlier version."""
    asked = [review_question(lead, review) for review in lead.reviews if review.kind == "change"]
    held = [(one.proposal, known.answered.get((lead.lead_id, one.question_id))) for one in asked]
    found = [as_answered(change, answer) for change, answer in held if change is not None and answer is not None]
    return tuple(change for change in found if change is not None)


def _first_touch(lead: Lead, plan: Plan, known: Known) -> Promise | None:
    """When first touch is due; no clock for leads that nobody is meant to touch, and none before the launch."""
    over = plan.settled and plan.route.destination in ("suppressed", "disqualified")
    if over or not (plan.settled or plan.asks):
        return None
    return first_touch(lead, plan.route, known.policy(lead), plan.sla_minutes, known.exceptions.values())


def _with_offer(plan: Plan, policy: Policy, row: LeadRow | None) -> Plan:
    """The plan as an offer, where the queue makes them: a turn's, or one that still stands from the version before."""
    offer = 0
    if plan.turn is not None and plan.turn.member is not None:
        offer = 1 if policy.sla.accept_minutes(plan.route.queue) is not None else 0
    elif row is not None and is_pending(row) and plan.settled and plan.route.owner == row.route.owner:
        offer = row.route.offer
    return plan if offer == plan.route.offer else replace(plan, route=plan.route.model_copy(update={"offer": offer}))


def _offered(
    row: LeadRow, lead: Lead, plan: Plan, known: Known, cause: Cause
) -> tuple[LeadRow, tuple[SlaChanged, ...], tuple[Timer, ...]]:
    """The row with the clock of a new offer running, and that of one that is over stopped."""
    if plan.turn is not None and plan.route.owner is not None and plan.route.offer:
        policy = known.policy(lead)
        promised = accepting(plan.route, policy, known.exceptions.values(), cause.now)
        row = replace(row, offered=(plan.route.owner.id,), accepted=False)
        return started(row, "accept", promised) if promised else (row, (), ())
    return (row, (), ()) if is_pending(row) else stopped(row, "accept")


def _state(lead: Lead, plan: Plan, known: Known, row: LeadRow | None) -> Delta:
    """Turns, loads and remembered owners. A lead that left its earlier owner by a person's word frees their place."""
    owner = plan.route.owner.id if plan.route.owner else None
    loads = loads_after(plan.turn, row) if plan.turn else {}
    before = row.route.owner.id if row and row.settled and row.pool and row.route.owner and row.sla != "met" else None
    if before is not None and before != owner and before in known.loads:
        loads[before] = released(known.loads[before])
    first = plan.route.owner if plan.route.offer else _first_owner(plan)
    assigned = _assigned(lead, first.id, known) if first else ()
    return Delta(parties=assigned, places=plan.turn.places if plan.turn else None, loads=loads)


def loads_after(turn: Turn, row: LeadRow | None) -> dict[str, Load]:
    """The loads after a turn. A lead that somebody spoke to already is nobody's untouched lead."""
    met = row is not None and row.sla == "met"
    return {one: released(load) if met else load for one, load in turn.loads.items()}


def _assigned(lead: Lead, owner: str, known: Known) -> tuple[Party, ...]:
    """Contact and company with the owner they just got: the next lead must find it before the CRM says so."""
    identity = lead.identity
    refs = [ref.id for ref in (identity.contact, identity.company) if ref] if identity else []
    held = [known.party(ref) or Party(ref) for ref in refs]
    return tuple(replace(party, assigned=owner) for party in held if not party.owner)


def _row(lead: Lead, plan: Plan, due: datetime | None, sla: str, row: LeadRow | None) -> LeadRow:
    identity = lead.identity
    same = row if row is not None and row.route.owner == plan.route.owner else None
    return LeadRow(
        lead_id=lead.lead_id,
        version=lead.version,
        route=lead.route or plan.route,
        settled=plan.settled,
        contact_id=identity.contact.id if identity else "",
        company_id=identity.company.id if identity and identity.company else None,
        due_at=due,
        sla=sla,  # type: ignore[arg-type]
        lead=lead.model_dump_json().encode(),
        pool=plan.turn.pool if plan.turn else same.pool if same else None,
        clocks=row.clocks if row else {},
        offered=same.offered if same else (),
        accepted=same.accepted if same else False,
    )


def _answer(route: Route) -> JsonValue:
    return {"destination": route.destination, "queue": route.queue, "owner": route.owner.id if route.owner else None}
