"""A table of leads with their outcomes, read from a CSV file: typed columns, the outcome as yes or no, and what is left out."""

import csv
import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

YES = frozenset(
    ("1", "1.0", "yes", "y", "true", "t", "won", "converted", "closed won", "success", "sale", "ja", "oui", "sí", "si")
)
NO = frozenset(
    (
        "0",
        "0.0",
        "-1",
        "no",
        "n",
        "false",
        "f",
        "lost",
        "not converted",
        "closed lost",
        "failure",
        "none",
        "nein",
        "non",
    )
)
OUTCOME_NAMES = (
    "outcome", "converted", "conversion", "is_converted", "won", "is_won", "target", "label", "y", "deposit",
    "purchased", "status",
)  # fmt: skip
NOT_SAID = frozenset(("", "na", "n/a", "nan", "null", "none", "select", "unknown", "-", "?"))
"""How tables spell that nothing is known; `select` is a form's untouched drop-down."""
MOST_LEVELS = 60
"""A text column with more different values than this, most of them rare, is no category."""
LONG_TEXT = 80


class TableError(ValueError):
    """The file can't be used; the message says what is wrong and what to do."""


@dataclass(frozen=True, slots=True)
class Column:
    """One feature, a value for each row; None is not known."""

    name: str
    kind: Literal["number", "category"]
    values: Sequence[float | str | None]


@dataclass(frozen=True, slots=True)
class Table:
    """Rows of leads. `left_out` says of every column that is no feature why."""

    outcome: Sequence[bool]
    columns: Sequence[Column]
    keys: Sequence[str]
    """One for each row, the same at every reading: its id, else a hash of its content."""
    times: Sequence[datetime] | None = None
    left_out: Mapping[str, str] = field(default_factory=dict)

    @property
    def rows(self) -> int:
        """How many leads there are."""
        return len(self.outcome)

    def only(self, chosen: Sequence[int]) -> "Table":
        """The rows at these places."""
        columns = [Column(one.name, one.kind, [one.values[at] for at in chosen]) for one in self.columns]
        times = None if self.times is None else [self.times[at] for at in chosen]
        return Table(
            [self.outcome[at] for at in chosen], columns, [self.keys[at] for at in chosen], times, self.left_out
        )


def read_rows(path: Path) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a CSV file, whatever its delimiter. Raises TableError."""
    try:
        text = path.read_text(encoding="utf-8-sig", errors="replace")
    except OSError as error:
        raise TableError(f"{path.name} can't be read: {error.strerror}") from None
    head = text[:20_000]
    try:
        dialect: type[csv.Dialect] | csv.Dialect = csv.Sniffer().sniff(head.partition("\n")[0], delimiters=",;\t|")
    except csv.Error:
        dialect = csv.excel
    csv.field_size_limit(10_000_000)
    rows = [row for row in csv.reader(text.splitlines(keepends=True), dialect) if row]
    if len(rows) < 2:
        raise TableError(f"{path.name} holds no rows: it needs a header line and a line for each lead")
    header = [name.strip() for name in rows[0]]
    if twice := [name for name, count in Counter(header).items() if count > 1]:
        raise TableError(f"{path.name} has the column {twice[0]!r} twice: rename one")
    width = len(header)
    return header, [[*row, *[""] * (width - len(row))][:width] for row in rows[1:]]


def outcome_column(header: Sequence[str], rows: Sequence[Sequence[str]], named: str | None) -> str:
    """The column with the outcome: the one that was named, else one that is called like one and holds two values."""
    if named is not None:
        if named not in header:
            raise TableError(f"there is no column {named!r}; columns are {', '.join(header)}")
        return named
    for wanted in OUTCOME_NAMES:
        for at, name in enumerate(header):
            values = {row[at].strip().casefold() for row in rows}
            if name.casefold().replace(" ", "_") == wanted and values <= YES | NO | {""}:
                return name
    raise TableError(f"which column says how it ended? Name it with --outcome; columns are {', '.join(header)}")


def outcomes(values: Iterable[str], name: str, positive: str | None = None) -> list[bool | None]:
    """Yes, no or not known yet for each row. `positive` is the value that means yes. Raises TableError for other words."""
    found: list[bool | None] = []
    for number, value in enumerate(values, 2):
        word = value.strip().casefold()
        if positive is not None:
            found.append(None if not word else word == positive.strip().casefold())
        elif word in YES or word in NO or not word:
            found.append(None if not word else word in YES)
        else:
            raise TableError(
                f"{name} is {value!r} in line {number}: write yes or no, or name the good one with --positive"
            )
    return found


def read_table(
    path: Path,
    outcome: str | None = None,
    *,
    positive: str | None = None,
    key: str | None = None,
    time: str | None = None,
    exclude: Sequence[str] = (),
) -> Table:
    """A table of features and outcomes. Rows without an outcome are left out. Raises TableError."""
    header, rows = read_rows(path)
    chosen = outcome_column(header, rows, outcome)
    for name in (*exclude, *(one for one in (key, time) if one)):
        if name not in header:
            raise TableError(f"there is no column {name!r}; columns are {', '.join(header)}")
    ended = outcomes((row[header.index(chosen)] for row in rows), chosen, positive)
    kept = [at for at, one in enumerate(ended) if one is not None]
    told = [bool(ended[at]) for at in kept]
    if len(set(told)) < 2:
        raise TableError(f"{chosen} is the same for all of the {len(told):,} rows: there is nothing to learn from")
    columns, left_out = [], {chosen: "the outcome"}
    for at, name in enumerate(header):
        if name == chosen:
            continue
        values = [_said(rows[row][at]) for row in kept]
        why = _no_feature(name, values, exclude, key, time)
        if why:
            left_out[name] = why
        else:
            columns.append(_column(name, values))
    place = None if key is None else header.index(key)
    keys = [rows[at][place] if place is not None else _hash(rows[at]) for at in kept]
    times = None if time is None else [time_of(rows[at][header.index(time)], time, at + 2) for at in kept]
    if not columns:
        raise TableError(
            "no column is left to learn from: " + "; ".join(f"{name} ({why})" for name, why in left_out.items())
        )
    return Table(told, columns, keys, times, left_out)


def split(table: Table, share: float = 0.3) -> tuple[list[int], list[int]]:
    """Places of the rows to learn from and to test on: the newest `share` when there are times, else a share that is
    chosen by the hash of the row's key, so that a row is always on the same side."""
    places = range(table.rows)
    if table.times is not None:
        times = table.times
        ordered = sorted(places, key=lambda at: (times[at], table.keys[at]))
        cut = int(len(ordered) * (1 - share))
        return ordered[:cut], ordered[cut:]
    test = [at for at in places if is_test(table.keys[at], share)]
    chosen = set(test)
    return [at for at in places if at not in chosen], test


def is_test(key: str, share: float = 0.3) -> bool:
    """Whether a row of this key is only tested on."""
    return int.from_bytes(hashlib.sha256(key.encode()).digest()[:8], "big") / 2**64 < share


def _said(text: str) -> str | None:
    word = text.strip()
    return None if word.casefold() in NOT_SAID else word


def _no_feature(
    name: str, values: Sequence[str | None], exclude: Sequence[str], key: str | None, time: str | None
) -> str | None:
    """Why a column is no feature; None when it is one."""
    if name in exclude:
        return "left out by you"
    if name == key:
        return "the key"
    if name == time:
        return "the time"
    known = [value for value in values if value is not None]
    if len(set(values)) < 2:
        return "the same in every row"
    counts = Counter(known)
    if _numbers(known):
        whole = all(float(value).is_integer() for value in known)
        return "a number of its own for each row" if whole and len(counts) > 0.98 * len(known) > 50 else None
    if len(counts) > 0.9 * len(known) > 20:
        return "a text of its own for most rows"
    if sum(map(len, known)) / len(known) > LONG_TEXT:
        return "free text"
    often = sum(count for _, count in counts.most_common(MOST_LEVELS))
    return None if often >= 0.5 * len(known) else "too many different values"


def _column(name: str, values: Sequence[str | None]) -> Column:
    known = [value for value in values if value is not None]
    if _numbers(known) and len(set(known)) > 2:
        return Column(name, "number", [None if value is None else float(value) for value in values])
    return Column(name, "category", list(values))


def _numbers(values: Iterable[str]) -> bool:
    try:
        return all(float(value) == float(value) for value in values)
    except ValueError:
        return False


def _hash(row: Sequence[str]) -> str:
    return hashlib.sha256("\x1f".join(row).encode()).hexdigest()[:16]


def time_of(text: str, name: str, line: int) -> datetime:
    """A date or time as tables write it, UTC when it names no zone. Raises TableError."""
    for read in _READERS:
        try:
            moment = read(text.strip())
        except ValueError:
            continue
        return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    raise TableError(f"{name} is {text!r} in line {line}: write a date as 2026-05-04 or 2026-05-04T14:22:00Z")


def _formats() -> Iterator[Callable[[str], datetime]]:
    yield datetime.fromisoformat
    for form in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y %H:%M", "%d/%m/%Y %H:%M", "%m/%d/%Y %H:%M"):
        yield lambda text, form=form: datetime.strptime(text, form).replace(tzinfo=UTC)  # type: ignore[misc]


_READERS = tuple(_formats())
