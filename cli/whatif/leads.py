"""The leads behind a comparison's numbers, as a list and as a file."""

import csv
from datetime import UTC, datetime
from pathlib import Path

from cli.console import ID_WIDTH, PlainTable
from cli.errors import CliError
from whatif.report import Moved, Report

COLUMNS = (
    "lead_id", "version", "routed_at", "kind", "was", "now", "was_rule", "now_rule", "was_owner", "now_owner",
)  # fmt: skip
ARROWS = ("→", "->", ">")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_csv(path: Path, report: Report) -> None:
    """Every routing that would be another. Raises CliError when the file can't be written."""
    try:
        with path.open("w", newline="", encoding="utf-8") as file:
            writer = csv.writer(file)
            writer.writerow(COLUMNS)
            writer.writerows([_plain(one) for one in row_of(moved, report)] for moved in report.moved)
    except OSError as error:
        raise CliError(f"the file can't be written: {error.strerror}", str(path), "choose another folder") from None


def row_of(moved: Moved, report: Report) -> list[str]:
    """One routing's cells, by `COLUMNS`."""
    owners = (report.names.get(one or "", one or "") for one in (moved.was_owner, moved.now_owner))
    told = (moved.lead_id, str(moved.version), time_of(moved.at), moved.kind, moved.was, moved.now)
    return [*told, moved.was_rule, moved.now_rule, *owners]


def listed(report: Report, flow: str, limit: int) -> PlainTable:
    """The leads of one flow. Raises CliError when there is no such flow."""
    was, now = _ends(flow)
    found = [one for one in report.moved if (one.was, one.now) == (was, now)]
    if not found:
        flows = ", ".join(f"{one.was}→{one.now}" for one in report.flows[:10]) or "there is none"
        raise CliError(f"no lead goes from {was} to {now}", "--show", f"choose from: {flows}")
    title = f"{min(limit, len(found))} of {len(found):,} leads: {was} → {now}"
    table = PlainTable(title=title, title_justify="left")
    table.add_column("lead", no_wrap=True, min_width=ID_WIDTH)
    for name in ("version", "routed", "because", "rule then", "rule now", "owner then", "owner now"):
        table.add_column(name)
    for cells in (row_of(one, report) for one in found[:limit]):
        lead, version, at, kind, _, _, *rest = cells
        table.add_row(lead, version, at, kind, *rest)
    return table


def time_of(at: int) -> str:
    """Microseconds as a time (UTC)."""
    return f"{datetime.fromtimestamp(at / 1e6, UTC):%Y-%m-%d %H:%M}"


def _ends(flow: str) -> tuple[str, str]:
    for arrow in ARROWS:
        was, found, now = flow.partition(arrow)
        if found:
            return was.strip(), now.strip()
    raise CliError(f"{flow!r} is no flow", "--show", 'write it as "inbound_sales→nurture"')


def _plain(cell: str) -> str:
    """A cell that a spreadsheet takes for text, whatever it begins with."""
    return f"'{cell}" if cell.startswith(_FORMULA) else cell
