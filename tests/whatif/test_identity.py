"""A history under the policies that made it: nothing differs, and the simulated router stands where the real one stood."""

from datetime import timedelta
from functools import cache
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bench.history.course import OFFERS, SMALL_CAPS, Course, ran
from bench.history.people import BEGIN
from libs.policy.launch import LaunchMode
from whatif.compare import compared
from whatif.feeds import micros
from whatif.prepared import prepared
from whatif.result import SAME, Simulated
from whatif.simulate import simulated

POLICIES = [(0.0, ()), (0.3, SMALL_CAPS), (0.5, OFFERS)]


SEEDS = range(3)


@cache
def made(seed: int) -> Course:
    return ran(seed, 1300, POLICIES)


def walked(course: Course, since: int | None = None) -> Simulated:
    history = course.history()
    return simulated(history, prepared(history, None), since)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_same_policies_route_every_lead_as_they_did(seed: int) -> None:
    found = walked(course := made(seed))
    assert set(found.change.values()) == {SAME}
    assert (found.unexplained, found.turning.unexplained, found.no_policy) == (0, 0, 0)
    assert len(found.rows) >= sum(version > 0 for _, version in course.outcomes)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_simulated_router_ends_with_the_live_ones_turns_and_loads(seed: int) -> None:
    found = walked(course := made(seed))
    assert found.now.loads == course.known.loads
    places = {(pool, member): place for pool, held in found.now.places.items() for member, place in held.items()}
    assert places == course.known.places
    given = {name: party.assigned for name, party in course.known.parties.items() if party.assigned}
    differ = [name for name in {*given, *found.now.given} if given.get(name) != found.now.given.get(name)]
    assert len(differ) <= 0.02 * len(given), (
        "what people did by hand keeps no facts, and is followed as far as it tells"
    )


def test_the_courses_reach_what_is_hard_to_follow() -> None:
    histories = [made(seed).history() for seed in SEEDS]
    assert max(number for one in histories for number in one.routed.numbers["offer"].tolist()) > 1, "no offer moved on"
    rules = {rule for one in histories for rule in one.routed.columns["rule"].values}
    assert {"routed_by_person", "rejected_by_person", "reassigned_by_person", "nobody_took_it", "declined"} <= rules
    assert any(load.open_leads for seed in SEEDS for load in made(seed).known.loads.values()), "nobody has a lead"


@pytest.mark.parametrize("seed", SEEDS)
def test_promises_are_kept_and_broken_as_the_router_said(seed: int) -> None:
    course = made(seed)
    report = compared(course.history(), None, until=micros(BEGIN + timedelta(days=3650)))
    for told in (report.was, report.now):
        assert sum(one.breached for one in told.kept) == len(course.breached) > 50
        assert sum(one.met for one in told.kept) == len(course.met_leads) > 50


def test_a_window_differs_in_nothing_either() -> None:
    course = ran(9, 900, POLICIES)
    times = [micros(since) for since, _ in course.policies]
    for since in (times[1], times[2], (times[1] + times[2]) // 2):
        found = walked(course, since)
        assert set(found.change.values()) == {SAME}
        assert min(int(found.prepared.table.numbers["at"][row]) for row in found.rows) >= since


@settings(max_examples=15, deadline=None)
@given(st.integers(0, 10_000), st.lists(st.sampled_from([(), SMALL_CAPS, OFFERS]), min_size=1, max_size=4))
def test_any_order_of_policies_differs_in_nothing(seed: int, edits: list[tuple[tuple[str, str, str], ...]]) -> None:
    changes = [one for one, other in pairwise([*edits, None]) if one != other]
    found = walked(ran(seed, 150, [(number / len(changes), one) for number, one in enumerate(changes)]))
    assert set(found.change.values()) == {SAME}
    assert found.unexplained == found.turning.unexplained == 0


def test_a_stricter_mode_sends_nothing_out() -> None:
    history = ran(3, 300, [(0.0, ())]).history()
    report = compared(history, None, LaunchMode.SUGGESTED)
    by_turn = [sum(share.leads for share in told.shares) for told in (report.was, report.now)]
    assert by_turn[0] > 2 * by_turn[1] > 0, "what people choose is still sent"
    assert all(
        "approved" in place or "triage" in place or place in ("suppressed", "disqualified_review", "named_accounts")
        for place in report.now.places
    )
    assert report.people.undecided > 0
