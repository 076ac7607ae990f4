"""What an import shows: columns, first rows, counts and people, and every row with its verdict in a CSV file."""

import csv
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Any

from rich.console import Console

from cli.console import PlainTable, shown
from cli.lead_import.check import Import, fields_of
from cli.lead_import.door import Item
from cli.lead_import.state import ImportState, Told, Verdict
from cli.tables.cells import harmless
from cli.tables.headings import letters

_MEANING: Mapping[Verdict, str] = {
    "new": "new people",
    "known": "already known: a new touch on their timeline",
    "possible": "possible duplicates: posted rows go to review, nothing is merged",
    "doubled": "the same person as an earlier row of the file",
    "unreachable": "nobody could be reached: no e-mail address, no phone number, or nobody can say whose it is",
    "no_lead": "no leads: tests and the like",
    "broken": "broken rows, never posted",
}
_WARNINGS: Mapping[str, str] = {
    "do_not_mail": "say that they want no mail; their records will say so too",
    "phone_unclear": "have a phone number that nobody could call as it stands: Excel takes the plus and leading zeros away. "
    "Format that column as text, or set `region` for the source in policy/sources.yaml",
}
_FIRST = ("name", "email", "company", "title", "phone", "country", "consent", "message")
_LISTED = 6
_SAMPLE = 3
_COLUMNS = ("row", "verdict", "why", "contact", "posted", "submission")


def show_columns(out: Console, job: Import, rows: Sequence[Sequence[str]], taken: Mapping[int, Counter[str]]) -> None:
    """Each column with what intake takes it for, in how many of the first rows, and its first values."""
    table = PlainTable(title=f"columns (by the first {len(rows)} rows)", title_justify="left")
    for name in ("", "column", "taken for", "first values"):
        table.add_column(name)
    for column in job.layout.columns:
        cells = [row[column.place] for row in rows if column.place < len(row) and row[column.place].strip()][:_SAMPLE]
        fields = taken.get(column.place, Counter())
        told = ", ".join(f"{field} ({count})" for field, count in fields.most_common(3))
        if column.aside:
            told = "– (another column is mapped to it; kept aside)"
        elif not column.key:
            told = "– (left out by --map)"
        nothing = "– (kept with the submission)" if cells else "– (empty)"
        told = told or nothing
        values = " · ".join(shown(cell, 24) for cell in cells)
        table.add_row(letters(column.place), column.heading, f"{told} by --map" if column.mapped else told, values)
    out.print(table)


def show_leads(out: Console, rows: Sequence[tuple[int, Sequence[str]]], items: Sequence[Item]) -> None:
    """The first leads as intake would make them."""
    leads = [(row, fields_of(item)) for (row, _), item in zip(rows, items, strict=True) if item["item"] == "lead"][:5]
    names = [name for name in _FIRST if any(name in fields for _, fields in leads)]
    names += sorted({name for _, fields in leads for name in fields} - {*names, "first_name", "last_name"})
    table = PlainTable(title="the first leads", title_justify="left")
    for name in ("row", *names[:8]):
        table.add_column(name)
    for row, fields in leads:
        table.add_row(str(row), *(_plain(fields[name]) if name in fields else "" for name in names[:8]))
    out.print(table)
    if len(names) > 8:
        out.print(f"and: {', '.join(names[8:])}", markup=False)


def show_counts(out: Console, state: ImportState, skipped: Collection[Verdict]) -> None:
    """How many rows are what, and whether they are posted."""
    counts, finished = state.counts(), state.finished()
    table = PlainTable(title=f"{sum(counts.values()):,} rows", title_justify="left")
    table.add_column("rows", justify="right")
    table.add_column("which are")
    table.add_column("")
    for verdict, count in counts.items():
        if count or verdict == "new":
            left = "to be posted" if verdict not in skipped and verdict != "broken" else "not posted"
            done = finished.get(verdict, 0)
            told = "posted" if done == count and done else f"{done:,} posted, the rest {left}" if done else left
            table.add_row(f"{count:,}", _MEANING[verdict], told)
    out.print(table)
    _show_figures(out, state.figures(), sum(counts[one] for one in ("new", "known", "possible", "doubled")))


def show_people(out: Console, job: Import, names: Mapping[str, str]) -> None:
    """The first rows of each kind that wants a look; `names` are the known contacts' by id."""
    whole = {told.row: told for verdict in ("known", "possible", "doubled", "unreachable", "no_lead", "broken")
             for told in job.state.told(verdict, _LISTED)}  # fmt: skip
    if not whole:
        return
    table = PlainTable(title="rows to look at (the first of each kind; all are in the list)", title_justify="left")
    for name in ("row", "what", "in the file", "who, or why"):
        table.add_column(name)
    cells = {row: cells for row, cells in job.table.rows() if row in whole}
    order: Sequence[Verdict] = tuple(_MEANING)
    for told in sorted(whole.values(), key=lambda one: (order.index(one.verdict), one.row)):
        table.add_row(str(told.row), told.verdict, _in_short(cells.get(told.row, [])), _who(told, names))
    out.print(table)


def first_contacts(state: ImportState) -> list[str]:
    """The ids of the contacts that `show_people` names."""
    kinds: Sequence[Verdict] = ("known", "possible")
    return [told.contact_id for kind in kinds for told in state.told(kind, _LISTED) if told.contact_id]


def write_list(job: Import, skipped: Collection[Verdict]) -> Path:
    """Every row with its verdict, as a CSV file beside the table; in the data folder where that can't be written."""
    name = f"{job.table.path.name}.import.csv"
    try:
        return _written(job, job.table.path.with_name(name), skipped)
    except OSError:
        return _written(job, job.state.path.with_name(name), skipped)


def _written(job: Import, path: Path, skipped: Collection[Verdict]) -> Path:
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow([*_COLUMNS, *(harmless(column.heading) for column in job.layout.columns)])
        verdicts = job.state.told()
        told = next(verdicts, None)
        for row, cells in job.table.rows():
            while told is not None and told.row < row:
                told = next(verdicts, None)
            if told is not None and told.row == row:
                writer.writerow([*_facts(told, skipped), *map(harmless, cells)])
    return path


def _facts(told: Told, skipped: Collection[Verdict]) -> list[str]:
    left = "skipped" if told.verdict in skipped or told.verdict == "broken" else "to be posted"
    return [str(told.row), told.verdict, told.why, told.contact_id, told.posted or left, told.submission_id]


def _show_figures(out: Console, figures: Mapping[str, int], leads: int) -> None:
    yes, no = figures.get("consent_yes", 0), figures.get("consent_no", 0)
    if yes or no:
        unsaid = figures.get("consent_unsaid", 0)
        out.print(f"consent as the file says it: {yes:,} yes, {no:,} no, {unsaid:,} not said (never assumed)")
    elif leads:
        out.print("consent: no row says anything, so none is recorded: being on a list is no consent to mail")
    for name, text in _WARNINGS.items():
        if figures.get(name):
            out.print(f"{figures[name]:,} {'row' if figures[name] == 1 else 'rows'} {text}", markup=False)


def _who(told: Told, names: Mapping[str, str]) -> str:
    name = names.get(told.contact_id, "")
    if told.verdict == "known":
        return f"{name or 'not in the CRM, from an earlier lead'} ({told.why})\ncontact:{told.contact_id}"
    return f"perhaps {name}; {told.why}" if name else told.why


def _plain(value: Any) -> str:
    return ("yes" if value else "no") if isinstance(value, bool) else shown(value, 32)


def _in_short(cells: Sequence[str]) -> str:
    return shown(" · ".join(cell for cell in cells if cell.strip()), 48)
