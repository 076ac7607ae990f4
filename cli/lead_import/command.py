"""`import`: the rows of an event list as leads, looked at before anything is posted."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from enum import StrEnum
from itertools import islice
from pathlib import Path
from typing import Annotated, Any

import httpx
import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, ProgressColumn, Task, TextColumn, TimeRemainingColumn
from rich.text import Text

from cli.agreed import agreed
from cli.client import TIMEOUT_SECONDS, Api
from cli.console import err, out
from cli.errors import CliError
from cli.lead_import import report
from cli.lead_import.body import Layout, laid_out
from cli.lead_import.check import BATCH, Import, check, taken_for
from cli.lead_import.door import Door, Post
from cli.lead_import.post import AT_ONCE, post_rows
from cli.lead_import.state import ImportState, Verdict, earlier
from cli.options import Actor, Data
from cli.sources import secrets_of
from cli.tables.table import Table, opened
from libs.contracts import ids

INTERRUPTED = 130
BY_DEFAULT: frozenset[Verdict] = frozenset(("doubled", "unreachable", "no_lead"))
"""What is not posted unless it is asked for: a person counts once a list, and what reaches nobody is mended in the file."""


class Skip(StrEnum):
    """What `--skip` takes."""

    KNOWN = "known"
    POSSIBLE = "possible"
    NONE = "none"


_SKIPS: Mapping[Skip, Verdict] = {Skip.KNOWN: "known", Skip.POSSIBLE: "possible"}


def import_(
    file: Annotated[Path, typer.Argument(help="A list with headings: CSV, or the first sheet of an XLSX file.")],
    data: Data,
    source: Annotated[
        str, typer.Option("--source", "-s", help="The intake source that the rows are posted to.")
    ] = "event_list",
    mapping: Annotated[
        list[str] | None,
        typer.Option("--map", "-m", metavar="HEADING=FIELD", help="What a column is; an empty FIELD leaves it out."),
    ] = None,
    skip: Annotated[
        list[Skip] | None,
        typer.Option("--skip", help="Post no row of these either; `none`: post also doubled rows and those of nobody."),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what each row is.")] = False,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Do not ask before posting.")] = False,
    actor: Actor = "cli",
) -> None:
    """Post the rows of an event list as leads. What each row is, is said first; the same command goes on where it stopped."""
    skipped = skipped_by(skip or ())
    table = opened(file)
    layout = layout_of(table, mapping or ())
    with Api.of(data, actor) as api:
        door = Door.of(api, source, secrets_of(data))
        state = ImportState(state_path(data, layout, source))
        try:
            with _posting(api.stack.url("intake")) as post:
                run(Import(table, layout, door, api, state), post, skipped, ask=not yes, dry_run=dry_run)
        except KeyboardInterrupt:
            done, left = sum(state.outcomes().values()), len(state.open_rows(skipped))
            err.print(
                f"[yellow]stopped[/]: {done:,} rows are posted, {left:,} are left; the same command goes on from here"
            )
            raise typer.Exit(INTERRUPTED) from None
        finally:
            state.close()


def skipped_by(skip: Sequence[Skip]) -> frozenset[Verdict]:
    """The verdicts that are not posted. Raises CliError when `none` stands beside others."""
    if Skip.NONE not in skip:
        return BY_DEFAULT.union(_SKIPS[one] for one in skip)
    if set(skip) != {Skip.NONE}:
        raise CliError("`none` skips nothing", "--skip", "leave it out, or the others")
    return frozenset()


def layout_of(table: Table, mapping: Sequence[str]) -> Layout:
    """The layout by the table's headings and `--map`. Raises CliError when that does not fit."""
    given = {}
    for one in mapping:
        heading, equals, field = one.rpartition("=")
        if not equals or not heading.strip():
            raise CliError(f"{one!r} is no mapping", "--map", "write HEADING=field, such as 'Firma=company'")
        given[heading] = field.strip()
    try:
        return laid_out(table.path.name, table.sha256, table.headings, given)
    except KeyError as error:
        headings = ", ".join(heading for heading in table.headings if heading)
        raise CliError(f"there is no column {error.args[0]!r}", "--map", f"choose from {headings}") from None
    except ValueError as error:
        raise CliError(str(error), "--map", "change what the message names") from None


def state_path(data: Path, layout: Layout, source: str) -> Path:
    """Where the state of this import stands: another mapping of the same file, or another source, is another import."""
    name = ids.derived_id("lead import", layout.sha256, source, layout.signature())
    return data / "imports" / f"{source}-{layout.sha256[:16]}-{name[:8]}.sqlite"


def run(job: Import, post: Post, skipped: frozenset[Verdict], *, ask: bool, dry_run: bool) -> None:
    """Look at the rows, show what they are, and post those that are wanted."""
    _show_earlier(job)
    has_begun = job.state.begin()
    _look(job, skipped)
    done = sum(job.state.outcomes().values())
    if has_begun:
        out.print(f"{done:,} rows were posted before; this goes on after them")
    left = len(job.state.open_rows(skipped))
    if dry_run or not left:
        out.print("nothing was posted" if dry_run else "nothing is left to post")
        return
    if ask and not agreed(f"Post {left:,} {'row' if left == 1 else 'rows'} to {job.door.name}?", "import"):
        out.print("nothing was posted")
        return
    if not job.table.is_unchanged():
        raise CliError(
            "the file was changed meanwhile", str(job.table.path), "start again: its rows are looked at anew"
        )
    started = time.monotonic()
    with _bar("posting", left) as on_rows:
        try:
            post_rows(job, skipped, post, lambda: on_rows(1))
        finally:
            path = report.write_list(job, skipped)
            posted = sum(job.state.outcomes().values()) - done
    seconds = max(time.monotonic() - started, 0.001)
    _show_end(job, posted, seconds, path)


def _look(job: Import, skipped: frozenset[Verdict]) -> None:
    """The dry run."""
    first = list(islice(job.table.rows(), BATCH))
    if not first:
        raise CliError("the file has headings and no rows", str(job.table.path), "put the rows below the headings")
    row, cells = first[0]
    job.door.checked(job.api, job.layout.body(row, cells), job.layout.delivery_id(row))
    _show_first(job, first)
    total = sum(1 for _ in job.table.rows())
    with _bar("looking", total, sum(job.state.counts().values())) as on_rows:
        check(job, on_rows)
    report.show_counts(out, job.state, skipped)
    report.show_people(out, job, _names(job, report.first_contacts(job.state)))
    out.print(f"every row with its verdict: {report.write_list(job, skipped)}", markup=False)


def _show_earlier(job: Import) -> None:
    """Say when the same bytes were imported before, and what posting them again does."""
    for name, count in earlier(job.state.path, f"*-{job.layout.sha256[:16]}-*.sqlite").items():
        source = name[: -len(".sqlite")].rsplit("-", 2)[0]
        if source == job.door.name:
            does = "by another --map; the same rows correct those leads and make none anew"
        else:
            does = f"as source {source}; posted to {job.door.name} they become leads a second time"
        err.print(f"[yellow]note:[/] {count:,} rows of this very file were posted before, {does}")


def _show_first(job: Import, first: Sequence[tuple[int, list[str]]]) -> None:
    """What the columns are taken for; a source that reads one row differently from many is for its own tool."""
    items = job.mapped(first)
    row, cells = first[0]
    if job.door.only(job.api, job.layout.value(row, cells), job.layout.delivery_id(row)) != items[0]:
        where = f"source {job.door.name} ({job.door.adapter})"
        raise CliError("the source reads a tool's own format", where, "take one whose adapter is generic_json")
    report.show_columns(out, job, [cells for _, cells in first], taken_for(job, first, items))
    report.show_leads(out, first, items)


def _names(job: Import, contacts: Sequence[str]) -> dict[str, str]:
    """What the CRM calls these contacts."""
    found = {}
    for contact in dict.fromkeys(contacts):
        record: dict[str, Any] | None = job.api.find("crm", f"/api/records/contact/{contact}")
        found[contact] = "" if record is None else str(record["fields"].get("name") or "")
    return found


def _show_end(job: Import, posted: int, seconds: float, path: Path) -> None:
    refused = job.state.outcomes().get("refused", 0)
    out.print(f"done: {posted:,} rows in {seconds:.1f} s ({posted / seconds:,.0f} rows/s)")
    if refused:
        out.print(f"{refused:,} rows were refused; the list says why")
    out.print(f"every row with its submission: {path}", markup=False)
    out.print("Their leads are on the line now: ./signalbox ledger, ./signalbox triage list")


class _Rate(ProgressColumn):
    """Rows a second."""

    def render(self, task: Task) -> Text:
        """The rate as text."""
        speed = task.finished_speed or task.speed
        return Text("" if speed is None else f"{speed:,.0f} rows/s")


@contextmanager
def _bar(what: str, total: int, done: int = 0) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), _Rate(), TimeRemainingColumn())
    with Progress(*columns, console=err, transient=True) as progress:
        task = progress.add_task(what, total=total, completed=done)
        yield lambda count: progress.advance(task, count)


@contextmanager
def _posting(address: str) -> Iterator[Post]:
    """Posts to intake as a form tool does: without the API's token."""
    limits = httpx.Limits(max_connections=AT_ONCE)
    with httpx.Client(base_url=address, timeout=TIMEOUT_SECONDS, trust_env=False, limits=limits) as client:
        yield lambda path, body, headers: client.post(path, content=body, headers=headers)
