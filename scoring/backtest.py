"""A score against outcomes: does it put those first who converted, and do its bands keep what they promise."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from scoring.measures import Auc, Band, auc_of, calibration_error, chances_of, conversion

FEW = 30


@dataclass(frozen=True, slots=True)
class Result:
    """How a score does. `calibration_error` is of the chances that the older half's outcomes give to the newer half's scores."""

    leads: int
    converted: int
    not_scored: int
    auc: Auc
    calibration_error: float | None
    bands: tuple[Band, ...]


def backtest(
    outcome: Sequence[bool], scores: Sequence[float | None], names: Sequence[str], order: Sequence[str],
    times: Sequence[datetime | str],
) -> Result:  # fmt: skip
    """The result for leads with outcomes; `names` is each lead's band, `order` the bands from the best to the worst, `times`
    sorts leads from the oldest to the newest. Raises ValueError when the scored leads all ended the same way."""
    known = [at for at, score in enumerate(scores) if score is not None]
    won, told = [outcome[at] for at in known], [float(scores[at] or 0.0) for at in known]
    return Result(
        len(outcome), sum(outcome), len(outcome) - len(known), auc_of(won, told),
        _calibrated(won, told, [times[at] for at in known]), tuple(conversion(list(names), list(outcome), list(order))),
    )  # fmt: skip


def _calibrated(won: Sequence[bool], scores: Sequence[float], times: Sequence[datetime | str]) -> float | None:
    """None when there are too few leads to tell."""
    ordered = sorted(range(len(won)), key=lambda at: str(times[at]))
    older, newer = ordered[: len(ordered) // 2], ordered[len(ordered) // 2 :]
    if len(older) < FEW or len({won[at] for at in older}) < 2:
        return None
    chances = chances_of([won[at] for at in older], [scores[at] for at in older])
    return calibration_error([won[at] for at in newer], list(chances([scores[at] for at in newer])))


def quantile_bands(scores: Sequence[float], parts: int = 5) -> tuple[list[str], list[str]]:
    """Each score's band and the bands from the best, when a table has no bands of its own: fifths by rank."""
    ordered = sorted(range(len(scores)), key=lambda at: (-scores[at], at))
    names = [""] * len(scores)
    order = [f"best {100 // parts} %", *(f"fifth {number}" for number in range(2, parts)), f"last {100 // parts} %"]
    for rank, at in enumerate(ordered):
        names[at] = order[min(rank * parts // max(len(ordered), 1), parts - 1)]
    return names, order
