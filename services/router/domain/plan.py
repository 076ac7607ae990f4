"""The route of a lead: suppression first, then the rules, then the existing owner or whose turn it is, within the launch mode."""

from dataclasses import dataclass, replace
from datetime import datetime

from libs.contracts.change import RecordRef
from libs.contracts.lead import Lead, Route, TriedRule
from libs.policy.facts import Facts
from libs.policy.fields import Act
from libs.policy.launch import STRICTEST_ALLOWANCE_FIRST, Allowance, Area
from libs.policy.suppression import Hold, SuppressionEffect, effect_of
from services.router.domain.holds import Context, hold_of
from services.router.domain.known import Known
from services.router.domain.records import LeadRow
from services.router.domain.routing_facts import recorded, routing_facts
from services.router.domain.rules import Found, found_rule
from services.router.domain.turns import Turn, turn_in

SUPPRESSION = "suppression"
ASKING = ("triage", "review", "disqualified")
"""Destinations where a person has to decide before anything goes out."""
SENDING = ("owner", "queue", "nurture")
HELD_QUEUE = "triage"
BY_PERSON = "routed_by_person"
"""The rule of a route that a person chose."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The route, and what it means. `settled`: it goes out for good; `asks`: people may be asked about it."""

    route: Route
    settled: bool
    asks: bool
    suggestion: Route | None = None
    """What a person is offered when the route is theirs to decide."""
    turn: Turn | None = None
    pool: str | None = None
    sla_minutes: int | None = None


def planned(lead: Lead, context: Context, known: Known, row: LeadRow | None, now: datetime) -> Plan:
    """The plan for a lead's newest version; `row` is the version that was routed before, if any."""
    hold = hold_of(lead, context, known)
    facts = routing_facts(lead, context, known, now)
    found = _found(lead, context, known, hold, facts)
    allowed = allowed_now(lead, known)
    route = _route(lead, context, found, hold).model_copy(update={"record": recorded(facts)})
    if route.destination == "suppressed":
        return Plan(route, settled=True, asks=False)
    if found.destination == "owner" and (gone := _owner_is_gone(context, known)):
        route = route.model_copy(update={"destination": "review", "owner": None, "queue": HELD_QUEUE, "reason": gone})
    may_ask = allowed not in (Allowance.NOTHING, Allowance.SHOWN)
    if allowed is not Allowance.AUTO:
        shown = route.model_copy(update={"suggested": True, "notes": (*route.notes, _mode_note(lead, known, allowed))})
        return Plan(
            shown,
            False,
            may_ask,
            _suggested(lead, context, known, found, hold, route, facts),
            None,
            found.pool,
            found.sla_minutes,
        )
    if route.destination in ASKING:
        held = route.model_copy(update={"suggested": route.destination == "disqualified"})
        return Plan(
            held,
            False,
            True,
            _suggested(lead, context, known, found, hold, route, facts),
            None,
            found.pool,
            found.sla_minutes,
        )
    return _sent(lead, known, row, Plan(route, True, True, pool=found.pool, sla_minutes=found.sla_minutes), now)


def _found(lead: Lead, context: Context, known: Known, hold: SuppressionEffect, facts: Facts) -> Found:
    """What suppression or the rules say, with the trace of both."""
    asked = TriedRule(rule=SUPPRESSION, matched=hold.hold is not Hold.ALLOW, reason=_hold_reason(context, hold))
    if hold.hold is Hold.BLOCK:
        return Found(SUPPRESSION, "suppressed", None, asked.reason, (asked,))
    if hold.hold is Hold.REVIEW:
        return Found(SUPPRESSION, "review", HELD_QUEUE, asked.reason, (asked,), tell_owner=True)
    found = found_rule(known.policy(lead), facts)
    found = replace(found, tried=(asked, *found.tried))
    if hold.hold is Hold.OWNER and found.destination not in ("triage", "review"):
        return _to_owner(found, context, asked.reason)
    if hold.hold is Hold.PERSON and found.destination == "nurture":
        return replace(found, rule=SUPPRESSION, destination="review", queue=HELD_QUEUE, reason=asked.reason, pool=None)
    return found


def _to_owner(found: Found, context: Context, reason: str) -> Found:
    """Existing business goes to whoever looks after it; without an owner a person decides."""
    if context.owner is None or found.destination == "disqualified":
        return replace(
            found, rule=SUPPRESSION, destination="review", queue=HELD_QUEUE, reason=reason, pool=None, tell_owner=True
        )
    if found.destination == "owner":
        return found
    return replace(found, rule=SUPPRESSION, destination="owner", queue="account_owner", reason=reason, pool=None)


def _hold_reason(context: Context, hold: SuppressionEffect) -> str:
    if not context.held_for:
        return "nobody holds the contact or company back"
    return f"{', '.join(sorted(context.held_for))}: {hold.hold.value} ({' '.join(hold.notes)})"


def _route(lead: Lead, context: Context, found: Found, hold: SuppressionEffect) -> Route:
    notes = list(hold.notes)
    owner = RecordRef(type="member", id=context.owner) if context.owner else None
    if owner is not None and found.tell_owner and found.destination != "owner":
        notes.append(f"tell the owner {owner.id}: it waits for a person")
    return Route(
        destination=found.destination,
        queue=found.queue,
        owner=owner if found.destination == "owner" else None,
        rule=found.rule,
        reason=found.reason,
        confidence=lead.classification.confidence if lead.classification else 0.0,
        tried=found.tried,
        notes=tuple(notes),
        pool=found.pool if found.destination != "owner" else None,
    )


def allowed_now(lead: Lead, known: Known) -> Allowance:
    """What the launch mode lets a route do; giving a lead to somebody is both a route and an owner."""
    mode = known.mode(lead)
    policies = (known.policy(lead), known.newest_policy(lead))
    areas: tuple[Area, ...] = ("route", "owner")
    allowed = [policy.launch.allows(area, mode) for policy in policies for area in areas]
    return min(allowed, key=STRICTEST_ALLOWANCE_FIRST.index)


def _mode_note(lead: Lead, known: Known, allowed: Allowance) -> str:
    return f"launch mode {known.mode(lead).value}: a route is {allowed.value} only"


def _owner_is_gone(context: Context, known: Known) -> str:
    member = known.members.get(context.owner or "")
    if member is None or (member.active and not member.gone):
        return ""
    return f"the owner {member.name or member.record_id} is not active any more: a person decides who takes it"


def _suggested(
    lead: Lead, context: Context, known: Known, found: Found, hold: SuppressionEffect, route: Route, facts: Facts
) -> Route | None:
    """What the rules would say if nobody had to be asked; None when they have nothing to offer.

    Nobody is offered an owner who is gone, nor nurture for somebody who may not be enrolled.
    """
    if route.destination not in ("triage", "review"):
        return route
    if hold.hold is Hold.OWNER and context.owner:
        return _route(lead, context, _to_owner(replace(found, destination="queue"), context, route.reason), hold)
    policy = known.policy(lead)
    no_nurture = effect_of(policy, context.held_for, Act.ENROL).hold is Hold.BLOCK
    offered = found_rule(policy, facts, ("triage", "review", "suppressed", *(("nurture",) if no_nurture else ())))
    gone = offered.destination == "owner" and _owner_is_gone(context, known)
    return None if gone or offered.destination == "triage" else _route(lead, context, offered, hold)


def _sent(lead: Lead, known: Known, row: LeadRow | None, plan: Plan, now: datetime) -> Plan:
    """The plan with an owner by turn, where the queue has a pool. An owner whom an earlier version got stays."""
    held = row.route.owner if row is not None and row.settled else None
    if row is not None and held is not None and held != plan.route.owner:
        note = f"stays with {held.id}, who got version {row.version}"
        kept = plan.route.model_copy(update={"owner": held, "notes": (*plan.route.notes, note)})
        return replace(plan, route=kept)
    if plan.pool is None or plan.route.owner is not None:
        return plan
    return taken(lead, known, plan, now)


def taken(lead: Lead, known: Known, plan: Plan, now: datetime) -> Plan:
    """The plan after the pool's turn: its member is the owner, or, when nobody can take it, a visible failure."""
    assert plan.pool is not None
    pool = known.policy(lead).pools.get(plan.pool)
    if pool is None:
        return _nobody(plan, HELD_QUEUE, f"the policy has no pool {plan.pool}")
    turn = turn_in(plan.pool, lead, known.policy(lead), known, now)
    plan = replace(plan, route=plan.route.model_copy(update={"turn": turn.seen}))
    if turn.member is None:
        return _nobody(plan, known.policy(lead).pools[turn.pool].when_empty, turn.why)
    owner = RecordRef(type="member", id=turn.member.record_id)
    route = plan.route.model_copy(update={"owner": owner, "notes": (*plan.route.notes, turn.why)})
    return replace(plan, route=route, turn=turn)


def _nobody(plan: Plan, queue: str, why: str) -> Plan:
    route = plan.route.model_copy(update={"destination": "review", "queue": queue, "reason": why})
    return replace(plan, route=route, settled=False, asks=True, suggestion=None)
