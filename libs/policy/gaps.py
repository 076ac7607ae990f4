"""Gaps between territories: countries that never count where they are listed, and leads that a rule gives to nobody."""

from collections.abc import Iterator

from libs.policy.meetings import in_two_territories
from libs.policy.policy import Policy
from libs.policy.reach import Finding
from libs.policy.uncovered import in_no_territory


def gaps(policy: Policy) -> Iterator[Finding]:
    """What is not wrong, and yet not what anybody means."""
    yield from _shadowed_countries(policy)
    yield from _without_pool(policy)
    yield from in_no_territory(policy)
    yield from in_two_territories(policy)


def _shadowed_countries(policy: Policy) -> Iterator[Finding]:
    """A country that a territory lists and that an earlier one, which asks for nothing else, takes whole."""
    taken: dict[str, str] = {}
    for index, one in enumerate(policy.territories.territories):
        for at, country in enumerate(one.countries):
            if country in taken:
                told = f"{country} never counts here: {taken[country]} before it takes all its leads"
                yield Finding("territories", ("territories", index, "countries", at), told, "warning")
        if one.by_country_alone:
            taken |= {country: one.name for country in one.countries if country not in taken}


def _without_pool(policy: Policy) -> Iterator[Finding]:
    """A rule that names pools for some territories and has none for the others: their leads go to nobody by turn."""
    names = [one.name for one in policy.territories.territories]
    for index, rule in enumerate(policy.routing.rules):
        queue = policy.routing.queues.get(rule.queue or "")
        if not rule.pool_by_territory or rule.pool is not None or (queue is not None and queue.pool is not None):
            continue
        missing = [name for name in names if name not in rule.pool_by_territory]
        whose = ", ".join([*missing, "no territory"])
        told = f"leads of {whose} get nobody by turn: give a pool for them, or a `pool` for the rest"
        yield Finding("routing", ("rules", index, "pool_by_territory"), told, "warning")
