"""`crm`: the built-in CRM's commands."""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated, Literal

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from cli import crm_connect
from cli.agreed import agreed
from cli.client import Api
from cli.console import err, out
from cli.crm_import import load, report
from cli.crm_import.columns import FIELDS, Column, guessed, overridden
from cli.crm_import.resolve import Resolver
from cli.crm_import.state import ImportState, Verdict
from cli.errors import CliError
from cli.options import Actor, Data
from cli.tables.table import Table, opened
from libs.contracts import ids
from services.crm.domain.natural import SAID_ONCE

app = typer.Typer(help="The built-in CRM: load a base of records.", no_args_is_help=True)
RecordType = Literal["contact", "company", "opportunity", "member", "suppression", "calendar", "task", "activity"]
_GUESSED_FROM = 200
INTERRUPTED = 130


@app.callback()
def crm() -> None:
    """The built-in CRM: load a base of records."""


app.command()(crm_connect.connect)
app.command()(crm_connect.remotes)


@app.command("import")
def import_(
    data: Data,
    record_type: Annotated[RecordType, typer.Option("--type", "-t", help="What the rows are.")],
    file: Annotated[
        Path | None, typer.Argument(help="A table with headings: CSV, or the first sheet of an XLSX file.")
    ] = None,
    remote: Annotated[str, typer.Option("--from", help="Instead of a file: a remote CRM, by its name.")] = "",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", "-m", metavar="COLUMN=FIELD", help="What a column is; an empty FIELD leaves it out."),
    ] = None,
    source: Annotated[str, typer.Option("--source", "-s", help="Where the rows come from. Default: the file.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what each row is.")] = False,
    create_possible: Annotated[
        bool, typer.Option("--create-possible", help="Make also what may be somebody who is there already.")
    ] = False,
    create_duplicates: Annotated[
        bool, typer.Option("--create-duplicates", help="Make every row that can be a record.")
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before making records.")] = False,
    actor: Actor = "cli",
) -> None:
    """Load records from a table or a remote CRM. What each is, is said first; the same command goes on where it was stopped."""
    if (file is None) == (not remote):
        raise CliError("say what to load", "crm import", "name a file, or a remote CRM with --from")
    if file is None:
        crm_connect.pull(remote, data, record_type, dry_run=dry_run, possible=create_possible)
        return
    table = opened(file)
    columns = mapped(table, record_type, mapping or ())
    report.show_mapping(out, columns, table.first(3))
    with Api.of(data, actor) as api:
        state = ImportState(_state_path(data, table, record_type, columns))
        job = load.Import(table, record_type, columns, source or f"import {file.name}", api, state, Resolver(api))
        try:
            _run(job, dry_run=dry_run, verdicts=_wanted(record_type, create_possible, create_duplicates), ask=not yes)
        except KeyboardInterrupt:
            err.print("[yellow]stopped[/]: everything that was made is kept; the same command goes on from here")
            raise typer.Exit(INTERRUPTED) from None
        finally:
            state.close()


def mapped(table: Table, record_type: str, mapping: Sequence[str]) -> list[Column]:
    """The columns as guessed and as `--map` has them. Raises CliError when nothing fits."""
    given = {}
    for one in mapping:
        column, equals, field = one.rpartition("=")
        if not equals or (field and not (field.isidentifier() and field.islower())):
            raise CliError(f"{one!r} is no mapping", "--map", "write COLUMN=field, such as 'E-Mail=email'")
        given[column] = field
    try:
        columns = overridden(guessed(record_type, table.headings, table.first(_GUESSED_FROM)), given)
    except KeyError as error:
        headings = ", ".join(table.headings)
        raise CliError(f"there is no column {error.args[0]!r}", "--map", f"choose from {headings}") from None
    fields = [column.field for column in columns if column.field]
    if twice := next((field for field in fields if fields.count(field) > 1), None):
        raise CliError(
            f"two columns fill {twice}", "--map", f"leave one out with 'COLUMN=', or name another of {fields}"
        )
    if not fields:
        known = ", ".join(FIELDS[record_type])
        raise CliError("no column is known", str(table.path), f"say what columns are: --map 'COLUMN=field' ({known})")
    return columns


def _wanted(record_type: str, possible: bool, duplicates: bool) -> tuple[Verdict, ...]:
    """What is to be made. An entry or a day of a calendar is never made twice: it would only have to be ended twice."""
    if record_type in SAID_ONCE:
        return ("new", "possible") if possible or duplicates else ("new",)
    if duplicates:
        return ("new", "possible", "duplicate", "duplicate_in_file")
    return ("new", "possible") if possible else ("new",)


def _state_path(data: Path, table: Table, record_type: str, columns: Sequence[Column]) -> Path:
    """Where the state of this import stands: another mapping of the same file is another import."""
    name = ids.derived_id("import state", table.sha256, record_type, *(f"{one.place}={one.field}" for one in columns))
    return data / "imports" / f"{name}.sqlite"


def _run(job: load.Import, *, dry_run: bool, verdicts: Sequence[Verdict], ask: bool) -> None:
    total = job.table.count()
    with _bar("checking", total, sum(job.state.counts().values())) as on_rows:
        load.check(job, on_rows)
    report.show_counts(out, job.state.counts())
    _show_lists(job)
    to_make = len(job.state.open_rows(verdicts))
    if dry_run or not to_make:
        out.print("nothing was written" if dry_run else "nothing is left to make")
        return
    if ask and not agreed(f"Make {to_make:,} {job.record_type} records?", "crm import"):
        out.print("nothing was written")
        return
    started = time.monotonic()
    with _bar("importing", to_make, 0) as on_rows:
        load.make(job, verdicts, on_rows)
    _show_end(job, time.monotonic() - started, to_make)


def _show_lists(job: load.Import) -> None:
    report.show_problems(out, job.state)
    for path in report.write_lists(job.table, job.state):
        out.print(f"listed with reasons in {path}", markup=False)


def _show_end(job: load.Import, seconds: float, made: int) -> None:
    told = job.state.outcomes()
    counts = ", ".join(f"{count:,} {name}" for name, count in sorted(told.items()))
    out.print(f"done: {counts}; {made:,} rows in {seconds:.1f} s ({made / max(seconds, 0.001):,.0f} rows/s)")
    if told.keys() & {"invalid", "blocked"}:
        _show_lists(job)


@contextmanager
def _bar(what: str, total: int, done: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=total, completed=done)
        yield lambda count: progress.advance(task, count)
