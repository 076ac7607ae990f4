"""How far an import got: a SQLite file in the data folder, so that the same command goes on where it stopped."""

import sqlite3
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Verdict = Literal["new", "known", "possible", "doubled", "unreachable", "no_lead", "broken"]
VERDICTS: tuple[Verdict, ...] = ("new", "known", "possible", "doubled", "unreachable", "no_lead", "broken")
_TABLES = """
create table if not exists checked (
    row integer primary key,
    verdict text not null,
    why text not null default '',
    contact_id text,
    person text,
    posted text,
    submission_id text
);
create unique index if not exists checked_person on checked (person) where person is not null;
create index if not exists checked_open on checked (verdict, row) where posted is null;
create table if not exists figure (name text primary key, count integer not null);
"""


@dataclass(frozen=True, slots=True)
class Checked:
    """What a row is, and why."""

    row: int
    verdict: Verdict
    why: str = ""
    contact_id: str | None = None
    person: str | None = None
    """What makes two rows one person, on the first row that has it."""


def earlier(path: Path, like: str) -> dict[str, int]:
    """Rows posted by other imports whose state stands beside `path`, by the name of their state; `like`: a glob."""
    found = {}
    for other in sorted(path.parent.glob(like)):
        if other != path:
            state = ImportState(other)
            found[other.name] = state.outcomes().get("posted", 0)
            state.close()
    return {name: count for name, count in found.items() if count}


@dataclass(frozen=True, slots=True)
class Told:
    """A row as it is listed. `posted` is empty, `posted`, or `refused`."""

    row: int
    verdict: Verdict
    why: str
    contact_id: str
    posted: str
    submission_id: str


class ImportState:
    """The rows of one file, posted to one source, by one mapping."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self.path = path
        self._db = sqlite3.connect(path, check_same_thread=False)  # one thread at a time, whichever it is
        self._db.execute("pragma journal_mode = wal")
        self._db.execute(
            "pragma synchronous = normal"
        )  # what a power cut takes back is posted again as the same delivery
        self._db.executescript(_TABLES)

    def close(self) -> None:
        """Close the file."""
        self._db.close()

    def begin(self) -> bool:
        """Forget what rows were found to be, unless posting has begun; returns whether it has. People come and go
        between a dry run and the import."""
        begun = self._db.execute("select exists (select 1 from checked where posted is not null)").fetchone()[0]
        if not begun:
            with self._db:
                self._db.execute("delete from checked")
                self._db.execute("delete from figure")
        return bool(begun)

    def last_checked(self) -> int:
        """The highest row that was looked at; rows are checked in order."""
        return int(self._db.execute("select coalesce(max(row), 0) from checked").fetchone()[0])

    def row_of(self, person: str) -> int | None:
        """The first row of this person."""
        found = self._db.execute("select row from checked where person = ?", (person,)).fetchone()
        return None if found is None else int(found[0])

    def keep(self, checked: Iterable[Checked], figures: Iterable[str] = ()) -> None:
        """Store what rows are, and count what was seen in them."""
        with self._db:
            self._db.executemany(
                "insert or replace into checked (row, verdict, why, contact_id, person) values (?, ?, ?, ?, ?)",
                [(one.row, one.verdict, one.why, one.contact_id, one.person) for one in checked],
            )
            self._db.executemany(
                "insert into figure (name, count) values (?, 1) on conflict (name) do update set count = count + 1",
                [(name,) for name in figures],
            )

    def counts(self) -> dict[Verdict, int]:
        """How many rows are what."""
        found = dict(self._db.execute("select verdict, count(*) from checked group by verdict"))
        return {verdict: found.get(verdict, 0) for verdict in VERDICTS}

    def finished(self) -> dict[Verdict, int]:
        """How many rows of each kind were posted or refused."""
        return dict(self._db.execute("select verdict, count(*) from checked where posted is not null group by verdict"))

    def figures(self) -> dict[str, int]:
        """What was counted in rows."""
        return dict(self._db.execute("select name, count from figure"))

    def outcomes(self) -> dict[str, int]:
        """How many rows were posted or refused."""
        return dict(self._db.execute("select posted, count(*) from checked where posted is not null group by posted"))

    def open_rows(self, skipped: Collection[Verdict]) -> set[int]:
        """The rows that are still to be posted. One that can't be a body never is."""
        wanted = [verdict for verdict in VERDICTS if verdict not in skipped and verdict != "broken"]
        marks = ", ".join("?" * len(wanted))
        sql = f"select row from checked where posted is null and verdict in ({marks})"  # noqa: S608 - marks only
        return {row for (row,) in self._db.execute(sql, wanted)}

    def finish(self, row: int, posted: str, submission_id: str = "", why: str = "") -> None:
        """Store what became of a row; it counts from then on, whatever happens."""
        with self._db:
            self._db.execute(
                "update checked set posted = ?, submission_id = ?, why = case ? when '' then why else ? end where row = ?",
                (posted, submission_id, why, why, row),
            )

    def told(self, verdict: Verdict | None = None, limit: int = -1) -> Iterator[Told]:
        """Rows in order, of one verdict or all."""
        rows = self._db.execute(
            "select row, verdict, why, coalesce(contact_id, ''), coalesce(posted, ''), coalesce(submission_id, '') "
            "from checked where ? is null or verdict = ? order by row limit ?",
            (verdict, verdict, limit),
        )
        for row in rows:
            yield Told(*row)
