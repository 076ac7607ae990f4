"""What an import shows: the mapping with the first rows, the counts, and the rows that are not made, in files beside it."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from cli.console import PlainTable
from cli.crm_import.columns import Column
from cli.crm_import.state import ImportState, Verdict
from cli.tables.cells import harmless
from cli.tables.table import Table

_SAMPLE = 3
_MEANING: Mapping[Verdict, str] = {
    "new": "new",
    "duplicate": "there already, not made again",
    "duplicate_in_file": "the same as an earlier row of the file",
    "possible": "may be somebody who is there already",
    "invalid": "can't be records",
}


def show_mapping(out: Console, columns: Sequence[Column], rows: Sequence[Sequence[str]]) -> None:
    """Each column with the field that it fills and its first values."""
    table = PlainTable(title="columns", title_justify="left")
    for name in ("column", "field", "by", "first rows"):
        table.add_column(name)
    for column in columns:
        cells = [row[column.place] for row in rows[:_SAMPLE] if column.place < len(row)]
        table.add_row(
            column.heading, column.field or "(not imported)", column.how, " · ".join(cell[:30] for cell in cells)
        )
    out.print(table)


def show_counts(out: Console, counts: Mapping[Verdict, int]) -> None:
    """How many rows are what."""
    table = PlainTable(title="rows", title_justify="left")
    table.add_column("rows", justify="right")
    table.add_column("which are")
    for verdict, count in counts.items():
        if count or verdict == "new":
            table.add_row(f"{count:,}", _MEANING[verdict])
    out.print(table)


def show_problems(out: Console, state: ImportState) -> None:
    """The first rows that can't be records, each with the reason."""
    for row, _, why in list(state.told(("invalid",), ("invalid", "blocked")))[:_SAMPLE]:
        out.print(f"row {row}: {why}", style="yellow", markup=False)


def write_lists(table: Table, state: ImportState) -> list[Path]:
    """The rows that are no records, or are none of their own, each with the reason, in CSV files."""
    lists = (
        ("invalid", {row: why for row, _, why in state.told(("invalid",), ("invalid", "blocked"))}),
        ("duplicates", {
            row: f"{_MEANING[verdict]}: {why}"  # type: ignore[index]
            for row, verdict, why in state.told(("duplicate", "duplicate_in_file", "possible"))
        }),
    )  # fmt: skip
    return [_beside(table, state, f"{table.path.stem}.{name}.csv", rows) for name, rows in lists if rows]


def _beside(table: Table, state: ImportState, name: str, reasons: Mapping[int, str]) -> Path:
    """Where the list was written: beside the table, or in the data folder where that can't be written."""
    try:
        return _written(table, table.path.with_name(name), reasons)
    except OSError:
        return _written(table, state.path.with_name(name), reasons)


def _written(table: Table, path: Path, reasons: Mapping[int, str]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "reason", *table.headings])
        for number, row in table.rows():
            if number in reasons:
                writer.writerow([number, reasons[number], *(harmless(cell) for cell in row)])
    return path
