"""`bench`: each budget of docs/bench.md beside its bare limit, in one run; exit 1 when one is missed."""

import json
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bench.picture import picture
from bench.result import Report, figure
from bench.rounds import Pace
from bench.rows.table import ROWS
from bench.run import run
from cli.console import err, out
from cli.errors import CliError


def bench(
    rows: Annotated[list[str] | None, typer.Argument(metavar="[ROW…]", help=f"Of {', '.join(ROWS)}; all.")] = None,
    rounds: Annotated[int, typer.Option(min=1, help="Interleaved rounds of every variant.")] = 5,
    seconds: Annotated[float, typer.Option(min=0.5, help="How long each variant is measured in a round.")] = 4.0,
    seed: Annotated[int, typer.Option(help="Decides the submissions and the order of the rounds.")] = 1,
    quiet: Annotated[float, typer.Option(help="Seconds to wait for a quiet machine before each measurement.")] = 2.0,
    size: Annotated[int, typer.Option(min=20_000, help="Contacts in the large base of the row dedupe.")] = 100_000,
    changes: Annotated[int, typer.Option(min=100_000, help="Changes in the log of the row asked.")] = 1_000_000,
    keep: Annotated[
        Path | None, typer.Option(help="Data folder to use and keep: the log of the row asked is made once.")
    ] = None,
    json_file: Annotated[Path | None, typer.Option("--json", help="Keep every figure here.")] = None,
    picture_file: Annotated[Path | None, typer.Option("--picture", help="Keep a picture (SVG) here.")] = None,
    report_only: Annotated[bool, typer.Option("--report-only", help="Exit 0 even when a budget is missed.")] = False,
) -> None:
    """Measure the budgets, each side by side with its bare limit, on a stack of its own."""
    names = rows or list(ROWS)
    unknown = [name for name in names if name not in ROWS]
    if unknown:
        raise CliError(f"there is no row {unknown[0]!r}", "bench", f"choose from {', '.join(ROWS)}")
    pace = Pace(rounds=rounds, seconds=seconds, seed=seed, quiet_seconds=quiet, size=size, changes=changes)
    report = run(names, pace, lambda line: err.print(f"  {line}", markup=False), keep)
    if json_file is not None:
        json_file.write_text(json.dumps(report.as_json(), indent=2) + "\n")
    if picture_file is not None:
        picture_file.write_text(picture(report))
    _show(report)
    if not report.is_met and not report_only:
        raise typer.Exit(1)


def _show(report: Report) -> None:
    seen = report.machine
    out.print(
        f"{seen.cpu}, {seen.cores} cores, {seen.memory_gib} GiB; {report.at}; min / median / max of {report.rounds}"
    )
    table = Table("row", "what", "measured", "budget", "aim", "", box=None)
    for row in report.rows:
        for check in row.checks:
            sign = "≥" if check.better == "higher" else "≤"
            verdict = "[green]within[/]" if check.is_met else "[red]MISSED[/]"
            table.add_row(
                row.name, check.what, f"{check.measured} {check.unit}", f"{sign} {figure(check.budget)}",
                f"{sign} {figure(check.aim)}", verdict,
            )  # fmt: skip
    out.print(table)
    foreign = [one.foreign_cores for row in report.rows for one in row.rounds]
    if foreign:
        out.print(f"other programs used {min(foreign):.2f} to {max(foreign):.2f} cores meanwhile")
