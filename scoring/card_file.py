"""A points table as a JSON file that a person can read, and a table scored by one."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from math import inf
from pathlib import Path
from typing import Any

from scoring.fit import Card, scores_of
from scoring.rows import Row
from scoring.table import Table, TableError


def card_text(card: Card, learned_from: str) -> str:
    """The card as JSON. `learned_from` is the file's name: what was learned from is not tested on."""
    told = {
        "learned_from": learned_from,
        "leads": card.learned_from,
        "tested_on": card.tested_on,
        "auc": asdict(card.auc),
        "gradient_boosting_auc": asdict(card.boosted),
        "calibration_error": card.calibration_error,
        "base": card.base,
        "rows": [
            {
                "text": one.row.text,
                "points": one.points,
                "share": one.share,
                "converted": one.converted,
                **_row(one.row),
            }
            for one in card.rows
        ],
    }
    return json.dumps(told, indent=2, ensure_ascii=False) + "\n"


def read_card(path: Path) -> dict[str, Any]:
    """A card's file. Raises TableError when it is not one."""
    try:
        card = json.loads(path.read_text(encoding="utf-8"))
        assert isinstance(card, dict) and isinstance(card["base"], int) and isinstance(card["rows"], list)  # noqa: PT018
        card["learned_from"] = str(card["learned_from"])
        card["parsed"] = [(_parsed(one), int(one["points"])) for one in card["rows"]]
    except (OSError, ValueError, KeyError, TypeError, AssertionError) as error:
        raise TableError(f"{path.name} is no points table of `score fit --out`: {type(error).__name__}") from None
    return card


def scored_by(card: dict[str, Any], table: Table) -> list[float]:
    """Each row's sum of points. Raises TableError when the table lacks a column."""
    groups: dict[tuple[str, ...], list[tuple[Row, int]]] = {}
    for row, points in card["parsed"]:
        groups.setdefault(row.columns, []).append((row, points))
    held = {one.name for one in table.columns}
    if lacking := [name for names in groups for name in names if name not in held]:
        raise TableError(f"the table lacks the column {lacking[0]!r}, which has points")
    rows: Sequence[Sequence[Row]] = [[row for row, _ in group] for group in groups.values()]
    points = [points for group in groups.values() for _, points in group]
    return scores_of(table, rows, points, card["base"])


def _row(row: Row) -> dict[str, Any]:
    told: dict[str, Any] = {"column": row.column}
    if row.value is not None:
        told["value"] = row.value
    if row.low != -inf:
        told["low"] = row.low
    if row.high != inf:
        told["high"] = row.high
    if row.also is not None:
        told["also"] = _row(row.also)
    return {**told, **({"missing": True} if row.missing else {}), **({"other": True} if row.other else {})}


def _parsed(told: dict[str, Any]) -> Row:
    held = {name: told[name] for name in ("column", "value", "low", "high", "missing", "other") if name in told}
    return Row(**held, also=_parsed(told["also"]) if "also" in told else None)
