"""A table in columns: each value stands once in its column's list, rows hold its number. What the evaluation works on."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

Codes = NDArray[np.int32]
Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64] | NDArray[np.int64]
_DENSE = 1 << 22
"""Up to so many combinations are found by a table of flags, which is faster than sorting."""


@dataclass
class Column:
    """One column: `values[codes[row]]` is a row's value."""

    codes: Codes
    values: list[JsonValue]

    def at(self, row: int) -> JsonValue:
        """A row's value."""
        held: JsonValue = self.values[int(self.codes[row])]
        return held

    def told(self) -> list[JsonValue]:
        """Every row's value, in order."""
        return [self.values[code] for code in self.codes.tolist()]

    def mask(self, holds: Callable[[JsonValue], bool]) -> Mask:
        """The rows whose value holds; asked once for each value."""
        return np.array([holds(value) for value in self.values], dtype=bool)[self.codes] if self.values else _none()

    def mapped(self, change: Callable[[JsonValue], JsonValue]) -> "Column":
        """The column with every value changed; equal results become one value."""
        index = Index()
        told = np.array([index.code(change(value)) for value in self.values], dtype=np.int32)
        return Column(told[self.codes] if self.values else _no_codes(), index.values)


def _none() -> Mask:
    return np.zeros(0, dtype=bool)


def _no_codes() -> Codes:
    return np.zeros(0, dtype=np.int32)


def value_key(value: JsonValue) -> object:
    """What tells values apart: 1, 1.0 and true are three."""
    if type(value) is str or value is None:
        return value
    return type(value).__name__, value if not isinstance(value, list | dict) else json.dumps(value, sort_keys=True)


@dataclass(slots=True)
class Index:
    """Numbers for values, in the order in which they come."""

    values: list[JsonValue] = field(default_factory=list)
    _known: dict[object, int] = field(default_factory=dict)

    def code(self, value: JsonValue) -> int:
        """The value's number, a new one for a new value."""
        key = value_key(value)
        held = self._known.get(key)
        if held is None:
            held = self._known[key] = len(self.values)
            self.values.append(value)
        return held


@dataclass
class Table:
    """Columns and plain numbers of the same rows."""

    columns: dict[str, Column] = field(default_factory=dict)
    numbers: dict[str, Numbers] = field(default_factory=dict)

    def __len__(self) -> int:
        sizes = [len(column.codes) for column in self.columns.values()] + [len(one) for one in self.numbers.values()]
        return sizes[0] if sizes else 0

    def rows(self, chosen: "Mask | NDArray[np.int64]") -> "Table":
        """Some of the rows, or all in another order; the columns' values stay shared."""
        columns = {name: Column(column.codes[chosen], column.values) for name, column in self.columns.items()}
        return Table(columns, {name: numbers[chosen] for name, numbers in self.numbers.items()})


class TableBuilder:
    """A table that grows row by row; which columns it has is said before."""

    def __init__(self, columns: Iterable[str], numbers: Mapping[str, type]) -> None:
        self._index = {name: Index() for name in columns}
        self._codes: dict[str, list[int]] = {name: [] for name in self._index}
        self._types = dict(numbers)
        self._numbers: dict[str, list[float]] = {name: [] for name in numbers}

    def add(self, values: Mapping[str, JsonValue], numbers: Mapping[str, float]) -> None:
        """One row. Raises KeyError when a number is left out; a value that is left out is not known."""
        for name, index in self._index.items():
            self._codes[name].append(index.code(values.get(name)))
        for name, held in self._numbers.items():
            held.append(numbers[name])

    def table(self) -> Table:
        """What was added so far."""
        columns = {
            name: Column(np.array(self._codes[name], dtype=np.int32), list(index.values))
            for name, index in self._index.items()
        }
        return Table(columns, {name: np.array(held, dtype=self._types[name]) for name, held in self._numbers.items()})


def joined(tables: Sequence[Table]) -> Table:
    """The rows of all tables, which have the same columns; equal values become one."""
    if len(tables) == 1:
        return tables[0]
    columns = {
        name: _joined([table.columns[name] for table in tables]) for name in (tables[0].columns if tables else ())
    }
    numbers = {
        name: np.concatenate([table.numbers[name] for table in tables])
        for name in (tables[0].numbers if tables else ())
    }
    return Table(columns, numbers)


def _joined(parts: Sequence[Column]) -> Column:
    index, codes = Index(), []
    for part in parts:
        told = np.array([index.code(value) for value in part.values], dtype=np.int32)
        codes.append(told[part.codes] if len(told) else _no_codes())
    return Column(np.concatenate(codes), index.values)


@dataclass(frozen=True)
class Groups:
    """Rows by combination: `first[group]` is a row of it, `of[row]` its group."""

    of: Codes
    first: NDArray[np.int64]

    def spread(self, by_group: NDArray[np.generic]) -> NDArray[np.generic]:
        """What was found for each group, for each row."""
        return by_group[self.of]


def grouped(parts: Sequence[tuple[Codes, int]], rows: int) -> Groups:
    """The rows grouped by the combination of codes; each part with the count of its codes. No parts: one group."""
    keys, size = np.zeros(rows, dtype=np.int64), 1
    for codes, count in parts:
        if size * max(count, 1) >= _DENSE and size > 1:
            keys, size = _compressed(keys, size)
        keys = keys * count + codes
        size *= max(count, 1)
    keys, size = _compressed(keys, size)
    first = np.full(size, rows, dtype=np.int64)
    first[keys[::-1]] = np.arange(rows - 1, -1, -1)
    return Groups(keys.astype(np.int32), first)


def _compressed(keys: NDArray[np.int64], size: int) -> tuple[NDArray[np.int64], int]:
    """The same grouping with keys from 0 on, without gaps."""
    if size > max(_DENSE, 4 * len(keys)):
        found, inverse = np.unique(keys, return_inverse=True)
        return inverse.astype(np.int64), len(found)
    present = np.zeros(size, dtype=bool)
    present[keys] = True
    number = np.cumsum(present) - 1
    return number[keys], int(present.sum())
