"""Whose turn it is among those who can take a lead, so that nobody is ever more than one lead away from their share.

An *eligible period* of a pool is a stretch of turns with the same eligible members and weights. Within it, after every
lead, each member has their share of the period's leads to within one: `|taken - k * weight / total| <= 1`, always. What
is left of a lead is carried as `owed`, so that periods of one or two leads (caps, lunch breaks) keep the weights in the
long run too. Who is away neither gains nor loses: joining, leaving or returning resets nobody and floods nobody.

Shares with both bounds are quota apportionment (Balinski and Young, 1975) and, turn by turn, proportionate progress
(Baruah, Cohen, Plaxton and Varvel, 1996): each lead of a member has a first and a last turn at which it may come.
"""

from collections.abc import Iterable, Mapping
from functools import reduce
from math import gcd
from typing import NamedTuple

LEAD = 10**9
"""One lead, in the whole parts of a lead that `owed` counts."""


class Place(NamedTuple):
    """Where a member stands in a pool."""

    owed: int = 0
    """Share minus leads since the beginning, in parts of a lead: positive means that leads are owed to them."""
    weight: int = 0
    """Their weight in the pool's current period; 0: they are not in it."""
    taken: int = 0
    """Leads of the current period."""
    last: int = 0
    """The pool's turn at which they got a lead last; 0: never."""


NEWCOMER = Place()


def turn_among(weights: Mapping[str, int], places: Mapping[str, Place]) -> tuple[str, dict[str, Place]]:
    """Who gets the next lead, and the pool's places after it. `weights` are the eligible members', each at least 1.

    The most owed whose turn keeps everybody within one lead of their share; of equals who waited longest, then the
    smallest id. Raises ValueError when nobody is eligible.
    """
    if not weights:
        raise ValueError("nobody is eligible")
    period = _period(weights, places)
    owed = _owed(weights, period)
    order = sorted(weights, key=lambda name: (-owed[name], period[name].last, name))
    picked = order[0] if len(order) == 1 else _first_fair(order, weights, period)
    return picked, _served(picked, weights, places, period)


def places_after(picked: str, weights: Mapping[str, int], places: Mapping[str, Place]) -> dict[str, Place]:
    """The places after a turn that somebody had, whoever was owed the most: what following recorded turns needs."""
    return _served(picked, weights, places, _period(weights, places))


def _owed(weights: Mapping[str, int], period: Mapping[str, Place]) -> dict[str, int]:
    total = sum(weights.values())
    return {name: period[name].owed + weight * LEAD // total for name, weight in weights.items()}


def _served(
    picked: str, weights: Mapping[str, int], places: Mapping[str, Place], period: Mapping[str, Place]
) -> dict[str, Place]:
    total, owed = sum(weights.values()), _owed(weights, period)
    given = sum(weight * LEAD // total for weight in weights.values())
    after = {
        name: place._replace(weight=0, taken=0)
        for name, place in places.items()
        if place.weight and name not in weights
    }
    after.update({name: period[name]._replace(owed=held) for name, held in owed.items()})
    served = after[picked]
    turn = 1 + max((place.last for place in places.values()), default=0)
    after[picked] = Place(served.owed - given, served.weight, served.taken + 1, turn)
    return after


def _period(weights: Mapping[str, int], places: Mapping[str, Place]) -> dict[str, Place]:
    """The places of the eligible in the period that goes on, or in a new one. A newcomer stands where the others do."""
    known = {name: places[name] for name in weights if name in places}
    goes_on = len(known) == len(weights) and all(known[name].weight == weight for name, weight in weights.items())
    if goes_on and not any(place.weight and name not in weights for name, place in places.items()):
        return known
    middle = sum(place.owed for place in known.values()) // len(known) if known else 0
    return {
        name: Place(known[name].owed if name in known else middle, weight, 0, known[name].last if name in known else 0)
        for name, weight in weights.items()
    }


def _first_fair(order: Iterable[str], weights: Mapping[str, int], period: Mapping[str, Place]) -> str:
    """The first of `order` whose turn leaves everybody's share within reach."""
    unit = reduce(gcd, weights.values())
    line = {name: (weight // unit, period[name].taken) for name, weight in weights.items()}
    total = sum(weight for weight, _ in line.values())
    turn = 1 + sum(taken for _, taken in line.values())
    due = {name: (taken + 1) * total // weight + 1 for name, (weight, taken) in line.items()}
    open_now = [name for name in order if line[name][1] * total <= line[name][0] * turn]
    soonest = min(due[name] for name in open_now)
    for name in open_now:
        if due[name] == soonest or _within_reach(name, line, total, turn):
            return name
    raise AssertionError("the member who is due first can always have the turn")


def _within_reach(picked: str, line: Mapping[str, tuple[int, int]], total: int, turn: int) -> bool:
    """Whether, after `picked` has this turn, each lead that somebody must have by some turn still finds one."""
    held = [(weight, taken + (name == picked)) for name, (weight, taken) in line.items()]
    horizon = max((taken + 1) * total // weight for weight, taken in held)
    musts = sorted(
        must
        for weight, taken in held
        for nth in range(taken + 1, horizon * weight // total + 1)
        if (must := nth * total // weight + 1) <= horizon
    )
    return all(must - turn >= count for count, must in enumerate(musts, 1))
