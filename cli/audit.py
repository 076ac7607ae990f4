"""`audit verify`: prove the log, row by row, by its hashes, what was signed, and the topic; `audit key`: who signs; and the
questions that can be put to it."""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli import audit_questions
from cli.audit_crawl import crawl
from cli.audit_proof import Line, Proving, proven
from cli.client import Api, running
from cli.console import err, out, print_json
from cli.errors import CliError
from cli.options import AsJson, Data
from cli.timeline import timeline
from libs.runtime import clock
from services.audit.domain.checkpoint import key_id
from services.audit.settings import AuditSettings
from services.audit.store.checkpoints import Keys, Place, PlaceError

app = typer.Typer(help="The audit log.", no_args_is_help=True)
for question in (
    audit_questions.changes,
    audit_questions.diff,
    audit_questions.state,
    timeline,
    crawl,
):
    app.command()(question)
SAID_SECONDS = 10.0
"""Progress is said this often where there is no terminal to draw it on."""
Folder = Annotated[Path | None, typer.Option("--checkpoints", help="Folder of the signed checkpoints.")]


@app.callback()
def audit() -> None:
    """The audit log."""


@app.command()
def verify(
    data: Data,
    topic: Annotated[
        bool, typer.Option("--topic/--no-topic", help="Also compare with the topic, record by record.")
    ] = True,
    since: Annotated[
        datetime | None, typer.Option("--from", help="Begin at each chain's newest checkpoint up to this time (UTC).")
    ] = None,
    checkpoints: Folder = None,
    public_key: Annotated[
        Path | None, typer.Option("--public-key", help="The signers' public keys (PEM), as you noted them elsewhere.")
    ] = None,
    signed: Annotated[
        bool, typer.Option("--signed/--unsigned", help="Hold the log against the signed checkpoints.")
    ] = True,
    workers: Annotated[
        int, typer.Option(min=0, help="Processes that read chains side by side; 0: by the machine.")
    ] = 0,
    as_json: AsJson = False,
) -> None:
    """Prove that nobody changed, removed or added a row; exit 1 with the first bad row of each chain."""
    stack = running(data)
    if not stack.database_url:
        raise CliError(
            "the address of the database is not known",
            f"data folder {data}",
            "set SIGNALBOX_DATABASE_URL; a role that may read the schema `audit` is enough",
        )
    if since is not None and not signed:
        raise CliError("--from begins at a signed checkpoint", "--unsigned", "leave one of them out")
    folder, key = AuditSettings().place(data)
    places = (checkpoints or folder, public_key or Keys(key).public) if signed else None
    given = Proving(stack.kafka, stack.database_url, topic, _aware(since), places, AuditSettings().verify_page_rows)
    began = time.monotonic()
    lines = list(_shown_progress(proven(given, workers)))
    seconds = time.monotonic() - began
    result = lines[-1]
    if as_json:
        print_json({**result, "seconds": round(seconds, 2)})
    else:
        _show(lines, seconds)
    if not result["ok"]:
        raise typer.Exit(1)


@app.command()
def key(
    data: Data,
    checkpoints: Folder = None,
    rotate: Annotated[
        bool, typer.Option("--rotate", help="Sign with another key from now on, named by this one.")
    ] = False,
    lost: Annotated[
        bool, typer.Option("--lost", help="Sign with another key from now on; nobody vouches for it but you.")
    ] = False,
    as_json: AsJson = False,
) -> None:
    """Show the keys that sign checkpoints, made now if there are none; note them where the log's keeper can't write."""
    folder, private = AuditSettings().place(data)
    keys = Keys(private)
    place = Place(checkpoints or folder, keys)
    try:
        if rotate or lost:
            place.rotate(clock.now(), is_lost=lost)
        else:
            place.ready()
        known = [key_id(one) for one in keys.trusted()]
    except PlaceError as error:
        raise CliError(
            str(error), "audit key", "docs/audit-log.md tells what to do when a key or a place is gone"
        ) from None
    told = {
        "signs": known[-1],
        "keys": known,
        "private": str(private),
        "public": str(keys.public),
        "checkpoints": str(place.file),
    }
    if as_json:
        print_json({**told, "pem": keys.public.read_text()})
        return
    out.print(f"signs with the key {known[-1]} ({private}, for its owner alone)", markup=False)
    out.print(f"checkpoints: {place.file}", markup=False)
    out.print(f"{len(known)} public key(s), oldest first, for `audit verify --public-key`:", markup=False)
    out.print(keys.public.read_text().strip(), markup=False)


def verified(api: Api, topic: bool = True) -> Iterator[dict[str, Any]]:
    """The lines of a verification by the audit service itself, as they come; the last one is the result."""
    yield from api.lines("audit", "/api/verify", topic=str(topic).lower())


def verdict_of(result: dict[str, Any]) -> str:
    """The result in one line."""
    if result["ok"]:
        return f"[bold green]The audit log verifies:[/] {result['rows']} rows, every hash holds."
    problems = len(result["findings"]) + len(result["checkpoints"]["problems"])
    return f"[bold red]The audit log does not verify:[/] {problems} findings."


def _shown_progress(lines: Iterator[Line]) -> Iterator[Line]:
    """The lines, with progress on standard error: rows, rows a second and the time that is left."""
    columns = (
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}/{task.total:,.0f} rows"),
        TextColumn("{task.speed:,.0f} rows/s"), TimeRemainingColumn(),
    )  # fmt: skip
    began = said = time.monotonic()
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        task = None
        for line in lines:
            if line["kind"] == "progress":
                rows, total = int(line["rows"]), int(line["of"])
                if task is None:
                    task = progress.add_task("proving", total=total)
                progress.update(task, completed=rows)
                if not err.is_terminal and (now := time.monotonic()) - said >= SAID_SECONDS:
                    said = now
                    speed = rows / (now - began)
                    left = (total - rows) / speed if speed else 0.0
                    err.print(f"  {rows:,} of {total:,} rows, {speed:,.0f} rows/s, {left:,.0f} s left")
            yield line


def _show(lines: list[Line], seconds: float) -> None:
    result = lines[-1]
    for line in lines:
        if line["kind"] in ("chain", "topic"):
            told = "whole" if line["ok"] else _told(line["finding"])
            out.print(f"  {line['kind']} {line['chain']}: {told}", markup=False)
    signed = result["checkpoints"]
    if signed["signed"]:
        after = f"{signed['rows_after']:,} rows are not signed yet"
        out.print(
            f"  {signed['signed']:,} signed checkpoints hold, the newest of {signed['newest']}; {after}", markup=False
        )
    for one in signed["problems"]:
        out.print(f"  checkpoint line {one['line']} of {one['file']}: {one['detail']}", markup=False)
    for chain, seq in result["from"].items():
        out.print(f"  chain {chain}: rows up to {seq:,} are taken on the word of a signed checkpoint", markup=False)
    first = next(iter(result["findings"]), None)
    if first is not None:
        out.print(f"  the first bad row: chain {first['chain']}, row {first['seq']}: {_told(first)}", markup=False)
    speed = result["rows"] / seconds if seconds else 0.0
    out.print(f"{verdict_of(result)} {seconds:.1f} s, {speed:,.0f} rows/s")


def _told(finding: dict[str, Any]) -> str:
    return f"row {finding['seq']} {finding['kind']}: {finding['detail']}"


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment if moment.tzinfo else moment.replace(tzinfo=UTC)
