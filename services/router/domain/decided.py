"""A person's answers in triage, put on the lead: its route goes out, or not, and what they approved is written."""

from collections.abc import Mapping
from dataclasses import replace

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.contracts.events import Answer, Event, LeadRouted, Question, TriageDecided
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Outcome
from libs.policy.launch import Allowance
from libs.policy.policy import Policy
from libs.policy.suppression import Hold
from services.router.domain.clock import with_triage
from services.router.domain.conflicts import answered_conflicts
from services.router.domain.earned import let_out
from services.router.domain.holds import Context, context_of, hold_of
from services.router.domain.known import Known
from services.router.domain.plan import BY_PERSON, HELD_QUEUE, SUPPRESSION, Plan, allowed_now, planned, taken
from services.router.domain.questions import is_conflict, route_question_id
from services.router.domain.records import AnsweredQuestion, Delta, LeadRow
from services.router.domain.routing import Cause, outcome_of
from services.router.domain.rules import pool_of, queue_pool
from services.router.domain.writes import as_answered, crm_writes

REJECTED = "rejected_by_person"


def remembered(event: TriageDecided) -> tuple[AnsweredQuestion, ...]:
    """The answers to proposed changes, to be found again when a later version proposes the same, and the route that was
    chosen together with a change of facts."""
    said = tuple(
        AnsweredQuestion(event.lead_id, question.question_id, answer.verdict, answer.value, event.actor.id)
        for question, answer in _answered(event)
        if question.proposal is not None
    )
    routes = [answer for question, answer in _answered(event) if question.review.kind == "route"]
    return (*said, *(_chosen_way(event, answer) for answer in routes if event.reenters))


def _chosen_way(event: TriageDecided, answer: Answer) -> AnsweredQuestion:
    """The answer for the version that the change of facts makes: see `resumed`."""
    offered = event.suggested.model_dump(mode="json") if event.suggested else None
    value: JsonValue = {"version": event.lead_version + 1, "value": answer.value, "offered": offered}
    return AnsweredQuestion(event.lead_id, route_question_id(event.lead_id), answer.verdict, value, event.actor.id)


def _answered(event: TriageDecided) -> list[tuple[Question, Answer]]:
    asked = {question.question_id: question for question in event.questions}
    return [(asked[answer.question_id], answer) for answer in event.answers if answer.question_id in asked]


def decided(event: TriageDecided, known: Known, cause: Cause) -> Outcome[Event]:
    """All that follows from a decision: the lead's own way, and the writes of conflicts, which don't depend on it."""
    if event.lead is None or event.actor.kind != "human":
        return Outcome(answer={"ignored": event.lead_id})
    memory = remembered(event)
    outcome = _of_lead(event, event.lead, memory, known, cause)
    answers = {one.question_id: one for one in memory}
    writes = answered_conflicts(event, answers, f"{cause.stage}:conflict:{event.event_id}")
    return replace(outcome, emits=(*outcome.emits, *writes)) if writes else outcome


def _of_lead(
    event: TriageDecided, lead: Lead, memory: tuple[AnsweredQuestion, ...], known: Known, cause: Cause
) -> Outcome[Event]:
    """What re-enters at dedupe is only remembered, and so is what is overtaken, or about conflicts alone."""
    row = known.leads.get(event.lead_id)
    overtaken = row is not None and row.version > event.lead_version
    if event.reenters or overtaken or _only_conflicts(event):
        answered = None if row is None or overtaken else with_triage(row, None)
        return Outcome(state=Delta(lead=answered, answered=memory), answer={"remembered": len(memory)})
    told = replace(known, answered={**known.answered, **{(one.lead_id, one.question_id): one for one in memory}})
    context = context_of(lead, told)
    routes = [answer for question, answer in _answered(event) if question.review.kind == "route"]
    if not routes and row is not None and row.settled:
        return _side_answers(event, lead, row, memory, told, cause)
    reviews = tuple(review for review in lead.reviews if review.kind == "change")
    lead = lead.model_copy(update={"reviews": reviews})
    if not routes:
        return outcome_of(lead, planned(lead, context, told, row, cause.now), context, told, cause, memory)
    offered = event.suggested or (row.route if row else None) or lead.route
    plan = answered_plan(offered, routes[0], event.actor.id, lead, context, told, row, cause)
    return outcome_of(lead, plan, context, told, cause, memory)


def _only_conflicts(event: TriageDecided) -> bool:
    answered = _answered(event)
    return bool(answered) and all(is_conflict(question) for question, _ in answered)


def _side_answers(
    event: TriageDecided,
    lead: Lead,
    row: LeadRow,
    memory: tuple[AnsweredQuestion, ...],
    known: Known,
    cause: Cause,
) -> Outcome[Event]:
    """Answers to proposals of a lead that went on already: its route stays, what was approved is written."""
    answers = {one.question_id: one for one in memory}
    asked = [
        (question.proposal, answers[question.question_id])
        for question, _ in _answered(event)
        if question.proposal and not is_conflict(question)
    ]
    said = [change for proposal, answer in asked if proposal and (change := as_answered(proposal, answer)) is not None]
    records = [change for change in said if change.record.type != "lead"]
    out = lead.model_copy(update={"reviews": (), "route": row.route})
    return Outcome(
        next=LeadRouted(lead=out, route=row.route),
        changes=tuple(change for change in said if change.record.type == "lead"),
        emits=crm_writes(lead, records, f"{cause.stage}:{event.event_id}"),
        state=Delta(
            answered=memory,
            lead=with_triage(replace(row, lead=out.model_dump_json().encode()), None),
            let_out=let_out(lead, records, known.newest_policy(lead)),
        ),
        answer={"written": len(records)},
    )


def answered_plan(
    offered: Route | None,
    answer: Answer,
    person: str,
    lead: Lead,
    context: Context,
    known: Known,
    row: LeadRow | None,
    cause: Cause,
) -> Plan:
    """The plan that the answer to "where should it go" makes; what launch mode and never-route lists forbid, nobody opens.

    An answer that sends it nowhere, or that was given before the account was held back or owned, is asked again.
    """
    assert offered is not None or answer.verdict != "approve"
    by = f"{person} decided" + (f": {answer.reason}" if answer.reason else "")
    hold = hold_of(lead, context, known)
    if hold.hold is Hold.BLOCK:
        route = _route(offered, "suppressed", None, None, "suppression", " ".join(hold.notes) or "never routed")
        return Plan(route, settled=True, asks=False)
    fresh = planned(lead, context, known, row, cause.now)
    if answer.verdict != "reject" and _held_since(fresh, row):
        return fresh
    if answer.verdict == "approve" and _owned_since(fresh, offered):
        return fresh
    if answer.verdict == "approve" and offered is not None:
        route = offered.model_copy(update={"suggested": False, "notes": (*offered.notes, by)})
    elif answer.verdict == "route":
        route = _chosen(known.policy(lead), known, offered, answer.value, by)
    else:
        route = _route(offered, "review", HELD_QUEUE, None, REJECTED, by)
    if allowed_now(lead, known) in (Allowance.NOTHING, Allowance.SHOWN):
        return Plan(route.model_copy(update={"suggested": True}), settled=False, asks=False)
    settled = route.destination not in ("triage", "review")
    plan = Plan(route, settled, asks=True, pool=_pool(known.policy(lead), route))
    if settled and plan.pool is not None and route.owner is None:
        plan = taken(lead, known, plan, cause.now)
    return plan if plan.settled else _asked_again(plan, row, by)


def _held_since(fresh: Plan, row: LeadRow | None) -> bool:
    """Whether the account was put under review after the person was asked."""
    held = fresh.route.rule == SUPPRESSION and fresh.route.destination == "review"
    return held and (row is None or row.route.tried[:1] != fresh.route.tried[:1])


def _owned_since(fresh: Plan, offered: Route | None) -> bool:
    """Whether somebody else looks after the account than when the person said yes."""
    now = fresh.route if fresh.settled else fresh.suggestion
    if now is None or now.destination != "owner" or offered is None:
        return False
    return offered.destination in ("owner", "queue", "nurture") and offered.owner != now.owner


def _asked_again(plan: Plan, row: LeadRow | None, by: str) -> Plan:
    """The question about a lead that is still nowhere. Its notes tell each answer, so that no two questions are the same."""
    before = row.route if row is not None else plan.route
    route = plan.route.model_copy(update={"notes": (*before.notes, by), "tried": before.tried})
    return replace(plan, route=route, asks=True)


def _route(
    offered: Route | None, destination: str, queue: str | None, owner: RecordRef | None, rule: str, reason: str
) -> Route:
    return Route(
        destination=destination,
        queue=queue,
        owner=owner,
        rule=rule,
        reason=reason,
        confidence=1.0,
        tried=offered.tried if offered else (),
        notes=offered.notes if offered else (),
    )


def _chosen(policy: Policy, known: Known, offered: Route | None, value: JsonValue, by: str) -> Route:
    """The route that a person chose: a queue by its name, or a member by their id."""
    told: Mapping[str, JsonValue] = value if isinstance(value, dict) else {"queue": value, "owner": value}
    queue, member = told.get("queue"), told.get("owner")
    chosen = known.members.get(member) if isinstance(member, str) else None
    owner = RecordRef(type="member", id=chosen.record_id) if chosen and chosen.active and not chosen.gone else None
    if isinstance(queue, str) and queue in policy.routing.queues:
        return _route(offered, _destination(policy, queue), queue, owner, BY_PERSON, by)
    if owner is not None:
        return _route(offered, "owner", "account_owner", owner, BY_PERSON, by)
    return _route(
        offered, "review", HELD_QUEUE, None, BY_PERSON, f"{by}; {value!r} is neither a queue nor an active member"
    )


def _destination(policy: Policy, queue: str) -> str:
    """What a queue is for, by the first rule that sends to it."""
    found = (rule.destination for rule in policy.routing.in_order() if rule.queue == queue)
    return next(found, "queue")


def _pool(policy: Policy, route: Route) -> str | None:
    if route.destination not in ("queue", "nurture"):
        return None
    rule = next((rule for rule in policy.routing.rules if rule.name == route.rule), None)
    if rule is None or rule.queue != route.queue:
        return queue_pool(policy, route.queue)
    return pool_of(policy, rule, route.record)
