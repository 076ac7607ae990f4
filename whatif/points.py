"""Scores in columns: leads for which the same rows hold and the same is known have the same tally, which is made once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray
from pydantic import JsonValue

from libs.policy.facts import Facts
from libs.policy.policy import Policy
from libs.policy.scoring import PointsTable, ScoringRule
from services.score.domain.points import NO_TABLE, Tally, is_known, points_of, tallied
from services.score.domain.record import note_conflict
from whatif.conditions import HOLDS, Outcome
from whatif.needed import KNOWN, SCORED
from whatif.table import Codes, Column, Table, grouped

NOTE = "record.owner_note"
_ANY_SCORE = 1_000_000
"""Above and below every score: by both, what an owner's note may speak against is told."""


@dataclass
class Tallies:
    """The tally of every row."""

    of: Codes
    held: list[Tally]


def score_columns(table: Table) -> dict[str, Column]:
    """The facts as score knew them: the record base's own, and no score yet."""
    columns = {
        name.removeprefix(SCORED): column
        for name, column in table.columns.items()
        if name.startswith(("lead.", SCORED))
    }
    return {name: column for name, column in columns.items() if not name.startswith("lead.score.")}


def tallies(table: Table, policy: Policy) -> Tallies:
    """What the policy's points tables give to every row."""
    outcome = Outcome(score_columns(table), len(table))
    found = Tallies(np.zeros(len(table), dtype=np.int32), [NO_TABLE])
    free = np.ones(len(table), dtype=bool)
    for points in policy.scoring.tables:
        mine = free & (outcome.of(points.when) == HOLDS)
        free &= ~mine
        rows = np.flatnonzero(mine)
        if len(rows):
            _tally(_Tabled(table, policy, points, outcome, rows), found)
    return found


@dataclass
class _Tabled:
    """The rows of one points table."""

    table: Table
    policy: Policy
    points: PointsTable
    outcome: Outcome
    rows: NDArray[np.int64]

    def column(self, name: str) -> Column | None:
        """The column of a fact, of which perhaps only is kept whether it is known."""
        return self.outcome.columns.get(name) or self.table.columns.get(
            KNOWN + (SCORED + name if name.startswith("record.") else name)
        )

    def matters(self) -> list[str]:
        """Facts of which matters whether they are known."""
        rules = (rule for rule in self.points.rules if rule.group != "risk" and not rule.review)
        asked = [name for rule in rules for name in rule.when.names]
        asked += [name for one in self.points.required for name in one.any_of]
        asked += [name for question in self.policy.taxonomy.qualification for name in question.any_of]
        return list(dict.fromkeys(asked))


def _tally(mine: _Tabled, found: Tallies) -> None:
    held = [mine.outcome.of(rule.when)[mine.rows] == HOLDS for rule in mine.points.rules]
    left = {
        number: _left(rule, held[number], mine)
        for number, rule in enumerate(mine.points.rules)
        if rule.half_life_days is not None
    }
    parts = [(one.astype(np.int32), 2) for one in held]
    parts += [(points.astype(np.int32), int(points.max(initial=0)) + 1) for points in left.values()]
    parts += [_known(mine.column(name), mine.rows) for name in mine.matters()]
    parts += _worded(mine, held)
    groups = grouped(parts, len(mine.rows))
    told = np.array([len(found.held) + number for number in range(len(groups.first))], dtype=np.int32)
    found.of[mine.rows] = told[groups.of]
    for first in groups.first.tolist():
        rules = [number for number in range(len(held)) if held[number][first]]
        found.held.append(_one(mine, rules, {number: int(left[number][first]) for number in left}, first))


def _left(rule: ScoringRule, held: NDArray[np.bool_], mine: _Tabled) -> NDArray[np.int64]:
    """The points of a row that fades, where it holds; each age is asked once."""
    ages = mine.table.numbers["age_seconds"][mine.rows]
    points = np.zeros(len(ages), dtype=np.int64)
    some, inverse = np.unique(ages[held], return_inverse=True)
    told = [points_of(rule, None if np.isnan(age) else timedelta(seconds=float(age))) for age in some]
    points[held] = np.array(told, dtype=np.int64)[inverse]
    return points


def _known(column: Column | None, rows: NDArray[np.int64]) -> tuple[Codes, int]:
    if column is None:
        return np.zeros(len(rows), dtype=np.int32), 1
    return column.mask(is_known)[rows].astype(np.int32), 2


def _worded(mine: _Tabled, held: Sequence[NDArray[np.bool_]]) -> list[tuple[Codes, int]]:
    """What the sentences of questions depend on: facts of rows that ask a person, and what the owner's note says."""
    parts = []
    for rule, holding in zip(mine.points.rules, held, strict=True):
        for name in rule.reason.names if rule.review else ():
            column = mine.column(name)
            if column is not None:
                parts.append(
                    (np.where(holding, column.codes[mine.rows] + 1, 0).astype(np.int32), len(column.values) + 1)
                )
    note, notes = mine.column(NOTE), mine.policy.scoring.owner_notes
    if note is not None:

        def said(value: JsonValue) -> JsonValue:
            return [note_conflict(value, _ANY_SCORE, notes), note_conflict(value, -_ANY_SCORE, notes)]

        told = note.mapped(said)
        parts.append((told.codes[mine.rows], len(told.values)))
    return parts


def _one(mine: _Tabled, rules: Sequence[int], left: Mapping[int, int], first: int) -> Tally:
    row = int(mine.rows[first])
    held = [mine.points.rules[number] for number in rules]
    points = [left[number] if number in left else points_of(mine.points.rules[number], None) for number in rules]
    scoring, questions = mine.policy.scoring, mine.policy.taxonomy.qualification
    return tallied(mine.points, held, _facts(mine, row), points, scoring.owner_notes, questions)


def _facts(mine: _Tabled, row: int) -> Facts:
    names = [*mine.matters(), NOTE, *(name for rule in mine.points.rules if rule.review for name in rule.reason.names)]
    held = {name: mine.column(name) for name in names}
    return {name: column.at(row) for name, column in held.items() if column is not None}
