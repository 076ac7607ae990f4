"""Made tables of leads whose odds are known."""

import csv
from collections.abc import Sequence
from math import exp
from pathlib import Path
from typing import Any

import numpy as np

SOURCES = ("ads", "organic", "referral", "event")
WORTH = {"ads": -1.0, "organic": 0.0, "referral": 1.5, "event": 0.5}


def leads(count: int, *, seed: int = 1, together: float = 0.0) -> list[dict[str, Any]]:
    """Leads that convert by source, visits and, `together`, by an event that was visited often; and columns of noise."""
    chance = np.random.default_rng(seed)
    rows = []
    for number in range(count):
        source, visits = SOURCES[int(chance.integers(0, 4))], int(chance.poisson(4))
        odds = WORTH[source] + 0.4 * (visits - 4) + together * (1 if source == "event" and visits >= 5 else 0) - 0.5
        rows.append({
            "id": f"lead-{number}", "source": source, "visits": visits if chance.random() > 0.1 else "",
            "city": f"city {int(chance.integers(0, 12))}", "note": f"a note of its own, number {number}", "same": "x",
            "converted": int(chance.random() < 1 / (1 + exp(-odds))),
        })  # fmt: skip
    return rows


def written(path: Path, rows: Sequence[dict[str, Any]], delimiter: str = ",") -> Path:
    """The rows as a CSV file."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]), delimiter=delimiter)
        writer.writeheader()
        writer.writerows(rows)
    return path
