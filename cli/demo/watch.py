"""Watching the line until it is quiet, and killing a process in the middle of it when asked to."""

import os
import signal
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from cli.errors import CliError
from cli.ledger import read_books
from cli.stack import LINE
from embedded.status import status
from services.audit.domain.ledger import Ledger, LedgerRecord, fold

LOOK_SECONDS = 0.5
QUIET_SECONDS = 120.0


def wait_until_quiet(kafka: str, on_look: Callable[[Ledger], None]) -> tuple[Ledger, Sequence[LedgerRecord]]:
    """The ledger once nothing is in flight, with its records. Raises CliError when that takes more than two minutes."""
    deadline = time.monotonic() + QUIET_SECONDS
    what = "Kafka does not answer"
    while time.monotonic() < deadline:
        try:
            records = read_books(kafka).records
        except CliError:  # Kafka may be the one that was killed
            time.sleep(LOOK_SECONDS)
            continue
        ledger = fold(records)
        on_look(ledger)
        if ledger.quiet:
            return ledger, records
        stuck = ", ".join((*ledger.waiting_ids, *ledger.in_flight_ids)[:5])
        what = f"{ledger.waiting} submissions and {ledger.in_flight} leads are still on their way ({stuck} …)"
        time.sleep(LOOK_SECONDS)
    raise CliError(what, kafka, "look at `./signalbox status` and the logs of the line with --keep")


def process_of(data: Path, stage: str) -> str:
    """The name of the process that runs a stage. Raises CliError when none does."""
    names = [process.name for process in status(data).processes]
    found = stage if stage in names else "line" if stage in LINE and "line" in names else None
    if found is None:
        raise CliError(f"no process runs {stage!r}", "--kill", f"choose from {', '.join([*names, *LINE])}")
    return found


def kill(data: Path, name: str) -> int | None:
    """SIGKILL to a process of the stack; its pid, None when it does not run at the moment."""
    found = next((process for process in status(data).processes if process.name == name), None)
    if found is None or found.pid is None:
        return None
    os.kill(found.pid, signal.SIGKILL)
    return found.pid


def restarts_of(data: Path, name: str) -> int:
    """How often the supervisor started a process again."""
    return next(process.restarts for process in status(data).processes if process.name == name)
