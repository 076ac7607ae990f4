"""Posting the rows: a few at once, each once, each outcome kept before the next one is asked for."""

from collections.abc import Callable, Collection, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from threading import Event

import httpx

from cli.client import said
from cli.errors import CliError
from cli.lead_import.check import Import
from cli.lead_import.door import Post, StoppedError
from cli.lead_import.state import Verdict

AT_ONCE = 8
"""Rows under way: intake answers one once it is safe on disk, so that several share that wait."""
_REFUSALS = (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN, httpx.codes.NOT_FOUND, httpx.codes.METHOD_NOT_ALLOWED)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a row."""

    row: int
    posted: str
    submission_id: str = ""
    why: str = ""


def post_rows(job: Import, skipped: Collection[Verdict], post: Post, on_row: Callable[[], None]) -> None:
    """Post the rows that are open. An interrupt, or a row that can't be posted, lets those under way end, and keeps them.

    Raises CliError when the source refuses us or intake stays away.
    """
    wanted = job.state.open_rows(skipped)
    stop = Event()
    under_way: set[Future[Outcome]] = set()
    with ThreadPoolExecutor(AT_ONCE) as threads:
        try:
            for row, body in _bodies(job, wanted):
                under_way.add(threads.submit(_posted, job, post, row, body, stop))
                if len(under_way) >= 2 * AT_ONCE:
                    under_way = _kept(job, under_way, on_row, FIRST_COMPLETED)
            while under_way:
                under_way = _kept(job, under_way, on_row, FIRST_COMPLETED)
        finally:
            stop.set()
            _kept(job, under_way, on_row, "ALL_COMPLETED", quiet=True)


def _bodies(job: Import, wanted: Collection[int]) -> Iterator[tuple[int, bytes]]:
    for row, cells in job.table.rows():
        if row in wanted:
            yield row, job.layout.body(row, cells)


def _posted(job: Import, post: Post, row: int, body: bytes, stop: Event) -> Outcome:
    if stop.is_set():
        raise StoppedError
    answer = job.door.posted(post, body, job.layout.delivery_id(row), stop.wait)
    if answer.is_success:
        return Outcome(row, "posted", str(_receipt(answer).get("submission_id", "")))
    if answer.status_code in _REFUSALS:
        do = "check the source's secret; the same command goes on from here"
        raise CliError(
            f"intake answered {answer.status_code}: {said(answer)}", f"row {row}, source {job.door.name}", do
        )
    return Outcome(row, "refused", why=f"intake answered {answer.status_code}: {said(answer)}")


def _receipt(answer: httpx.Response) -> dict[str, object]:
    try:
        told = answer.json()
    except ValueError:
        return {}
    return told if isinstance(told, dict) else {}


def _kept(
    job: Import, under_way: set[Future[Outcome]], on_row: Callable[[], None], when: str, *, quiet: bool = False
) -> set[Future[Outcome]]:
    """Store what is decided; returns what is not. Raises the first failure, unless `quiet`, after all is stored."""
    done, left = wait(under_way, return_when=when)
    failed: BaseException | None = None
    for one in done:
        if (error := one.exception()) is not None:
            failed = failed or error
            continue
        outcome = one.result()
        job.state.finish(outcome.row, outcome.posted, outcome.submission_id, outcome.why)
        on_row()
    if failed is not None and not quiet:
        raise failed
    return left
