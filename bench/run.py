"""A whole run: the stack up, the rows one after the other, the report."""

import tempfile
from collections.abc import Sequence
from pathlib import Path

import uvloop

from bench.machine import machine
from bench.result import Report, Row
from bench.rounds import Pace, Say
from bench.rows.row import Bench
from bench.rows.table import ROWS
from bench.site import site
from libs.runtime import clock


def run(names: Sequence[str], pace: Pace, say: Say, data: Path | None = None) -> Report:
    """The rows named, measured on a stack that is brought up for it, in `data` if that is given, and ended again. Raises
    KeyError for no such row."""
    wanted = [ROWS[name] for name in names]
    seen, at, rows = machine(), clock.now(), list[Row]()
    with (
        tempfile.TemporaryDirectory(prefix="signalbox-bench-") as folder,
        site(data or Path(folder) / "data", say) as running,
    ):
        bench = Bench(running, Path(folder), pace, say)

        async def all_rows() -> None:
            for row in wanted:
                say(f"{row.name}: {row.title}")
                rows.append(await row.measure(bench))

        uvloop.run(all_rows())
    return Report(seen, at.isoformat(timespec="seconds"), pace.seed, pace.rounds, rows)
