"""How far an import got: a SQLite file in the data folder, so that the same command goes on where it stopped."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Verdict = Literal["new", "duplicate", "duplicate_in_file", "possible", "invalid"]
VERDICTS: tuple[Verdict, ...] = ("new", "duplicate", "duplicate_in_file", "possible", "invalid")
_TABLES = """
create table if not exists checked (
    row integer primary key,
    verdict text not null,
    detail text not null default '',
    company_id text,
    own_key text,
    done text
);
create unique index if not exists checked_key on checked (own_key) where own_key is not null;
create index if not exists checked_open on checked (verdict, row) where done is null;
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a row is, and why."""

    row: int
    verdict: Verdict
    detail: str = ""
    company_id: str | None = None
    own_key: str | None = None


class ImportState:
    """The rows of one file with one mapping."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, check_same_thread=False)  # one thread at a time, whichever it is
        self._db.execute("pragma journal_mode = wal")
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def last_checked(self) -> int:
        """The highest row that was looked at; rows are checked in order."""
        return int(self._db.execute("select coalesce(max(row), 0) from checked").fetchone()[0])

    def row_with(self, own_key: str) -> int | None:
        """The first row that has this key."""
        found = self._db.execute("select row from checked where own_key = ?", (own_key,)).fetchone()
        return None if found is None else int(found[0])

    def keep(self, checked: Iterable[Checked]) -> None:
        """Store what rows are."""
        with self._db:
            self._db.executemany(
                "insert or replace into checked (row, verdict, detail, company_id, own_key) values (?, ?, ?, ?, ?)",
                [(one.row, one.verdict, one.detail, one.company_id, one.own_key) for one in checked],
            )

    def counts(self) -> dict[Verdict, int]:
        """How many rows are what."""
        found = dict(self._db.execute("select verdict, count(*) from checked group by verdict"))
        return {verdict: found.get(verdict, 0) for verdict in VERDICTS}

    def outcomes(self) -> dict[str, int]:
        """How many rows were made, found there already, or refused."""
        return dict(self._db.execute("select done, count(*) from checked where done is not null group by done"))

    def open_rows(self, verdicts: Sequence[Verdict]) -> dict[int, str | None]:
        """The rows that are still to be made, with the company that they belong to."""
        marks = ", ".join("?" * len(verdicts))
        sql = f"select row, company_id from checked where done is null and verdict in ({marks})"  # noqa: S608 - marks only
        return dict(self._db.execute(sql, verdicts))

    def finish(self, rows: Iterable[tuple[int, str, str]]) -> None:
        """Store what became of rows: (row, outcome, why)."""
        with self._db:
            self._db.executemany(
                "update checked set done = ?, detail = case when ? = '' then detail else ? end where row = ?",
                [(outcome, why, why, row) for row, outcome, why in rows],
            )

    def told(self, verdicts: Sequence[Verdict], outcomes: Sequence[str] = ()) -> Iterator[tuple[int, str, str]]:
        """Rows with one of the verdicts or outcomes, in order: (row, verdict or outcome, why)."""
        marks, more = ", ".join("?" * len(verdicts)), ", ".join("?" * len(outcomes))
        yield from self._db.execute(
            f"select row, case when done in ({more}) then done else verdict end, detail from checked "  # noqa: S608
            f"where verdict in ({marks}) or done in ({more}) order by row",
            (*outcomes, *verdicts, *outcomes),
        )
