"""A policy with one change, over a history: what changes is what would have happened, told by the router itself."""

from functools import cache

import numpy as np
import pytest

from bench.history.course import OFFERS, SMALL_CAPS, Course, Edit, Routed, policy, ran
from libs.policy.policy import Policy
from tests.whatif.long import HIGHER, LEADS, Long, courses
from whatif.prepared import Prepared, prepared
from whatif.read import History
from whatif.result import DIRECT, KNOCK_ON, SAME, Simulated
from whatif.simulate import simulated

OWNED_ONLY: Edit = (
    "routing.yaml",
    "when: record.owner != null",
    "when: record.owner != null && lead.score.priority >= 40",
)
SCORES: Edit = ("scoring.yaml", "points: 15", "points: 9")
LOW_CONFIDENCE: Edit = ("routing.yaml", "lead.confidence < 0.7", "lead.confidence < 0.82")
EDITS = {
    "caps": SMALL_CAPS, "one rule": (HIGHER,), "owners": (OWNED_ONLY,), "scores": (SCORES,), "more triage": (LOW_CONFIDENCE,),
    "all": (*SMALL_CAPS, HIGHER, OWNED_ONLY, SCORES, LOW_CONFIDENCE),
}  # fmt: skip


def walked(history: History, asked: Policy) -> Simulated:
    return simulated(history, prepared(history, asked))


def differing(found: Simulated, outcomes: dict[tuple[str, int], Routed] | object) -> list[tuple[str, int]]:
    """The routings that the simulation sends elsewhere than the router did."""
    assert isinstance(outcomes, dict)
    table = found.prepared.table
    leads, versions = table.columns["lead_id"], table.numbers["version"]
    keys = {row: (str(leads.at(row)), int(versions[row])) for row in found.rows}
    told = {row: Routed(one.destination, one.queue, one.owner, one.settled) for row, one in found.after.items()}
    return [keys[row] for row in found.rows if outcomes[keys[row]] != told[row]]


@cache
def made(seed: int, edits: tuple[Edit, ...]) -> Course:
    """A course whose history answers for every policy of this file."""
    return ran(seed, 900, [(0.0, edits)], [policy(), *(policy(*one) for one in EDITS.values())], decisions=False)


@pytest.mark.parametrize("name", EDITS)
@pytest.mark.parametrize("seed", range(2))
def test_a_changed_policy_does_what_the_router_would_have_done(name: str, seed: int) -> None:
    found = walked(made(seed, ()).history(), policy(*EDITS[name]))
    assert differing(found, made(seed, EDITS[name]).outcomes) == []
    assert any(kind != SAME for kind in found.change.values()), "the change changes nothing"


@pytest.mark.parametrize("name", EDITS)
def test_what_a_change_did_is_undone_by_asking_the_old_policy(name: str) -> None:
    found = walked(made(1, EDITS[name]).history(), policy())
    assert differing(found, made(1, ()).outcomes) == []


def test_offers_end_with_other_people_where_caps_are_others() -> None:
    """Who takes an offer is not known of those who were never asked: what is sure are the first ones."""
    was = ran(2, 900, [(0.0, OFFERS)], [policy(*OFFERS, *SMALL_CAPS)], decisions=False)
    would_be = ran(2, 900, [(0.0, (*OFFERS, *SMALL_CAPS))], decisions=False)
    found = walked(was.history(), policy(*OFFERS, *SMALL_CAPS))
    assert len(differing(found, would_be.outcomes)) <= 0.02 * len(found.rows)
    assert any(kind != SAME for kind in found.change.values())


def test_one_rule_changes_exactly_the_leads_that_it_decided(long: tuple[Long, Long]) -> None:
    """Of a hundred thousand: those that the rule took with a score that is now too low, and nobody else at first hand."""
    asked = policy(*SMALL_CAPS, HIGHER)
    found = walked(long[0].history, asked)
    goes = {row for row in found.rows if _ways_differ(found.prepared, row)}
    assert goes == predicted(found.prepared)
    assert len(goes) > 200
    assert {row for row, kind in found.change.items() if kind == DIRECT} <= goes
    assert len(found.rows) > LEADS


def test_the_consequences_are_those_of_the_router_itself(long: tuple[Long, Long]) -> None:
    """Turns, caps and owners after the change: lead by lead what the router did in the same world with the other rule."""
    found = walked(long[0].history, policy(*SMALL_CAPS, HIGHER))
    assert differing(found, long[1].outcomes) == []
    assert sum(kind == KNOCK_ON for kind in found.change.values()) > 200


@pytest.fixture(scope="module")
def long() -> tuple[Long, Long]:
    return courses()


def predicted(held: Prepared) -> set[int]:
    """Without the simulation: by the record alone, whom the rule took with 60 to 64 points."""
    rule, points = held.table.columns["rule"], held.table.columns["lead.score.priority"]
    between = points.mask(lambda one: isinstance(one, int | float) and 60 <= one < 65)
    return set(np.flatnonzero(rule.mask(lambda name: name == "inbound") & between).tolist())


def _ways_differ(held: Prepared, row: int) -> bool:
    was, now = held.was.way(row), held.now.way(row)
    assert was is not None
    assert now is not None
    return was.goes != now.goes


def test_a_course_meets_the_same_leads_under_any_policy() -> None:
    """What the comparison with the router rests on."""
    one, other = (ran(1, 200, [(0.0, edits)], decisions=False) for edits in ((), SMALL_CAPS))
    assert _arrivals(one) == _arrivals(other)


def _arrivals(course: Course) -> set[tuple[str, int]]:
    return {key for key in course.outcomes if key[1] > 0}
