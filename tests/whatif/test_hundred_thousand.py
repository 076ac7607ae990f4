"""A hundred thousand leads, whose courses are made once for all tests of this file: that takes minutes."""

import numpy as np
import pytest

from bench.history.course import SMALL_CAPS, policy
from tests.whatif.long import HIGHER, LEADS, Long, courses
from tests.whatif.test_one_rule import differing, walked
from whatif.compare import compared
from whatif.prepared import Prepared
from whatif.result import DIRECT, KNOCK_ON


def test_a_hundred_thousand_leads_differ_in_nothing() -> None:
    report = compared(courses()[0].history, None)
    assert (report.leads, report.differences, report.flows) == (LEADS, 0, ())
    assert report.was == report.now
    assert (report.doubts.unexplained, report.doubts.unexplained_turns, report.doubts.no_policy) == (0, 0, 0)


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
