"""New points for the rows of the policy's own tables, from outcomes: proposed to a person, never put into force here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from libs.policy.documents import read_document
from libs.policy.scoring import PointsTable, Scoring
from scoring.fit import weights_of
from scoring.history import Scored, held_rows
from scoring.table import is_test

LEAST_LEADS = 100
LEAST_OF_EACH = 20
"""So many leads that converted, and that did not, a table needs before its points are touched."""
LEAST_HELD = 5
"""A row that held for fewer leads keeps its points: nothing was seen of it."""
MOST_POINTS = 1000


@dataclass(frozen=True, slots=True)
class Proposal:
    """One row's points now and as the outcomes speak for."""

    table: str
    row: str
    group: str
    now: int
    proposed: int
    held: int
    """For so many of the leads that were learned from it held."""
    converted: float
    why: str = ""


def proposals(found: Sequence[Scored], scoring: Scoring) -> tuple[list[Proposal], dict[str, str]]:
    """Proposed points by row, and for each table that keeps its points, why. Learned from the leads that `is_test` leaves.

    The scale stays: scores spread over a table's leads as they do now, so that the bands keep their meaning.
    """
    learned: list[Proposal] = []
    kept: dict[str, str] = {}
    rows = [(one, *held_rows(one.lead, scoring)) for one in found if not is_test(one.lead.lead_id)]
    for table in scoring.tables:
        mine = [(one.won, held) for one, its, held in rows if its is not None and its.name == table.name]
        won = sum(ended for ended, _ in mine)
        if len(mine) < LEAST_LEADS or min(won, len(mine) - won) < LEAST_OF_EACH:
            kept[table.name] = f"{len(mine)} leads, {won} of them converted: too few to learn from"
            continue
        learned += _table(table, [held for _, held in mine], [ended for ended, _ in mine])
    return learned, kept


def _table(table: PointsTable, held: Sequence[Mapping[str, float]], won: Sequence[bool]) -> list[Proposal]:
    rules = [rule for rule in table.rules if not rule.review]
    matrix, outcome = np.asarray([[row[rule.name] for rule in rules] for row in held]), np.asarray(won)
    signs = np.asarray([-1.0 if rule.group == "risk" else 1.0 for rule in rules])
    weights, _ = weights_of(matrix, outcome)
    now = matrix @ (signs * [rule.points for rule in rules])
    spread = float(np.std(matrix @ weights))
    factor = float(np.std(now)) / spread if spread and np.std(now) else 1.0
    found = []
    for at, rule in enumerate(rules):
        seen = matrix[:, at] > 0
        count = int(seen.sum())
        points = int(np.floor(weights[at] * signs[at] * factor + 0.5))
        why = ""
        if count < LEAST_HELD:
            points, why = rule.points, f"held for {count} leads only"
        elif points < 1:
            points, why = 1, "the outcomes do not speak for this row: think of taking it out"
        share = float(outcome[seen].mean()) if count else 0.0
        found.append(
            Proposal(table.name, rule.name, rule.group, rule.points, min(points, MOST_POINTS), count, share, why)
        )
    return found


def with_points(text: str, scoring: Scoring, proposed: Sequence[Proposal]) -> str:
    """The text of scoring.yaml with the proposed points in place of the old ones, everything else as it stands."""
    places = read_document("scoring.yaml", text).values
    lines = text.splitlines(keepends=True)
    wanted = {(one.table, one.row): one for one in proposed if one.proposed != one.now}
    changes = []
    for table_at, table in enumerate(scoring.tables):
        for at, rule in enumerate(table.rules):
            one = wanted.get((table.name, rule.name))
            place = places.get(("tables", table_at, "rules", at, "points"))
            if one is not None and place is not None:
                changes.append((place.text_line, place.text_column, one))
    for line, column, one in sorted(changes, key=lambda change: (-change[0], -change[1])):
        held, old = lines[line - 1], str(one.now)
        assert held[column - 1 :].startswith(old), f"{one.row}: {held.strip()} does not hold {old}"
        lines[line - 1] = held[: column - 1] + str(one.proposed) + held[column - 1 + len(old) :]
    return "".join(lines)
