"""Contradictions in pools and territories: what is named and is not there, and what is never reached."""

import re
from collections.abc import Iterator

from libs.identity.phones import region_code
from libs.policy.facts import ROUTING_FACTS
from libs.policy.policy import Policy
from libs.policy.territories import Territories
from libs.policy.wording import nearest_hint

Contradiction = tuple[str, tuple[str | int, ...], str]
_ASKED_POOL = re.compile(r"""pools\.free\s*\[\s*(['"])(.*?)\1\s*\]""")


def pool_contradictions(policy: Policy) -> Iterator[Contradiction]:
    """Queues, pools and calendars that pools name, pools whose room a rule asks for, and overflows that run in a ring."""
    for name, pool in policy.pools.items():
        if pool.when_empty not in policy.routing.queues:
            hint = nearest_hint(pool.when_empty, policy.routing.queues)
            yield "pools", (name, "when_empty"), f"no such queue: {pool.when_empty}{hint}"
        if pool.calendar is not None and pool.calendar not in policy.sla.calendars:
            hint = nearest_hint(pool.calendar, policy.sla.calendars)
            yield "pools", (name, "calendar"), f"no such calendar: {pool.calendar}{hint}"
        if pool.overflow is not None and pool.overflow not in policy.pools:
            yield (
                "pools",
                (name, "overflow"),
                f"no such pool: {pool.overflow}{nearest_hint(pool.overflow, policy.pools)}",
            )
        elif name in _overflows(policy, name):
            yield (
                "pools",
                (name, "overflow"),
                f"{name} overflows into itself by {' and '.join(_overflows(policy, name))}",
            )
    names = {one.name: one for one in policy.territories.territories}
    for index, rule in enumerate(policy.routing.rules):
        for territory, pool_name in rule.pool_by_territory.items():
            path = ("rules", index, "pool_by_territory", territory)
            if territory not in names:
                yield "routing", path, f"no such territory: {territory}{nearest_hint(territory, names)}"
            if pool_name not in policy.pools:
                yield "routing", path, f"no such pool: {pool_name}{nearest_hint(pool_name, policy.pools)}"
        for _, asked in _ASKED_POOL.findall(rule.when.text):
            if asked not in policy.pools:
                message = f"no such pool: {asked}{nearest_hint(asked, policy.pools)}"
                yield "routing", ("rules", index, "when"), message


def _overflows(policy: Policy, name: str) -> list[str]:
    """The pools that a pool overflows into, one after the other, until one has no overflow or comes again."""
    found: list[str] = []
    after = policy.pools[name].overflow
    while after is not None and after in policy.pools and after not in found:
        found.append(after)
        after = policy.pools[after].overflow
    return found


def territory_contradictions(territories: Territories) -> Iterator[Contradiction]:
    """Names given twice, countries that there are not, territories that an earlier one covers, and circular conditions."""
    seen: set[str] = set()
    for index, one in enumerate(territories.territories):
        path: tuple[str | int, ...] = ("territories", index)
        if one.name in seen:
            yield "territories", (*path, "name"), f"{one.name} is given twice"
        seen.add(one.name)
        for at, country in enumerate(one.countries):
            if region_code(country) is None:
                yield "territories", (*path, "countries", at), f"no such country: {country} (ISO 3166-1, two letters)"
        for fact in sorted(ROUTING_FACTS.keys() & (one.when.names.keys() if one.when else set())):
            yield "territories", (*path, "when"), f"{fact} is not known yet when territories are asked"
        if (wide := territories.covering(one)) is not None:
            yield (
                "territories",
                (*path, "name"),
                f"{one.name} is never reached: {wide.name} before it takes all its leads",
            )
