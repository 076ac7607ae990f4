"""Conditions over columns: each combination of the facts that one names is evaluated once, by the condition itself."""

from collections.abc import Iterable, Mapping

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from libs.policy.conditions import Condition
from libs.policy.facts import Facts
from whatif.table import Column, Groups, grouped, value_key

Outcomes = NDArray[np.int8]
"""By row: 1 holds, 0 does not, -1 could not be evaluated."""
HOLDS = 1


class Outcome:
    """The outcomes of conditions for the same rows. A fact without a column is not known of any row."""

    def __init__(self, columns: Mapping[str, Column], rows: int) -> None:
        self.columns, self.rows = columns, rows
        self._outcomes: dict[str, Outcomes] = {}
        self._single: dict[tuple[object, ...], bool | None] = {}

    def of(self, condition: Condition) -> Outcomes:
        """What the condition says of every row."""
        held = self._outcomes.get(condition.text)
        if held is None:
            held = self._outcomes[condition.text] = self._evaluated(condition)
        return held

    def _evaluated(self, condition: Condition) -> Outcomes:
        groups = self.groups(condition.names)
        answers = [condition.holds(self.facts(row, condition.names)) for row in groups.first.tolist()]
        told = np.array([-1 if one is None else int(one) for one in answers], dtype=np.int8)
        return told[groups.of] if answers else np.zeros(0, dtype=np.int8)

    def groups(self, names: Iterable[str]) -> Groups:
        """The rows by the combination of some facts."""
        held = [self.columns[name] for name in names if name in self.columns]
        return grouped([(column.codes, len(column.values)) for column in held], self.rows)

    def facts(self, row: int, names: Iterable[str]) -> Facts:
        """Some facts of a row."""
        return {name: self.columns[name].at(row) for name in names if name in self.columns}

    def instead(self, condition: Condition, row: int, other: Mapping[str, JsonValue]) -> bool | None:
        """What the condition says of a row when some of its facts are others."""
        names = [name for name in condition.names if name not in other and name in self.columns]
        codes = (int(self.columns[name].codes[row]) for name in names)
        key = (condition.text, *codes, *(value_key(other[name]) for name in condition.names if name in other))
        if key not in self._single:
            self._single[key] = condition.holds({**self.facts(row, names), **other})
        return self._single[key]
