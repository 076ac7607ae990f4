"""Points from outcomes: a regularised logistic regression over rows, rounded to whole points.

The classic scorecard: each row's weight in log odds, times a factor, is its points (Siddiqi, Credit Risk Scorecards, 2006).
A gradient boosting is trained beside it, only to tell how much the explainable table gives away.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegressionCV
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import StratifiedKFold

from scoring.measures import Auc, auc_of, calibration_error
from scoring.pairs import best_pair
from scoring.rows import Row, matrix_of, rows_of
from scoring.table import Column, Table, is_test, split

POINTS_TO_DOUBLE = 10
"""So many points more double the odds of a conversion."""
STRENGTHS = (0.003, 0.01, 0.03, 0.1, 0.3, 1.0, 3.0)
FOLDS = 5
SUSPICIOUS_AUC = 0.9
"""One column alone that tells the outcome so well was probably written after it."""
MOST_PAIRS = 4
LEAST_GAIN = 0.002
"""A pair stays when the area under the curve grows by so much on leads that it was not looked for on."""
INNER_SHARE = 0.25
LEAST_TEST_ROWS = 60
Matrix = NDArray[np.float64]
Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Pointed:
    """A row with its points; `share` of the leads has it, `converted` is how many of those did."""

    row: Row
    points: int
    share: float
    converted: float


@dataclass(frozen=True, slots=True)
class Card:
    """A proposed points table and how it does on leads that it never saw."""

    rows: tuple[Pointed, ...]
    base: int
    """Points that every lead has: chosen so that 0 is even odds."""
    learned_from: int
    tested_on: int
    auc: Auc
    boosted: Auc
    """The gradient boosting's on the same leads."""
    calibration_error: float
    suspicious: tuple[tuple[str, float], ...] = ()
    """Columns that tell the outcome too well, with the area under the curve of each alone."""


def fit(table: Table, say: Say) -> Card:
    """A points table from a table of outcomes. Raises ValueError when there is too little to learn from."""
    train_at, test_at = split(table)
    train, test = table.only(train_at), table.only(test_at)
    if (
        min(sum(train.outcome), train.rows - sum(train.outcome)) < 2 * FOLDS
        or test.rows < LEAST_TEST_ROWS
        or len(set(test.outcome)) < 2
    ):
        raise ValueError(
            f"{table.rows} leads, {sum(table.outcome)} of them converted, are too few to learn points from"
        )
    say(f"{train.rows:,} leads to learn from, {test.rows:,} to test on")
    groups, weights, intercept = _weighted(train, say)
    rows, base = _pointed(train, groups, weights, intercept)
    say("the points are found; a gradient boosting for comparison")
    scores = scores_of(test, groups, [one.points for one in rows], base)
    return Card(
        rows=rows, base=base, learned_from=train.rows, tested_on=test.rows, auc=auc_of(test.outcome, scores),
        boosted=auc_of(test.outcome, boosted(train, test)),
        calibration_error=calibration_error(test.outcome, chances(scores)), suspicious=suspicious(train),
    )  # fmt: skip


def _weighted(train: Table, say: Say) -> tuple[list[list[Row]], Matrix, float]:
    """The rows with their weights: of single columns, then of pairs for as long as they help leads not looked at."""
    groups, outcome = rows_of(train), np.asarray(train.outcome)
    inner = np.asarray([not is_test(f"inner {key}", INNER_SHARE) for key in train.keys])
    matrix = matrix_of(train, groups)
    area = -1.0
    for _ in range(MOST_PAIRS + 1):
        weights, intercept = weights_of(matrix[inner], outcome[inner])
        guess = 1 / (1 + np.exp(-(matrix @ weights + intercept)))
        now = roc_auc_score(outcome[~inner], guess[~inner])
        if now < area + LEAST_GAIN:
            groups = groups[:-1]
            break
        area = now
        found = best_pair(
            groups,
            matrix[inner],
            (outcome - guess)[inner],
            (guess * (1 - guess))[inner],
            _importance(groups, matrix, weights),
        )
        if not found or len(groups) - len(rows_of_single(groups)) == MOST_PAIRS:
            break
        say(f"looking at pairs: {' and '.join(found[0].columns)}")
        groups = [*groups, found]
        matrix = matrix_of(train, groups)
    weights, intercept = weights_of(matrix_of(train, groups), outcome)
    return groups, weights, intercept


def rows_of_single(groups: Sequence[Sequence[Row]]) -> list[Sequence[Row]]:
    """The groups that read one column."""
    return [group for group in groups if group[0].also is None]


def _importance(groups: Sequence[Sequence[Row]], matrix: Matrix, weights: Matrix) -> list[float]:
    """How far each group moves the leads' log odds apart."""
    found, at = [], 0
    for group in groups:
        found.append(float(np.std(matrix[:, at : at + len(group)] @ weights[at : at + len(group)])))
        at += len(group)
    return found


def weights_of(matrix: Matrix, outcome: NDArray[np.bool_]) -> tuple[Matrix, float]:
    """Log-odds weight of each row and the intercept; how strongly they are held to zero is chosen by cross-validation."""
    folds = StratifiedKFold(FOLDS, shuffle=True, random_state=0)
    model = LogisticRegressionCV(
        Cs=list(STRENGTHS),
        cv=folds,
        scoring="neg_log_loss",
        max_iter=2000,
        l1_ratios=(0.0,),
        use_legacy_attributes=False,
    )
    model.fit(matrix, outcome)
    return np.asarray(model.coef_[0]), float(model.intercept_[0])


def scores_of(table: Table, groups: Sequence[Sequence[Row]], points: Sequence[int], base: int) -> list[float]:
    """Each lead's sum."""
    return [float(one) for one in matrix_of(table, groups) @ np.asarray(points, dtype=np.float64) + base]


def chances(scores: Sequence[float]) -> list[float]:
    """The chance of conversion that a sum stands for, 0-1."""
    return [float(1 / (1 + np.exp(-one * log(2) / POINTS_TO_DOUBLE))) for one in scores]


def _pointed(
    train: Table, groups: Sequence[Sequence[Row]], weights: Matrix, intercept: float
) -> tuple[tuple[Pointed, ...], int]:
    """Whole points. The commonest row of each column stands for 0, so that points say what is unusual about a lead."""
    factor = POINTS_TO_DOUBLE / log(2)
    matrix, outcome = matrix_of(train, groups), np.asarray(train.outcome)
    found: list[Pointed] = []
    base, at = intercept, 0
    for group in groups:
        places = range(at, at + len(group))
        commonest = max(places, key=lambda place: matrix[:, place].sum())
        zero = weights[commonest] if group[0].also is None else 0.0
        base += zero
        for place, row in zip(places, group, strict=True):
            held = matrix[:, place] > 0
            points = int(np.floor((weights[place] - zero) * factor + 0.5))
            found.append(Pointed(row, points, float(held.mean()), float(outcome[held].mean()) if held.any() else 0.0))
        at += len(group)
    return tuple(found), round(base * factor)


def boosted(train: Table, test: Table) -> list[float]:
    """What a gradient boosting gives the test's leads, trained on the same columns."""
    model = HistGradientBoostingClassifier(
        random_state=0, max_iter=150, learning_rate=0.08, early_stopping=False,
        categorical_features=[one.kind == "category" for one in train.columns],
    )  # fmt: skip
    known = [_codes(one) for one in train.columns]
    model.fit(_numbers(train, known), np.asarray(train.outcome))
    return [float(one) for one in model.predict_proba(_numbers(test, known))[:, 1]]


def _codes(column: Column) -> dict[str, int]:
    return {
        value: code for code, value in enumerate(sorted({one for one in column.values if isinstance(one, str)})[:250])
    }


def _numbers(table: Table, codes: Sequence[dict[str, int]]) -> Matrix:
    columns = [
        [
            float("nan")
            if value is None
            else (float(known.get(value, float("nan"))) if isinstance(value, str) else value)
            for value in one.values
        ]
        for one, known in zip(table.columns, codes, strict=True)
    ]
    return np.asarray(columns, dtype=np.float64).T


def suspicious(train: Table) -> tuple[tuple[str, float], ...]:
    """Columns that alone tell the outcome too well to have been known before it."""
    found = []
    for column in train.columns:
        alone = Table(train.outcome, [column], train.keys)
        groups = rows_of(alone)
        if not groups:
            continue
        matrix, outcome = matrix_of(alone, groups), np.asarray(train.outcome)
        shares = (matrix * outcome[:, None]).sum(axis=0) / np.maximum(matrix.sum(axis=0), 1)
        area = auc_of(train.outcome, [float(one) for one in matrix @ shares]).value
        if area >= SUSPICIOUS_AUC:
            found.append((column.name, area))
    return tuple(found)
