"""Territories that meet, so that their order alone decides; the lead that is told fits both, and the upper one takes it."""

from collections.abc import Iterator, Sequence
from itertools import combinations

from libs.policy.policy import Policy
from libs.policy.reach import Finding, shown
from libs.policy.solve import Demand, solved
from libs.policy.territories import Territories, Territory, covers
from libs.policy.uncovered import SIZE, STEPS, Facts, listed, of_unlisted


def in_two_territories(policy: Policy) -> Iterator[Finding]:
    """Pairs of which the order alone decides. The narrow before the wide is meant so, and is not told.

    Territories over the same facts are to share them out: where they meet, one is wrong. Others cross by nature (named
    accounts and countries), which is a hint.
    """
    held = policy.territories
    crossing: dict[int, list[tuple[str, Facts]]] = {}
    for (at, one), (below, other) in combinations(enumerate(held.territories), 2):
        if (one.by_country_alone and other.countries) or covers(other, one):
            continue
        facts = _of_both(held, at, other)
        if facts is None:
            continue
        if one.names == other.names:
            told = (
                f"{other.name} and {one.name} above it both fit a lead such as: {shown(facts)}; the upper one takes it"
            )
            yield Finding("territories", ("territories", below, "name"), told, "warning")
        else:
            crossing.setdefault(at, []).append((other.name, facts))
    for at, met in crossing.items():
        names = listed([name for name, _ in met], "territories")
        told = f"{held.territories[at].name} takes leads that {names} would, such as: {shown(met[0][1])}"
        yield Finding("territories", ("territories", at, "name"), told, "hint")


def _of_both(held: Territories, at: int, other: Territory) -> Facts | None:
    """A lead that the territory at a place takes and that the other fits as well; None when none was found."""
    one = held.territories[at]
    if _apart(one, other):
        return None
    above = [each for each in held.territories[:at] if not _apart(one, each) and not _apart(other, each)]
    for facts in _fitting(one, other, above):
        if held.of(facts) == one.name and other.holds(facts):
            return facts
    return None


def _fitting(one: Territory, other: Territory, above: Sequence[Territory]) -> Iterator[Facts]:
    """Facts that fit both: the plainest first, then some that those above do not take."""
    if one.when is None and other.when is None:
        lists = dict(one.lists())
        for fact, values in other.lists():
            lists[fact] = tuple(value for value in lists.get(fact, values) if value in values)
        low, high = _sizes(one, other)
        sized: Facts = {SIZE: low if high is None else high - 1} if SIZE in one.names | other.names else {}
        yield {**{fact: values[0] for fact, values in lists.items()}, **sized}
    wanted = [Demand.true(one.condition()), Demand.true(other.condition())]
    for others in ([], [Demand.not_true(each.condition()) for each in of_unlisted(above)]):
        if (facts := solved([*wanted, *others], STEPS).facts) is not None:
            yield facts


def _apart(one: Territory, other: Territory) -> bool:
    """Whether lists or sizes alone keep two territories from sharing a lead."""
    lists = dict(one.lists())
    low, high = _sizes(one, other)
    crossed = any(fact in lists and not set(lists[fact]) & set(values) for fact, values in other.lists())
    return crossed or (high is not None and low >= high)


def _sizes(one: Territory, other: Territory) -> tuple[int, int | None]:
    """The employees that both ask for: from, and below."""
    below = [size for size in (one.employees_below, other.employees_below) if size is not None]
    return max(one.employees_from or 0, other.employees_from or 0), min(below, default=None)
