"""How well the pipeline finds duplicates without a label: trained on a public set, then counted against its labels."""

from collections import Counter
from dataclasses import dataclass
from math import comb

import duckdb
import pyarrow as pa
from splink import DuckDBAPI, Linker

from matching.base import Say
from matching.model import splink_settings
from matching.public_sets import PublicSet, Records
from matching.train import estimate

SAME_FROM = 0.5
"""A pair counts as found when it is likelier one person than two."""
PAIRS = 1e6


@dataclass(frozen=True)
class Found:
    """What was found of a set's true pairs."""

    records: int
    true_pairs: int
    found_pairs: int
    right_pairs: int

    @property
    def precision(self) -> float:
        """The share of the found pairs that are right, 0-1."""
        return self.right_pairs / self.found_pairs if self.found_pairs else 0.0

    @property
    def recall(self) -> float:
        """The share of the true pairs that were found, 0-1."""
        return self.right_pairs / self.true_pairs if self.true_pairs else 0.0

    @property
    def f1(self) -> float:
        """The harmonic mean of precision and recall, 0-1."""
        return 2 * self.right_pairs / (self.found_pairs + self.true_pairs) if self.true_pairs else 0.0


def evaluate(one: PublicSet, records: Records, say: Say, least: float = SAME_FROM) -> Found:
    """Train on the records, predict, count. `least` is the match probability (0-1) from which a pair counts as found."""
    connection = duckdb.connect()
    columns = ("unique_id", *one.columns)
    held = {column: pa.array([row[column] or None for row in records], pa.string()) for column in columns}
    connection.register("sb_incoming", pa.table(held))
    connection.execute("create table record as select * from sb_incoming")
    settings = splink_settings(one.conditions, None, one.rules)
    linker = Linker(DuckDBAPI(connection).register("record"), settings, log_level="ERROR")
    estimate(connection, "record", linker, one.plan, PAIRS, say)
    predicted = linker.inference.predict(threshold_match_probability=least)
    rows = connection.execute(f"select unique_id_l, unique_id_r from {predicted.physical_name}").fetchall()  # noqa: S608
    person = {row["unique_id"]: row["person"] for row in records}
    right = sum(person[left] == person[right] for left, right in rows)
    true = sum(comb(count, 2) for count in Counter(person.values()).values())
    return Found(len(records), true, len(rows), right)
