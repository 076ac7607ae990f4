"""The routing rules in the order in which they are asked, with all that becomes of a lead when one holds."""

from dataclasses import dataclass

from libs.policy.policy import Policy
from libs.policy.routing import RoutingRule


@dataclass(frozen=True, slots=True)
class Step:
    """One rule: its condition, where it sends, whose turn it is, and where the lead waits when nobody can take it."""

    priority: int
    rule: str
    when: str
    destination: str
    queue: str
    title: str
    pool: str = ""
    when_empty: str = ""
    minutes: int = 0
    """Working minutes until first touch; for triage, until the question is answered."""

    @property
    def kind(self) -> str:
        """Who acts: `person` decides, `line` sends, `end` for what is not for sales."""
        if self.destination in ("triage", "review"):
            return "person"
        return "end" if self.destination in ("disqualified", "suppressed") else "line"


def steps(policy: Policy) -> list[Step]:
    """One step for each rule."""
    return [_step(policy, rule) for rule in policy.routing.in_order()]


def _step(policy: Policy, rule: RoutingRule) -> Step:
    queue = policy.routing.queues.get(rule.queue or "")
    draws = rule.destination in ("queue", "nurture")
    pool = policy.pools.get(rule.pool or (queue.pool if queue else None) or "") if draws else None
    name = next((name for name, held in policy.pools.items() if held is pool), "")
    return Step(
        priority=rule.priority,
        rule=rule.name,
        when=" ".join(rule.when.text.split()),
        destination=rule.destination,
        queue=rule.queue or "",
        title=queue.title if queue else rule.destination,
        pool=name,
        when_empty=pool.when_empty if pool else "",
        minutes=_minutes(policy, rule),
    )


def _minutes(policy: Policy, rule: RoutingRule) -> int:
    if rule.queue == "triage":
        return policy.sla.triage_target(rule.queue).item_minutes
    return rule.sla_minutes or policy.sla.first_touch_minutes(rule.queue)
