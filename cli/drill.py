"""`drill`: a fault on purpose, on real services in a data folder of its own; exit 1 when something was lost or doubled."""

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.console import err, out, print_json
from cli.errors import CliError
from cli.options import AsJson
from drills.drill import Drill, NotHereError, Plan
from drills.names import DRILLS
from drills.report import Report


def drill(
    name: Annotated[str, typer.Argument(help="Which drill; `list` names them.")],
    seed: Annotated[int, typer.Option(help="Decides the traffic and the faults.")] = 1,
    size: Annotated[int | None, typer.Option(help="Submissions to post.")] = None,
    per_second: Annotated[float | None, typer.Option(help="Posts a second.")] = None,
    faults: Annotated[int | None, typer.Option(help="Kills or freezes at most.")] = None,
    workers: Annotated[int | None, typer.Option(min=1, help="Router workers, in `double-assignment`.")] = None,
    keep: Annotated[Path | None, typer.Option(help="Data folder to use and keep, for looking at the logs.")] = None,
    as_json: AsJson = False,
) -> None:
    """Run a drill: real services are killed, frozen or starved, then every topic is read back and checked."""
    if name == "list":
        out.print(_listed())
        return
    if name not in DRILLS:
        raise CliError(f"there is no drill {name!r}", "drill", f"choose from {', '.join(DRILLS)}")
    chosen = DRILLS[name]
    plan = Plan(
        seed=seed,
        size=size or chosen.plan.size,
        per_second=per_second or chosen.plan.per_second,
        faults=faults or chosen.plan.faults,
        workers=workers or chosen.plan.workers,
    )
    with tempfile.TemporaryDirectory(prefix="signalbox-drill-") as folder:
        try:
            report = asyncio.run(chosen.run(keep or Path(folder), plan, lambda line: err.print(f"  {line}")))
        except NotHereError as error:
            raise CliError(str(error), f"drill {name}", "see docs/drills.md for what each drill needs") from None
    if as_json:
        print_json({"name": name, "seed": seed, "figures": report.figures, "problems": report.problems})
    else:
        out.print(_shown(chosen, report))
    if not report.passed:
        raise typer.Exit(1)


def _listed() -> Table:
    table = Table("drill", "what it shows", box=None)
    for one in DRILLS.values():
        table.add_row(one.name, one.about)
    return table


def _shown(chosen: Drill, report: Report) -> Table:
    verdict = "[green]passed[/]" if report.passed else "[red]FAILED[/]"
    table = Table(f"{chosen.name} (seed {report.seed})", verdict, box=None)
    for name, value in report.figures.items():
        table.add_row(name.replace("_", " "), str(value))
    for problem in report.problems:
        table.add_row("[red]problem[/]", problem)
    return table
