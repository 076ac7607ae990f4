"""How many leads waited in each queue over time."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from whatif.table import Codes
from whatif.world import Outcome, Wait

POINTS = 240
"""In a picture's line."""
Instants = NDArray[np.int64]


@dataclass(frozen=True)
class Waiting:
    """Leads that waited in a queue: for a first touch, or in triage for a decision."""

    queue: str
    peak: int
    p95: int
    """In 95 % of the time there were at most so many."""
    mean: float
    line: tuple[int, ...]
    """How many, at `POINTS` equal steps of the window."""


class Waits:
    """Waits as columns."""

    def __init__(self, waits: Sequence[Wait]) -> None:
        held = list(zip(*waits, strict=True)) if waits else [()] * 7
        self.queue: Sequence[str] = held[0]
        self.lead: Codes = np.array(held[1], dtype=np.int32)
        self.since: Instants = np.array(held[2], dtype=np.int64)
        self.until: Instants = np.array(held[3], dtype=np.int64)
        self.outcome: Sequence[Outcome] = held[4]
        self.row: Instants = np.array(held[5], dtype=np.int64)
        self.touched: NDArray[np.bool_] = np.array(held[6], dtype=bool)


def waiting(waits: Waits, since: int, until: int) -> tuple[Waiting, ...]:
    """By queue, from `since` to `until` (microseconds)."""
    if until <= since:
        return ()
    ends = np.where(waits.until < 0, until, np.minimum(waits.until, until))
    begins = np.maximum(waits.since, since)
    names: dict[str, int] = {}
    codes = np.array([names.setdefault(queue, len(names)) for queue in waits.queue], dtype=np.int32)
    inside = ends > begins
    return tuple(
        _waiting(queue, begins[mine], ends[mine], since, until)
        for queue, code in sorted(names.items())
        if (mine := inside & (codes == code)).any()
    )


def _waiting(queue: str, begins: Instants, ends: Instants, since: int, until: int) -> Waiting:
    times = np.concatenate([begins, ends, [since, until]])
    steps = np.concatenate([np.ones(len(begins)), -np.ones(len(ends)), [0, 0]]).astype(np.int64)
    order = np.argsort(times, kind="stable")
    times, counts = times[order], np.cumsum(steps[order])
    lasted = np.diff(times)
    counts = counts[:-1]
    shown = np.searchsorted(times, np.linspace(since, until, POINTS, endpoint=False), side="right") - 1
    return Waiting(
        queue,
        int(counts[lasted > 0].max(initial=0)),
        _at_most(counts, lasted, 0.95),
        float((counts * lasted).sum() / (until - since)),
        tuple(counts[np.minimum(shown, len(counts) - 1)].tolist()),
    )


def _at_most(counts: NDArray[np.int64], lasted: NDArray[np.int64], part: float) -> int:
    """The smallest number that was not exceeded in that part of the time."""
    order = np.argsort(counts, kind="stable")
    reached = np.cumsum(lasted[order])
    return int(counts[order][np.searchsorted(reached, part * reached[-1])])
