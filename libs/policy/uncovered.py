"""Leads that are in no territory; each one that is told was asked of the territories themselves."""

from collections.abc import Iterator, Sequence
from functools import lru_cache

from pydantic import JsonValue

from libs.identity.phones import REGIONS
from libs.policy.cells import OTHER
from libs.policy.conditions import Condition
from libs.policy.facts import FACTS
from libs.policy.meaning import FALSE
from libs.policy.policy import Policy
from libs.policy.problems import Severity
from libs.policy.reach import Finding, shown
from libs.policy.routing import Routing
from libs.policy.solve import Demand, solved
from libs.policy.territories import Territories, Territory

COUNTRY = "lead.country"
SIZE = "lead.employees"
_NAMED = 12
"""Countries or territories that a message names; of more it gives the count."""
STEPS = 2_000
"""Branches that one search looks at: many pairs are asked, and each message needs one lead only."""
Facts = dict[str, JsonValue]


def in_no_territory(policy: Policy) -> Iterator[Finding]:
    """Countries, and leads of countries that are listed, which no territory takes."""
    held = policy.territories
    if not held.territories:
        return
    severity: Severity = "hint" if _null_is_meant(policy.routing) else "warning"
    groups = _by_takers(held.territories) if any(COUNTRY in one.names for one in held.territories) else {}
    if nobodys := groups.pop((), []):
        whose = listed(nobodys, "countries")
        told = f"no territory takes leads of {whose}: list them, or end with one for the rest (`when: 'true'`)"
        yield Finding("territories", ("territories",), told, severity)
    for takers, countries in groups.items():
        yield from _asking_for_more(held, takers, countries[0], severity)
    if not groups and not nobodys:
        yield from _asking_for_more(held, tuple(range(len(held.territories))), None, severity)


def _by_takers(territories: Sequence[Territory]) -> dict[tuple[int, ...], list[str]]:
    """The world's countries by the places of the territories that take some of their leads."""
    found: dict[tuple[int, ...], list[str]] = {}
    for country in sorted(REGIONS):
        takers = tuple(at for at, one in enumerate(territories) if _takes_some(one, country))
        found.setdefault(takers, []).append(country)
    return found


def _takes_some(one: Territory, country: str) -> bool:
    if one.countries and country not in one.countries:
        return False
    return one.when is None or _can_hold(one.condition(), country if COUNTRY in one.when.names else None)


@lru_cache(maxsize=1_000)
def _can_hold(asked: Condition, country: str | None) -> bool:
    """Whether it is not proved that the condition holds for no lead (of a country): a condition without one is asked once."""
    return not solved([Demand.true(asked), *([_of(country)] if country else [])], STEPS).none


def _asking_for_more(
    held: Territories, takers: tuple[int, ...], country: str | None, severity: Severity
) -> Iterator[Finding]:
    """Leads of a country that its territories let pass: first those of which all that is asked for is known."""
    territories = [held.territories[at] for at in takers]
    facts = next((one for one in _let_pass(territories, country) if held.of(one) is None), None)
    if facts is None:
        return
    names = " and ".join(one.name for one in territories)
    lacks = sorted(name for name, value in facts.items() if value is None)
    of_which = f", of which {' and '.join(lacks)} is not known," if lacks else ""
    told = f"leads such as: {shown(facts)}{of_which} are in no territory: {names} ask for more"
    where = "countries" if territories[0].countries else "name"
    yield Finding("territories", ("territories", takers[0], where), told, severity)


def _let_pass(territories: Sequence[Territory], country: str | None) -> Iterator[Facts]:
    """Facts that may be in none of the territories. Without a `when` the plain ones are all that need be tried: being on a
    list only ever puts a lead into a territory, and between two bounds of sizes nothing changes."""
    if any(not one.names and one.holds({}) for one in territories):
        return
    plain = _unlisted(territories)
    given: Facts = {COUNTRY: country, **plain} if country else plain
    bounds = {size for one in territories for size in (one.employees_from, one.employees_below) if size is not None}
    near = sorted({size for bound in bounds for size in (bound - 1, bound) if size >= 0})
    yield from ({**given, SIZE: size} for size in (*near, None)) if near else (given,)
    if all(one.when is None for one in territories):
        return
    conditions, of_it = [one.condition() for one in of_unlisted(territories)], [_of(country)] if country else []
    for demands in ([Demand(one, FALSE) for one in conditions], [Demand.not_true(one) for one in conditions]):
        if (facts := solved([*of_it, *demands], STEPS).facts) is not None:
            yield {**plain, **facts}


def _unlisted(territories: Sequence[Territory]) -> Facts:
    """The texts that territories ask for, each one that nobody lists; what else a `when` asks for is not known."""
    asked = sorted(frozenset().union(*(one.names for one in territories)) - {COUNTRY, SIZE})
    return {fact: OTHER if FACTS.get(fact) == "text" else None for fact in asked}


def of_unlisted(territories: Sequence[Territory]) -> list[Territory]:
    """Those that may take a lead whose texts nobody lists: a search need not go through the names of a thousand accounts."""
    return [one for one in territories if one.when is not None or {fact for fact, _ in one.lists()} <= {COUNTRY}]


def _null_is_meant(routing: Routing) -> bool:
    """Whether a rule asks for leads without a territory: then somebody thought of them."""
    nowhere = Demand.true(Condition("lead.territory == null"))
    asking = [rule.when for rule in routing.rules if "lead.territory" in rule.when.names]
    return any(solved([Demand.true(one), nowhere], STEPS).facts is not None for one in asking)


def _of(country: str) -> Demand:
    return Demand.true(Condition(f"{COUNTRY} == '{country}'"))


def listed(names: Sequence[str], of: str) -> str:
    """The first names, and how many more there are of what they name."""
    more = len(names) - _NAMED
    return ", ".join(names[:_NAMED]) + (f" and {more} more {of}" if more > 0 else "")
