"""`raw verify|show`: the submissions as they came, byte for byte, and the proof that they still are."""

import asyncio
import base64
import hashlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Annotated, Any

import typer
from aiokafka.errors import KafkaError
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from cli.client import Api, running
from cli.console import err, megabytes, out, print_json
from cli.errors import CliError
from cli.ledger import kafka_away
from cli.options import AsJson, Data
from cli.redrive import place_of
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import SubmissionReceived
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.cluster import read_opened
from libs.runtime.record import Record

app = typer.Typer(help="Raw submissions, byte for byte.", no_args_is_help=True)
SHOWN = 50
"""So many mismatches are listed; all are counted."""
EVERY = 1_000


@dataclass
class Checked:
    """What was compared: counts, bytes, and every record that is not what its headers or the audit log say."""

    submissions: int = 0
    bytes: int = 0
    by_source: dict[str, int] = field(default_factory=dict)
    compared_with_audit: int = 0
    mismatches: list[dict[str, Any]] = field(default_factory=list)

    def wrong(self, record: Record, problem: str) -> None:
        """Note a record by its place; never what it holds."""
        place = {"topic": record.topic, "partition": record.partition, "offset": record.offset}
        self.mismatches.append({**place, "problem": problem})


Digests = dict[tuple[int, int], str]
"""What the audit log noted as it read each submission: sha256 by partition and offset."""


@app.command()
def verify(
    data: Data,
    source: Annotated[str, typer.Option("--source", "-s", help="Only submissions of this source.")] = "",
    since: Annotated[datetime | None, typer.Option("--since", help="Only those kept since then (UTC).")] = None,
    as_json: AsJson = False,
) -> None:
    """Read every raw submission, hash it again and compare; exit 1 when one is not what it was."""
    stack = running(data)
    with Api(stack) as api, Progress(
        TextColumn("{task.description}"), BarColumn(), TextColumn("{task.completed:,}"), TimeRemainingColumn(),
        console=err, disable=not err.is_terminal, transient=True,
    ) as progress:  # fmt: skip
        noted = _noted(api)
        task = progress.add_task("submissions", total=len(noted) or None)
        told: Callable[[int], None] = lambda count: progress.update(task, completed=count)  # noqa: E731
        try:
            records = read_opened(stack.kafka, [SUBMISSION_RECEIVED.name])
            found = asyncio.run(checked(records, noted, source, _aware(since), told))
        except KafkaError as error:
            raise kafka_away(stack.kafka, error) from None
    if as_json:
        print_json({"intact": not found.mismatches, **vars(found)})
    else:
        _show(found)
    if found.mismatches:
        raise typer.Exit(1)


@app.command()
def show(
    submission_id: Annotated[str, typer.Argument(help="The submission's id, as its receipt or a triage item says.")],
    data: Data,
    as_json: AsJson = False,
) -> None:
    """Print a submission's facts and its bytes; text as text, all else as hex."""
    with Api.of(data) as api:
        place = asyncio.run(place_of(api.stack.kafka, submission_id))
        found = api.get("intake", f"/api/submissions/{submission_id}", partition=place.partition, offset=place.offset)
    if as_json:
        print_json(found)
        return
    text, encoded = found.pop("body_text"), found.pop("body_base64")
    found.pop("body", None)
    for name, value in found.items():
        out.print(f"{name}: {value}", markup=False)
    out.print("")
    out.print(text if text is not None else _hex(encoded), markup=False)
    if not found["intact"]:
        raise CliError("these bytes are not the ones that came", f"submission {submission_id}", "run `raw verify`")


async def checked(
    records: AsyncIterator[Record],
    noted: Digests,
    source: str = "",
    since: datetime | None = None,
    told: Callable[[int], None] = lambda _count: None,
) -> Checked:
    """Every record hashed again and compared with its own facts and with what audit noted; `told` hears how many so far."""
    found, read = Checked(), 0
    async for record in records:
        read += 1
        if read % EVERY == 0:
            told(read)
        if since is not None and datetime.fromtimestamp(record.timestamp / 1000, UTC) < since:
            continue
        try:
            event = decode(SUBMISSION_RECEIVED, None, record.headers)
        except UnreadableError as error:
            if not source:
                found.submissions += 1
                found.wrong(record, f"its facts can't be read: {error}")
            continue
        if not source or event.source == source:
            _check(found, record, event, noted.get((record.partition, record.offset)))
    told(read)
    return found


def _check(found: Checked, record: Record, event: SubmissionReceived, noted: str | None) -> None:
    body = record.value or b""
    digest = hashlib.sha256(body).hexdigest()
    found.submissions += 1
    found.bytes += len(body)
    found.by_source[event.source] = found.by_source.get(event.source, 0) + 1
    if digest != event.sha256:
        found.wrong(record, "its bytes do not have the sha256 that its facts name")
    if (record.key or b"").decode("utf-8", "replace") != event.submission_id:
        found.wrong(record, "its key is not its submission's id")
    if noted is not None:
        found.compared_with_audit += 1
        if noted != digest:
            found.wrong(record, "its bytes do not have the sha256 that audit noted when they came")


def _noted(api: Api) -> Digests:
    """What audit noted; nothing when it does not run."""
    try:
        lines = api.lines("audit", "/api/submissions/digests")
        return {(line["partition"], line["offset"]): line["sha256"] for line in lines}
    except (CliError, KeyError):
        err.print("audit does not answer: compared with the records' own facts only")
        return {}


def _show(found: Checked) -> None:
    out.print(f"{found.submissions:,} submissions, {megabytes(found.bytes)} ({found.bytes:,} bytes)", markup=False)
    for name, count in sorted(found.by_source.items()):
        out.print(f"  {name}: {count:,}", markup=False)
    out.print(f"{found.compared_with_audit:,} of them compared with what audit noted as they came", markup=False)
    for one in found.mismatches[:SHOWN]:
        out.print(f"  {one['topic']}[{one['partition']}]@{one['offset']}: {one['problem']}", markup=False)
    if len(found.mismatches) > SHOWN:
        out.print(f"  and {len(found.mismatches) - SHOWN:,} more")
    verdict = f"[bold red]{len(found.mismatches):,} mismatches[/]" if found.mismatches else "[bold green]all intact[/]"
    out.print(verdict)


def _aware(moment: datetime | None) -> datetime | None:
    return None if moment is None else moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def _hex(encoded: str) -> str:

    return base64.b64decode(encoded).hex(" ")
