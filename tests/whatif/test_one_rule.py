"""A policy with one change, over a history: what changes is what would have happened, told by the router itself."""

from functools import cache

import pytest

from bench.history.course import OFFERS, SMALL_CAPS, Course, Edit, Routed, policy, ran
from libs.policy.policy import Policy
from tests.whatif.long import HIGHER
from whatif.prepared import prepared
from whatif.read import History
from whatif.result import SAME, Simulated
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


def test_a_course_meets_the_same_leads_under_any_policy() -> None:
    """What the comparison with the router rests on."""
    one, other = (ran(1, 200, [(0.0, edits)], decisions=False) for edits in ((), SMALL_CAPS))
    assert _arrivals(one) == _arrivals(other)


def _arrivals(course: Course) -> set[tuple[str, int]]:
    return {key for key in course.outcomes if key[1] > 0}
