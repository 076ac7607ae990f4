"""Courses of a hundred thousand leads, under a policy and under the same with one rule changed: made side by side."""

from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import cache
from multiprocessing import get_context

from bench.history.course import SMALL_CAPS, Edit, Routed, policy, ran
from whatif.read import History

LEADS = 100_000
HIGHER: Edit = (
    "routing.yaml",
    "- name: inbound\n    priority: 60\n    when: >-\n      lead.score.priority >= 60\n",
    "- name: inbound\n    priority: 60\n    when: >-\n      lead.score.priority >= 65\n",
)
"""One rule asks for five points more."""


@dataclass(frozen=True)
class Long:
    """A history, where each lead version went, and whether anybody was refused by a cap on the way."""

    history: History
    outcomes: Mapping[tuple[str, int], Routed]


@cache
def courses() -> tuple[Long, Long]:
    """What was, and what would have been: the same leads, teams and people."""
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as workers:
        was, would_be = workers.map(_ran, [(), (HIGHER,)])
    return was, would_be


def _ran(edits: tuple[Edit, ...]) -> Long:
    timed = [(0.0, (*SMALL_CAPS, *edits))]
    course = ran(7, LEADS, timed, [policy(*SMALL_CAPS, HIGHER)], decisions=False, quick=True, per_hour=60)
    return Long(course.history(), course.outcomes)
