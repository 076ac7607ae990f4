"""What a run found: spreads of interleaved rounds, and each budget beside what was measured."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, field
from statistics import median
from typing import Any, Literal

from bench.machine import Machine


@dataclass(frozen=True)
class Spread:
    """The least, the middle and the greatest of the rounds."""

    min: float
    median: float
    max: float

    def __str__(self) -> str:
        return f"{figure(self.min)} / {figure(self.median)} / {figure(self.max)}"


def spread(values: Iterable[float]) -> Spread:
    """The spread of some values. Raises ValueError when there are none."""
    held = sorted(values)
    if not held:
        raise ValueError("nothing was measured")
    return Spread(held[0], median(held), held[-1])


def figure(value: float) -> str:
    """A number with three digits that count."""
    return f"{value:,.0f}" if abs(value) >= 100 else f"{value:.3g}"


def percentile(values: Sequence[float], share: float) -> float:
    """The smallest value that at least `share` (0-1) of the values do not exceed. Raises ValueError when there are none."""
    if not values:
        raise ValueError("nothing was measured")
    held = sorted(values)
    return held[min(len(held) - 1, max(0, -(-int(share * 1_000_000) * len(held) // 1_000_000) - 1))]


@dataclass(frozen=True)
class Check:
    """One budget. The median counts; `better` says on which side of the budget it has to be."""

    what: str
    measured: Spread
    budget: float
    aim: float
    better: Literal["higher", "lower"]
    unit: str = "x"

    @property
    def is_met(self) -> bool:
        """Whether the median is within the budget."""
        return self.room >= 1.0

    @property
    def room(self) -> float:
        """How far inside the budget the median is: 1 at the budget, 2 twice as good, 0.5 half as good."""
        return self._room(self.measured.median)

    @property
    def rooms(self) -> tuple[float, float]:
        """The same for the worst and the best round."""
        first, last = self._room(self.measured.min), self._room(self.measured.max)
        return min(first, last), max(first, last)

    def _room(self, value: float) -> float:
        if value <= 0:
            return 0.0
        return value / self.budget if self.better == "higher" else self.budget / value


@dataclass(frozen=True)
class Round:
    """One variant measured once. `foreign_cores` is what other programs used meanwhile."""

    number: int
    variant: str
    figures: dict[str, float]
    seconds: float
    foreign_cores: float


@dataclass(frozen=True)
class Row:
    """A row of the budgets, measured."""

    name: str
    title: str
    checks: list[Check]
    figures: dict[str, Spread]
    rounds: list[Round]
    notes: list[str] = field(default_factory=list)

    @property
    def is_met(self) -> bool:
        """Whether every budget of the row is kept."""
        return all(check.is_met for check in self.checks)


@dataclass(frozen=True)
class Report:
    """A whole run."""

    machine: Machine
    at: str
    seed: int
    rounds: int
    rows: list[Row]

    @property
    def is_met(self) -> bool:
        """Whether every row keeps its budgets."""
        return all(row.is_met for row in self.rows)

    def as_json(self) -> dict[str, Any]:
        """The run as plain data, with each check's verdict."""
        told = asdict(self)
        for row, held in zip(told["rows"], self.rows, strict=True):
            row["is_met"] = held.is_met
            for check, kept in zip(row["checks"], held.checks, strict=True):
                check["is_met"], check["room"] = kept.is_met, round(kept.room, 3)
        return told


def spreads(rounds: Sequence[Round]) -> dict[str, Spread]:
    """Every figure of every variant, as `variant: figure`."""
    names = dict.fromkeys((one.variant, name) for one in rounds for name in one.figures)
    return {
        f"{variant}: {name}": spread(
            one.figures[name] for one in rounds if one.variant == variant and name in one.figures
        )
        for variant, name in names
    }


def ratios(rounds: Sequence[Round], figure_name: str, ours: str, theirs: str) -> Spread:
    """The ratio ours / theirs of one figure, pair by pair within each round. Raises ValueError when there is no pair."""
    by_place = {(one.number, one.variant): one.figures for one in rounds}
    pairs = []
    for (number, variant), figures in by_place.items():
        other = by_place.get((number, theirs))
        if variant == ours and other and figure_name in figures and other.get(figure_name):
            pairs.append(figures[figure_name] / other[figure_name])
    return spread(pairs)
