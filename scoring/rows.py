"""Features as rows of a points table: a range of a number, a value of a category, or that nothing is known."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import inf

import numpy as np
from numpy.typing import NDArray
from sklearn.tree import DecisionTreeClassifier

from scoring.table import Column, Table

MOST_RANGES = 8
LEAST_SHARE = 0.01
"""A range or value of fewer rows than this share, or than `LEAST_ROWS`, has no points of its own."""
LEAST_ROWS = 30
Matrix = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Row:
    """One row of the table: the leads for which it holds."""

    column: str
    value: str | None = None
    """A category's value."""
    low: float = -inf
    high: float = inf
    """A number's range: low <= number < high."""
    missing: bool = False
    """Nothing is known in this column."""
    other: bool = False
    """A value without a row of its own."""
    also: "Row | None" = None
    """A row of another column that has to hold as well: two things that mean more together than each alone."""

    @property
    def text(self) -> str:
        """The row in words."""
        return f"{self._alone} and {self.also.text}" if self.also is not None else self._alone

    @property
    def columns(self) -> tuple[str, ...]:
        """The columns that it reads."""
        return (self.column,) if self.also is None else (self.column, self.also.column)

    @property
    def _alone(self) -> str:
        if self.missing:
            return f"{self.column} is not known"
        if self.other:
            return f"{self.column} is another value"
        if self.value is not None:
            return f"{self.column} is {self.value}"
        if self.low == -inf:
            return f"{self.column} < {self.high:g}"
        if self.high == inf:
            return f"{self.column} ≥ {self.low:g}"
        return f"{self.low:g} ≤ {self.column} < {self.high:g}"

    def holds(self, value: float | str | None, named: frozenset[str]) -> bool:
        """Whether it holds for a value of its column; `named` are the values that have rows of their own."""
        if value is None or self.missing:
            return value is None and self.missing
        if isinstance(value, str):
            return value not in named if self.other else value == self.value
        return self.value is None and not self.other and self.low <= value < self.high


def rows_of(table: Table) -> list[list[Row]]:
    """By column, the rows that together hold for every lead exactly once; learned from these rows alone."""
    least = max(LEAST_ROWS, int(LEAST_SHARE * table.rows))
    outcome = np.asarray(table.outcome, dtype=np.int64)
    found = [_ranges(one, outcome, least) if one.kind == "number" else _values(one, least) for one in table.columns]
    return [rows for rows in found if len(rows) > 1]


def _ranges(column: Column, outcome: NDArray[np.int64], least: int) -> list[Row]:
    """Ranges by a small decision tree, which cuts where the share of outcomes changes most."""
    known = [at for at, value in enumerate(column.values) if value is not None]
    missing = [Row(column.name, missing=True)] if len(known) < len(column.values) else []
    if len(known) < 2 * least:
        return missing
    numbers = np.asarray([[column.values[at]] for at in known], dtype=np.float64)
    tree = DecisionTreeClassifier(max_leaf_nodes=MOST_RANGES, min_samples_leaf=least, random_state=0)
    tree.fit(numbers, outcome[known])
    cuts = sorted(
        float(cut) for cut, feature in zip(tree.tree_.threshold, tree.tree_.feature, strict=True) if feature >= 0
    )
    return [Row(column.name, low=low, high=high) for low, high in pairwise((-inf, *cuts, inf))] + missing


def _values(column: Column, least: int) -> list[Row]:
    counts = Counter(str(value) for value in column.values if value is not None)
    named = [Row(column.name, value=value) for value, count in sorted(counts.items()) if count >= least]
    other = [Row(column.name, other=True)] if len(named) < len(counts) else []
    missing = [Row(column.name, missing=True)] if sum(counts.values()) < len(column.values) else []
    return named + other + missing


def matrix_of(table: Table, groups: Sequence[Sequence[Row]]) -> Matrix:
    """1 where a row holds, a column for each row in order."""
    values = {one.name: one.values for one in table.columns}
    named: dict[str, set[str]] = {}
    for row in (row for group in groups for row in group if row.value is not None and row.also is None):
        named.setdefault(row.column, set()).add(str(row.value))

    def held(row: Row) -> Matrix:
        own = frozenset(named.get(row.column, ()))
        alone = np.asarray([row.holds(value, own) for value in values[row.column]], dtype=np.float64)
        return alone if row.also is None else alone * held(row.also)

    return np.asarray([held(row) for group in groups for row in group]).T.reshape(table.rows, -1)
