"""The route of a lead: suppression first, then the rules, then the existing owner or whose turn it is, within the launch mode."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime

from libs.contracts.change import RecordRef
from libs.contracts.lead import Destination, Lead, Route, TriedRule
from libs.policy.facts import Facts
from libs.policy.fields import Act
from libs.policy.launch import STRICTEST_ALLOWANCE_FIRST, Allowance, Area, LaunchMode
from libs.policy.policy import Policy
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
    plan = unturned(lead, context, known, now)
    sends = plan.settled and plan.route.destination != "suppressed"
    return sent(lead, known, row, plan, now) if sends else plan


def unturned(lead: Lead, context: Context, known: Known, now: datetime) -> Plan:
    """The plan before anybody's turn: what suppression, the rules and the launch mode say."""
    hold = hold_of(lead, context, known)
    facts = routing_facts(lead, context, known, now)
    found = _found(lead, context, known, hold, facts)
    allowed = allowed_now(lead, known)
    route = _route(lead, context, found, hold).model_copy(update={"record": recorded(facts)})
    if found.destination == "owner" and (gone := _owner_is_gone(context, known)):
        route = route.model_copy(update={"destination": "review", "owner": None, "queue": HELD_QUEUE, "reason": gone})
    settled, asks = standing(route.destination, allowed)
    if route.destination == "suppressed":
        return Plan(route, settled, asks)
    if settled:
        return Plan(route, settled, asks, pool=found.pool, sla_minutes=found.sla_minutes)
    shown = route.model_copy(update={"suggested": route.destination == "disqualified"})
    if allowed is not Allowance.AUTO:
        shown = route.model_copy(update={"suggested": True, "notes": (*route.notes, _mode_note(lead, known, allowed))})
    suggestion = _suggested(lead, context, known, found, hold, route, facts)
    return Plan(shown, settled, asks, suggestion, None, found.pool, found.sla_minutes)


def standing(destination: Destination, allowed: Allowance) -> tuple[bool, bool]:
    """Whether a route goes out for good, and whether people may be asked about it."""
    if destination == "suppressed":
        return True, False
    if allowed is not Allowance.AUTO:
        return False, allowed not in (Allowance.NOTHING, Allowance.SHOWN)
    return destination not in ASKING, True


def _found(lead: Lead, context: Context, known: Known, hold: SuppressionEffect, facts: Facts) -> Found:
    """What suppression or the rules say, with the trace of both."""
    asked = TriedRule(rule=SUPPRESSION, matched=hold.hold is not Hold.ALLOW, reason=_hold_reason(context, hold))
    stopped = stopped_by(hold.hold, asked.reason, (asked,))
    if stopped is not None:
        return stopped
    found = found_rule(known.policy(lead), facts)
    return held_back(replace(found, tried=(asked, *found.tried)), hold.hold, context.owner, asked.reason)


def stopped_by(hold: Hold, reason: str, tried: tuple[TriedRule, ...] = ()) -> Found | None:
    """Where a hold sends a lead before any rule is asked; None when the rules are asked."""
    if hold is Hold.BLOCK:
        return Found(SUPPRESSION, "suppressed", None, reason, tried)
    if hold is Hold.REVIEW:
        return Found(SUPPRESSION, "review", HELD_QUEUE, reason, tried, tell_owner=True)
    return None


def held_back(found: Found, hold: Hold, owner: str | None, reason: str) -> Found:
    """What a milder hold makes of what the rules said; `owner` is who looks after the account."""
    if hold is Hold.OWNER and found.destination not in ("triage", "review"):
        return _to_owner(found, owner, reason)
    if hold is Hold.PERSON and found.destination == "nurture":
        return replace(found, rule=SUPPRESSION, destination="review", queue=HELD_QUEUE, reason=reason, pool=None)
    return found


def _to_owner(found: Found, owner: str | None, reason: str) -> Found:
    """Existing business goes to whoever looks after it; without an owner a person decides."""
    if owner is None or found.destination == "disqualified":
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
    told = owner if found.tell_owner and found.destination != "owner" else None
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
        told=told,
    )


def allowed_now(lead: Lead, known: Known) -> Allowance:
    """What the launch mode lets a route do."""
    return allowance((known.policy(lead), known.newest_policy(lead)), known.mode(lead))


def allowance(policies: Iterable[Policy], mode: LaunchMode) -> Allowance:
    """What a mode lets a route do under all these policies; giving a lead to somebody is both a route and an owner."""
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
        return _route(lead, context, _to_owner(replace(found, destination="queue"), context.owner, route.reason), hold)
    policy = known.policy(lead)
    no_nurture = effect_of(policy, context.held_for, Act.ENROL).hold is Hold.BLOCK
    offered = found_rule(policy, facts, ("triage", "review", "suppressed", *(("nurture",) if no_nurture else ())))
    gone = offered.destination == "owner" and _owner_is_gone(context, known)
    return None if gone or offered.destination == "triage" else _route(lead, context, offered, hold)


def sent(lead: Lead, known: Known, row: LeadRow | None, plan: Plan, now: datetime) -> Plan:
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
