"""Which routing rule holds: asked by rising priority; two that hold at one priority and disagree go to a person."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from pydantic import JsonValue

from libs.contracts.lead import Destination, TriedRule
from libs.policy.policy import Policy
from libs.policy.routing import RoutingRule

DISAGREE = "rules_disagree"
NO_RULE = "no_rule"
TRIAGE = "triage"


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


def found_rule(policy: Policy, facts: Mapping[str, JsonValue], skip: Collection[Destination] = ()) -> Found:
    """The rule that decides; `skip` leaves rules to some destinations out. Total: with no rule left it is triage."""
    tried: list[TriedRule] = []
    for _, same in groupby(policy.routing.in_order(), lambda rule: rule.priority):
        asked = [rule for rule in same if rule.destination not in skip]
        holding = [rule for rule in asked if _holds(rule, facts, tried)]
        if len({(rule.destination, rule.queue, pool_of(policy, rule, facts)) for rule in holding}) > 1:
            names = " and ".join(rule.name for rule in holding)
            return Found(
                DISAGREE,
                "triage",
                TRIAGE,
                f"{names} hold at the same priority and disagree",
                tuple(tried),
                tell_owner=True,
            )
        if holding:
            return _of(policy, holding[0], facts, tried)
    return Found(NO_RULE, "triage", TRIAGE, "No rule holds: a person decides", tuple(tried))


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


def _of(policy: Policy, rule: RoutingRule, facts: Mapping[str, JsonValue], tried: Sequence[TriedRule]) -> Found:
    return Found(
        rule.name, rule.destination, rule.queue, rule.reason.render(facts), tuple(tried), pool_of(policy, rule, facts),
        rule.sla_minutes, rule.tell_owner,
    )  # fmt: skip


def pool_of(policy: Policy, rule: RoutingRule, facts: Mapping[str, JsonValue]) -> str | None:
    """The pool whose turn decides the owner: the territory's or the rule's, else its queue's; None: it is worked by hand."""
    if rule.destination not in ("queue", "nurture"):
        return None
    territory = facts.get("lead.territory")
    by_territory = rule.pool_by_territory.get(territory) if isinstance(territory, str) else None
    return by_territory or rule.pool or queue_pool(policy, rule.queue)


def queue_pool(policy: Policy, queue: str | None) -> str | None:
    """The pool of a queue, if it has one."""
    held = policy.routing.queues.get(queue) if queue else None
    return held.pool if held is not None else None
