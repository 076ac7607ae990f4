"""Which routing rule holds: asked by rising priority; two that hold at one priority and disagree go to a person."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pydantic import JsonValue

from libs.contracts.lead import Destination, TriedRule
from libs.policy.policy import Policy
from libs.policy.routing import RoutingRule

DISAGREE = "rules_disagree"
NO_RULE = "no_rule"
TRIAGE = "triage"
TERRITORY = "lead.territory"


@dataclass(frozen=True, slots=True)
class Found:
    """What the rules say, with all that were asked on the way."""

    rule: str
    destination: Destination
    queue: str | None
    reason: str
    tried: tuple[TriedRule, ...]
    pool: str | None = None
    sla_minutes: int | None = None
    tell_owner: bool = False


@dataclass(frozen=True, slots=True)
class Deciding:
    """The rules that decide: one, several that disagree at one priority, or none. `pool` is that of the one."""

    rules: tuple[RoutingRule, ...]
    pool: str | None = None


def deciding_rules(
    policy: Policy,
    holds: Callable[[RoutingRule], bool],
    territory: JsonValue,
    skip: Collection[Destination] = (),
) -> Deciding:
    """The rules that decide, asked in order; `skip` leaves rules to some destinations out."""
    for _, same in groupby(policy.routing.in_order(), lambda rule: rule.priority):
        asked = [rule for rule in same if rule.destination not in skip]
        holding = [rule for rule in asked if holds(rule)]
        if len({(rule.destination, rule.queue, pool_in(policy, rule, territory)) for rule in holding}) > 1:
            return Deciding(tuple(holding))
        if holding:
            return Deciding((holding[0],), pool_in(policy, holding[0], territory))
    return Deciding(())


def found_by(deciding: Deciding, reason: Callable[[RoutingRule], str], tried: Sequence[TriedRule]) -> Found:
    """What the deciding rules say. Total: with no rule it is triage, and so is a disagreement."""
    if not deciding.rules:
        return Found(NO_RULE, "triage", TRIAGE, "No rule holds: a person decides", tuple(tried))
    if len(deciding.rules) > 1:
        names = " and ".join(rule.name for rule in deciding.rules)
        why = f"{names} hold at the same priority and disagree"
        return Found(DISAGREE, "triage", TRIAGE, why, tuple(tried), tell_owner=True)
    (rule,) = deciding.rules
    return Found(
        rule.name, rule.destination, rule.queue, reason(rule), tuple(tried), deciding.pool, rule.sla_minutes, rule.tell_owner,
    )  # fmt: skip


def found_rule(policy: Policy, facts: Mapping[str, JsonValue], skip: Collection[Destination] = ()) -> Found:
    """The rule that decides; `skip` leaves rules to some destinations out. Total: with no rule left it is triage."""
    tried: list[TriedRule] = []
    deciding = deciding_rules(policy, lambda rule: _holds(rule, facts, tried), facts.get(TERRITORY), skip)
    return found_by(deciding, lambda rule: rule.reason.render(facts), tried)


def _holds(rule: RoutingRule, facts: Mapping[str, JsonValue], tried: list[TriedRule]) -> bool:
    matched = rule.when.holds(facts)
    if matched:
        reason = rule.reason.render(facts)
    else:
        reason = (
            f"{'not known' if matched is None else 'does not hold'}: {rule.when.text.strip()}{_values(rule, facts)}"
        )
    tried.append(TriedRule(rule=rule.name, matched=matched, reason=reason))
    return matched is True


def _values(rule: RoutingRule, facts: Mapping[str, JsonValue]) -> str:
    """The values that decided, for the trace."""
    shown = ", ".join(f"{name} = {facts.get(name)}" for name in sorted(rule.when.names))
    return f" ({shown})" if shown else ""


def pool_of(policy: Policy, rule: RoutingRule, facts: Mapping[str, JsonValue]) -> str | None:
    """The pool whose turn decides the owner: the territory's or the rule's, else its queue's; None: it is worked by hand."""
    return pool_in(policy, rule, facts.get(TERRITORY))


def pool_in(policy: Policy, rule: RoutingRule, territory: JsonValue) -> str | None:
    """The same, for a lead of that territory."""
    if rule.destination not in ("queue", "nurture"):
        return None
    by_territory = rule.pool_by_territory.get(territory) if isinstance(territory, str) else None
    return by_territory or rule.pool or queue_pool(policy, rule.queue)


def queue_pool(policy: Policy, queue: str | None) -> str | None:
    """The pool of a queue, if it has one."""
    held = policy.routing.queues.get(queue) if queue else None
    return held.pool if held is not None else None
