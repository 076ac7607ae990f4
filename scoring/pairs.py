"""Two columns that mean more together than each alone: found where a table of single rows is wrong."""

from collections.abc import Sequence
from dataclasses import replace
from itertools import combinations

import numpy as np

from scoring.rows import LEAST_ROWS, Matrix, Row

MOST_COLUMNS = 14
"""Only the columns that matter most by themselves are paired."""
LEAST_SHARE = 0.005
CHANCE = 6.0
"""A cell counts when its outcomes differ from what the single rows say by more than chance would: chi-square 6 is 1.4 %."""


def best_pair(
    groups: Sequence[Sequence[Row]], matrix: Matrix, wrong: Matrix, spread: Matrix, importance: Sequence[float]
) -> list[Row]:
    """The rows of the pair of columns that explains most of what the single rows get wrong; none when none explains more
    than chance. `matrix` holds for the groups' rows, `wrong` is outcome less chance of each lead, `spread` its variance."""
    places: list[tuple[int, Sequence[Row]]] = []
    at = 0
    for group in groups:
        places.append((at, group))
        at += len(group)
    chosen = sorted(range(len(groups)), key=lambda number: -importance[number])[:MOST_COLUMNS]
    single = [number for number in chosen if groups[number][0].also is None]
    taken = {tuple(sorted(row.columns)) for group in groups for row in group if row.also is not None}
    best: tuple[float, list[Row]] = (0.0, [])
    for one, other in combinations(sorted(single), 2):
        (first_at, first), (second_at, second) = places[one], places[other]
        if tuple(sorted((first[0].column, second[0].column))) in taken:
            continue
        a, b = matrix[:, first_at : first_at + len(first)], matrix[:, second_at : second_at + len(second)]
        counts, missed, variance = a.T @ b, a.T @ (b * wrong[:, None]), a.T @ (b * spread[:, None])
        gains = np.where(counts >= max(LEAST_ROWS, LEAST_SHARE * len(matrix)), missed**2 / (variance + 1.0), 0.0)
        cells = np.argwhere(gains > CHANCE)
        total = float(sum(gains[i, j] - CHANCE for i, j in cells))
        if total > best[0]:
            best = (total, [replace(first[i], also=second[j]) for i, j in cells])
    return best[1]
