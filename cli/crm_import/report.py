"""What an import shows: the mapping with the first rows, the counts, and the rows that are not made, in files beside it."""

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console

from cli.console import PlainTable
from cli.crm_import.columns import Column
from cli.crm_import.state import ImportState, Verdict
from cli.crm_import.table import Table

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


def write_lists(table: Table, state: ImportState) -> list[Path]:
    """The rows that are no records, or are none of their own, each with the reason, in CSV files beside the table."""
    lists = (
        ("invalid", {row: why for row, _, why in state.told(("invalid",), ("invalid", "blocked"))}),
        ("duplicates", {
            row: f"{_MEANING[verdict]}: {why}"  # type: ignore[index]
            for row, verdict, why in state.told(("duplicate", "duplicate_in_file", "possible"))
        }),
    )  # fmt: skip
    return [path for name, rows in lists if rows and (path := _written(table, name, rows))]


def _written(table: Table, name: str, reasons: Mapping[int, str]) -> Path:
    path = table.path.with_name(f"{table.path.stem}.{name}.csv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["row", "reason", *table.headings])
        for number, row in table.rows():
            if number in reasons:
                writer.writerow([number, reasons[number], *(_harmless(cell) for cell in row)])
    return path


def _harmless(cell: str) -> str:
    """A cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if cell[:1] in ("=", "+", "-", "@") and len(cell) > 1 and not cell[1:2].isdigit() else cell
