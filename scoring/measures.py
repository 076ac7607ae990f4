"""How good scores are against outcomes: area under the ROC curve, calibration, conversion by band."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sklearn.isotonic import IsotonicRegression
from sklearn.metrics import roc_auc_score

Floats = NDArray[np.float64]
BINS = 10
RESAMPLES = 200


@dataclass(frozen=True, slots=True)
class Auc:
    """The area under the ROC curve, with the 95 % interval of 200 bootstrap samples."""

    value: float
    low: float
    high: float

    def __str__(self) -> str:
        return f"{self.value:.3f} ({self.low:.3f}–{self.high:.3f})"


@dataclass(frozen=True, slots=True)
class Band:
    """The leads of one band: how many there are and how many of them converted."""

    name: str
    leads: int
    converted: int

    @property
    def share(self) -> float:
        """Of its leads that converted."""
        return self.converted / self.leads if self.leads else 0.0


def auc_of(outcome: Sequence[bool], scores: Sequence[float]) -> Auc:
    """The chance that a converted lead stands above one that did not convert. Raises ValueError for one outcome only."""
    y, s = np.asarray(outcome, dtype=bool), np.asarray(scores, dtype=np.float64)
    if y.all() or not y.any():
        raise ValueError("all leads ended the same way")
    chance = np.random.default_rng(0)
    sampled = []
    for _ in range(RESAMPLES):
        at = chance.integers(0, len(y), len(y))
        if y[at].any() and not y[at].all():
            sampled.append(roc_auc_score(y[at], s[at]))
    low, high = np.percentile(sampled, [2.5, 97.5]) if sampled else (0.0, 1.0)
    return Auc(float(roc_auc_score(y, s)), float(low), float(high))


def calibration_error(outcome: Sequence[bool], chances: Sequence[float]) -> float:
    """Expected calibration error over ten bins of equal numbers of leads."""
    y, p = np.asarray(outcome, dtype=np.float64), np.asarray(chances, dtype=np.float64)
    parts = np.array_split(np.argsort(p, kind="stable"), min(BINS, len(p)))
    return float(sum(abs(y[part].mean() - p[part].mean()) * len(part) for part in parts) / len(p))


def chances_of(outcome: Sequence[bool], scores: Sequence[float]) -> Callable[[Sequence[float]], Floats]:
    """The chance of conversion as a rising function of the score, learned from these leads (isotonic regression)."""
    fitted = IsotonicRegression(out_of_bounds="clip").fit(
        np.asarray(scores, dtype=np.float64), np.asarray(outcome, dtype=np.float64)
    )
    return lambda others: np.asarray(fitted.predict(np.asarray(others, dtype=np.float64)))


def conversion(names: Sequence[str], outcome: Sequence[bool], bands: Sequence[str]) -> list[Band]:
    """Leads and conversions by band, in the order of `bands`; `names` is each lead's band."""
    return [
        Band(band, names.count(band), sum(won for name, won in zip(names, outcome, strict=True) if name == band))
        for band in bands
        if band in names
    ]
