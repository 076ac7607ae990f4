"""From sums to what is told: a count, a share with its interval, or how long things took; and when there are too few to say."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from libs.policy.autonomy import wilson
from services.insights.domain.marks import NONE
from services.insights.domain.metric import Metric

TOO_FEW = "too few to say"


@dataclass(slots=True)
class Sum:
    """Marks, summed: how many, of what, and how often each value (minutes)."""

    n: int = 0
    num: int = 0
    den: int = 0
    values: Counter[int] = field(default_factory=Counter)

    def add(self, value: int, n: int, num: int, den: int) -> None:
        """Add a cell."""
        self.n += n
        self.num += num
        self.den += den
        if value != NONE:
            self.values[value] += n


def percentile(values: Mapping[int, int], share: float) -> int | None:
    """The smallest value that so much of all is not above (nearest rank); None of nothing. `values`: how often each stands."""
    total = sum(values.values())
    rank, seen = -(-total * round(share * 1000) // 1000), 0
    for value in sorted(values):
        seen += values[value]
        if seen >= rank and values[value]:
            return value
    return None


def told(metric: Metric, held: Sum) -> dict[str, Any]:
    """The number as it is told: always what it is made of, and the share or percentile only when there is enough of it."""
    if metric.kind == "count":
        return {"count": held.num}
    if metric.kind == "minutes":
        count = sum(held.values.values())
        enough = count >= metric.least
        found: dict[str, Any] = {
            "count": count,
            "p50_minutes": percentile(held.values, 0.5) if enough else None,
            "p90_minutes": percentile(held.values, 0.9) if enough else None,
        }
        return found if enough else {**found, "note": _note(metric, count)}
    enough = held.den >= metric.least
    low, high = wilson(held.num, held.den)
    share = held.num / held.den if held.den else 0.0
    found = {
        "numerator": held.num,
        "denominator": held.den,
        "rate": round(share, 4) if enough else None,
        "low": round(low, 4) if enough else None,
        "high": round(high, 4) if enough else None,
    }
    return found if enough else {**found, "note": _note(metric, held.den)}


def _note(metric: Metric, count: int) -> str:
    return f"{TOO_FEW}: {count} of at least {metric.least}"


def summed(rows: Iterable[tuple[tuple[str, ...], int, int, int, int]]) -> dict[tuple[str, ...], Sum]:
    """Cells by their group: (group, value, n, num, den)."""
    found: dict[tuple[str, ...], Sum] = {}
    for group, value, n, num, den in rows:
        found.setdefault(group, Sum()).add(value, n, num, den)
    return found


def total(sums: Iterable[Sum]) -> Sum:
    """All of them as one."""
    every = Sum()
    for one in sums:
        every.n, every.num, every.den = every.n + one.n, every.num + one.num, every.den + one.den
        every.values.update(one.values)
    return every
