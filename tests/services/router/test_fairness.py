"""Fair turns: nobody is ever more than one lead from their share of a period, and nobody's standing is lost between periods."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from itertools import product

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from services.router.domain.fairness import LEAD, NEWCOMER, Place, turn_among

Weights = Mapping[str, int]


def given_out(line: Sequence[Weights], places: Mapping[str, Place] | None = None) -> Iterator[str]:
    """Who gets each lead, when those are eligible."""
    held = dict(places or {})
    for weights in line:
        picked, after = turn_among(weights, held)
        held |= after
        yield picked


def off_share(line: Sequence[Weights], owners: Sequence[str]) -> Fraction:
    """The most that anybody was ever off their share within a period."""
    worst, period, taken = Fraction(0), None, Counter[str]()
    for weights, owner in zip(line, owners, strict=True):
        if weights != period:
            period, taken = weights, Counter()
        taken[owner] += 1
        leads, total = taken.total(), sum(weights.values())
        worst = max(worst, *(abs(taken[one] - Fraction(leads * weight, total)) for one, weight in weights.items()))
    return worst


def off_all(line: Sequence[Weights], owners: Sequence[str]) -> Fraction:
    """The most that anybody is off their share of all leads for which they were eligible."""
    shares: dict[str, Fraction] = {}
    for weights in line:
        total = sum(weights.values())
        for one, weight in weights.items():
            shares[one] = shares.get(one, Fraction(0)) + Fraction(weight, total)
    taken = Counter(owners)
    return max(abs(taken[one] - share) for one, share in shares.items())


@st.composite
def coming_and_going(draw: st.DrawFn) -> list[Weights]:
    """Who is eligible for each lead: everybody of a pool comes, goes and changes weight at random, some often, some seldom."""
    team = {f"m{n}": weight for n, weight in enumerate(draw(st.lists(st.integers(1, 20), min_size=1, max_size=12)))}
    present, line = dict(team), []
    stays = draw(st.integers(1, 25))
    for _ in range(draw(st.integers(1, 12))):
        line += [dict(present)] * draw(st.integers(1, stays))
        gone = draw(st.sets(st.sampled_from(sorted(team))))
        present = {one: weight for one, weight in team.items() if one not in gone} or dict(team)
        if draw(st.booleans()):
            changed = draw(st.sampled_from(sorted(present)))
            present[changed] = draw(st.integers(1, 20))
    return line


@settings(max_examples=400)
@given(coming_and_going())
def test_nobody_is_more_than_one_lead_off_their_share_of_a_period(line: list[Weights]) -> None:
    owners = list(given_out(line))
    event(f"{len({tuple(one.items()) for one in line})} compositions")
    assert all(owner in weights for owner, weights in zip(owners, line, strict=True))
    assert off_share(line, owners) <= 1


@settings(max_examples=200)
@given(coming_and_going())
def test_what_is_owed_is_carried_through_all_changes(line: list[Weights]) -> None:
    assert off_all(line, list(given_out(line))) <= 2


@settings(max_examples=60)
@given(st.lists(st.integers(1, 9), min_size=2, max_size=5), st.integers(40, 120))
def test_weights_are_kept_when_every_lead_finds_others_there(weights: list[int], leads: int) -> None:
    """A third member who comes and goes with every lead must not make a weight of 3 count as one of 1."""
    team = {f"m{n}": weight for n, weight in enumerate(weights)}
    line = [{**team, "guest": 1} if number % 2 else team for number in range(leads)]
    assert off_all(line, list(given_out(line))) <= Fraction(3, 2)


@pytest.mark.parametrize("weights", [one for size in (1, 2, 3, 4) for one in product((1, 2, 3, 5), repeat=size)])
def test_every_small_pool_keeps_its_shares_from_any_standing(weights: tuple[int, ...]) -> None:
    """Whoever is owed whatever from before, some member whose turn is fair can always be found."""
    team = {f"m{n}": weight for n, weight in enumerate(weights)}
    for owed in product((-2 * LEAD, 0, 3 * LEAD), repeat=len(weights)):
        standing = {one: Place(owed=held) for one, held in zip(team, owed, strict=True)}
        line = [team] * (2 * sum(weights) + 1)
        assert off_share(line, list(given_out(line, standing))) <= 1


@given(coming_and_going())
def test_names_and_order_of_the_members_make_no_difference(line: list[Weights]) -> None:
    backwards = [dict(sorted(weights.items(), reverse=True)) for weights in line]
    assert list(given_out(line)) == list(given_out(backwards))


@given(coming_and_going(), st.integers(0, 200))
def test_going_on_from_stored_places_is_the_same_as_never_stopping(line: list[Weights], at: int) -> None:
    held: dict[str, Place] = {}
    for weights in line[:at]:
        held |= turn_among(weights, held)[1]
    stored = {name: Place(*place) for name, place in held.items()}
    assert [*given_out(line[:at]), *given_out(line[at:], stored)] == list(given_out(line))


def test_who_was_away_neither_gained_nor_lost() -> None:
    team = {"ann": 1, "bob": 1, "eve": 1}
    held: dict[str, Place] = {}
    for weights in [team] * 4 + [{"ann": 1, "bob": 1}] * 50:
        held |= turn_among(weights, held)[1]
    back = list(given_out([team] * 6, held))
    assert Counter(back) == {"ann": 2, "bob": 2, "eve": 2}


def test_a_newcomer_stands_where_the_others_do() -> None:
    held = {"ann": Place(owed=-3 * LEAD), "bob": Place(owed=-3 * LEAD)}
    _, after = turn_among({"ann": 1, "bob": 1, "new": 1}, held)
    assert min(place.owed for place in after.values()) >= -4 * LEAD
    assert after["new"].owed <= -2 * LEAD
    assert NEWCOMER.owed == 0


def test_nobody_there_is_an_error_of_the_caller() -> None:
    with pytest.raises(ValueError, match="nobody is eligible"):
        turn_among({}, {})
