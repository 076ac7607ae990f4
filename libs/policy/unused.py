"""What the policy defines and nothing refers to."""

from collections.abc import Iterator

from libs.policy.policy import Policy
from libs.policy.reach import Finding

ALWAYS_USED = frozenset(("triage", "account_owner"))
"""Queues that the router itself sends to: what people decide, and leads of an account that somebody owns."""


def unused(policy: Policy) -> Iterator[Finding]:
    """Queues, pools and calendars that no rule or promise names."""
    queues = ALWAYS_USED | {rule.queue for rule in policy.routing.rules}
    queues |= {pool.when_empty for pool in policy.pools.values()}
    for name in policy.routing.queues:
        if name not in queues:
            told = f"no rule and no pool sends to the queue {name}: name it in a rule, or take it out"
            yield Finding("routing", ("queues", name), told, "warning")
    for name in policy.sla.queues:
        if name in policy.routing.queues and name not in queues:
            yield Finding(
                "sla", ("queues", name), f"nothing sends to the queue {name}: this promise is to nobody", "warning"
            )
    pools = {queue.pool for queue in policy.routing.queues.values()} | {rule.pool for rule in policy.routing.rules}
    pools |= {name for rule in policy.routing.rules for name in rule.pool_by_territory.values()}
    pools |= {pool.overflow for pool in policy.pools.values()}
    for name in policy.pools:
        if name not in pools:
            yield Finding("pools", (name,), f"no queue and no rule draws from the pool {name}", "warning")
    calendars = {policy.sla.default_calendar, policy.sla.triage.calendar}
    calendars |= {target.calendar for target in policy.sla.triage.queues.values()}
    calendars |= {queue.calendar for queue in policy.sla.queues.values()} | {
        one.calendar for one in policy.pools.values()
    }
    for name in policy.sla.calendars:
        if name not in calendars:
            yield Finding("sla", ("calendars", name), f"nothing goes by the calendar {name}", "warning")
