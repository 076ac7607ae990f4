"""A row as the JSON that is posted for it: its own headings and cell texts, and where it stood."""

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from cli.tables.headings import letters, spelled
from services.intake.domain.aliases import field_of
from services.intake.domain.vocabulary import NAMES

FIELDS = tuple(NAMES)
"""What `--map` may call a column."""
LONGEST_CELL = 50_000
LONGEST_ROW = 150_000
"""Characters, of up to four bytes each: intake takes 1 MiB."""
MOST_LINES = 400


@dataclass(frozen=True, slots=True)
class Column:
    """One column. `key` is its name in the body; empty: it is not sent, or stands aside in `import.previous`."""

    place: int
    heading: str
    key: str
    mapped: str = ""
    """The field that `--map` gave it."""
    aside: bool = False
    """`--map` gave its field to another column: its cells are kept where the mapper takes nothing from."""


@dataclass(frozen=True, slots=True)
class Layout:
    """What a file's rows look like as bodies."""

    file: str
    sha256: str
    columns: tuple[Column, ...]

    def delivery_id(self, row: int) -> str:
        """The id of a row's delivery: of the same bytes of a file the same one, whenever and however often it is posted."""
        return f"import-{self.sha256}-{row}"

    def value(self, row: int, cells: Sequence[str]) -> dict[str, object]:
        """The body of a row as a value. Columns that `--map` named come first, so that they win; empty cells are left out."""
        told = [one for one in self.columns if one.place < len(cells) and cells[one.place].strip()]
        said: dict[str, object] = {one.key: cells[one.place] for one in told if one.mapped}
        said |= {one.key: cells[one.place] for one in told if one.key and not one.mapped and not one.aside}
        facts: dict[str, object] = {"file": _harmless(self.file), "sha256": self.sha256, "row": row}
        if headings := {one.key: one.heading for one in told if one.mapped and one.key != one.heading}:
            facts["headers"] = headings
        if previous := {one.key: cells[one.place] for one in told if one.aside}:
            facts["previous"] = previous
        return {**said, "import": facts}

    def body(self, row: int, cells: Sequence[str]) -> bytes:
        """The bytes that are posted for a row: always the same ones."""
        return json.dumps(self.value(row, cells), ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")

    def signature(self) -> str:
        """What tells this layout of a file from another one: `--map` as it was given."""
        return json.dumps([[one.place, one.key, one.aside] for one in self.columns], ensure_ascii=False)


def laid_out(file: str, sha256: str, headings: Sequence[str], mapping: Mapping[str, str]) -> Layout:
    """The layout by the headings and `--map` (heading -> field; an empty field leaves a column out).

    A column without a heading is called by its letter, and a repeated heading gets a number, so that no cell is lost.
    Raises KeyError for a heading that there is not, and ValueError for a field that is given twice or is none.
    """
    fields = _fields_by_place(headings, mapping)
    taken = set(fields.values()) | {"import"}
    given = set(fields.values()) - {""}
    columns = []
    for place, heading in enumerate(headings):
        if place in fields:
            columns.append(Column(place, heading, fields[place], mapped=fields[place]))
            continue
        key = _free(heading or f"Column {letters(place)}", taken)
        taken.add(key)
        found = field_of(key)
        columns.append(Column(place, heading or key, key, aside=found is not None and found[0] in given))
    return Layout(file, sha256, tuple(columns))


def misfits(columns: Sequence[Column], cells: Sequence[str], separator: str = "") -> str:
    """What is wrong with how a row was written, with its column; empty when nothing is."""
    if any(cell.strip() for cell in cells[len(columns) :]):
        more = next(place for place in range(len(columns), len(cells)) if cells[place].strip())
        return (
            f"column {letters(more)}: a value where there is no heading; the row has {len(cells)} cells and the headings are "
            f"{len(columns)} (a separator inside a text that is not quoted?)"
        )
    for column, cell in zip(columns, cells, strict=False):
        if len(cell) > LONGEST_CELL or cell.count("\n") > MOST_LINES:
            lines = cell.count("\n") + 1
            return (
                f"column {letters(column.place)} ({column.heading}): {len(cell):,} characters in {lines:,} lines "
                "(a quote that is never closed?)"
            )
        if separator and _holds_rows(cell, separator, len(columns)):
            named = f"column {letters(column.place)} ({column.heading})"
            return f"{named}: whole rows stand inside it (a quote that is not closed where it should be?)"
    size = sum(map(len, cells))
    return f"the row has {size:,} characters, and at most {LONGEST_ROW:,} are taken" if size > LONGEST_ROW else ""


def _holds_rows(cell: str, separator: str, columns: int) -> bool:
    """Whether a line inside a cell looks like a row of the table: an address, and a separator for each column."""
    lines = cell.splitlines()[1:] if "@" in cell else []
    return any("@" in line and line.count(separator) >= columns - 1 >= 1 for line in lines)


def _fields_by_place(headings: Sequence[str], mapping: Mapping[str, str]) -> dict[int, str]:
    """Field by place, of the columns that `--map` names by their heading, or by their letter when no heading is so."""
    found: dict[int, str] = {}
    for named, field in mapping.items():
        places = [place for place, heading in enumerate(headings) if heading == named.strip()]
        places = places or [
            place for place, heading in enumerate(headings) if heading and spelled(heading) == spelled(named)
        ]
        places = places or [place for place in range(len(headings)) if letters(place) == named.strip().upper()]
        if not places:
            raise KeyError(named)
        if field and field not in FIELDS:
            raise ValueError(f"{field!r} is no field of a lead; choose from {', '.join(FIELDS)}")
        if field and (field in found.values() or len(places) > 1):
            columns = " and ".join(
                letters(place) for place in sorted({*places, *(k for k, v in found.items() if v == field)})
            )
            raise ValueError(f"columns {columns} are both to be {field}; name one column, by its letter if need be")
        found |= dict.fromkeys(places, field)
    return found


def _free(name: str, taken: set[str]) -> str:
    number, key = 1, name
    while key in taken:
        number += 1
        key = f"{name} ({number})"
    return key


def _harmless(name: str) -> str:
    """A file's name that nobody takes for a mail address, a number or a page's address."""
    return " ".join(re.sub(r"[+?]", "_", name.replace("@", "(at)")).split())
