"""Drill 18: Postgres is frozen, then the log is locked away, while leads come in. No offset moves without its rows."""

import asyncio
import os
import signal
from contextlib import suppress
from pathlib import Path

import asyncpg

from drills.audit_rows import check_rows
from drills.drill import Drill, Plan, Say, exactly_once
from drills.hung_transaction import written
from drills.report import Report
from drills.site import Site, site
from drills.traffic import Told, post_all
from libs.contracts.topics import DEAD_LETTERS
from libs.runtime import clock
from libs.runtime.broker import read_topics

HELD_SECONDS = 30.0
RESUMED_SECONDS = 10.0
PATIENCE_SECONDS = 60.0
LOCKS = (
    "lock table audit.change in access exclusive mode",
    "select from audit.chain_head for update",
    "select from audit.checkpoint where stage = 'audit.changes' for update",
)
"""What is held, one after the other: the log, the chains' heads, the sink's offsets."""
STANDS = """
    select stood.partition, stood.next_offset, coalesce(head.kafka_offset, -1) as head,
        coalesce((select max(kafka_offset) from audit.change where chain = stood.partition), -1) as row
    from audit.checkpoint stood left join audit.chain_head head on head.chain = stood.partition
    where stood.stage = 'audit.changes'
"""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Every process of Postgres stopped for 30 s; then three locks held for 30 s each."""
    report = Report("postgres-frozen", plan.seed)
    async with site(data, say, durable=True) as running:
        stop = asyncio.Event()
        watching = asyncio.create_task(_watched(running, stop, report))
        posting = asyncio.create_task(post_all(running, plan.size, plan.seed, per_second=plan.per_second))
        await asyncio.sleep(3)
        resumed = {"frozen": await _frozen(running)}
        say(f"frozen for {HELD_SECONDS:.0f} s: rows again {resumed['frozen']} s after")
        for lock in LOCKS:
            name = next(part for part in lock.split() if part.startswith("audit."))
            resumed[name] = await _locked(running, lock, name)
            say(f"{name} locked for {HELD_SECONDS:.0f} s: rows again {resumed[name]} s after")
        told: Told = await posting
        await exactly_once(running, told, report)
        await check_rows(running, report)
        stop.set()
        await watching
        dead = [record async for record in read_topics(running.kafka, [topic.name for topic in DEAD_LETTERS.values()])]
    report.figures |= {"resumed_seconds": resumed, "dead_letters": len(dead)}
    report.require(not dead, f"{len(dead)} dead letters: what waits was given up")
    late = {name: seconds for name, seconds in resumed.items() if seconds > RESUMED_SECONDS}
    report.require(not late, f"rows came again only after {late} s")
    return report


async def _frozen(running: Site) -> float:
    pid = running.pid("postgres")
    assert pid is not None, "postgres is not running"
    processes = _tree(pid)
    _signal(processes, signal.SIGSTOP)
    try:
        marks = await _during(running, "frozen")
    finally:
        _signal(processes, signal.SIGCONT)
    return await _until_stored(running, marks)


async def _locked(running: Site, lock: str, name: str) -> float:
    holder = await asyncpg.connect(running.database_url)
    try:
        transaction = holder.transaction()
        await transaction.start()
        await holder.execute(lock)
        marks = await _during(running, name)
        await transaction.rollback()
    finally:
        await holder.close()
    return await _until_stored(running, marks)


async def _during(running: Site, name: str) -> set[str]:
    """Changes that come in while nothing can be stored, for as long as that is."""
    began = clock.monotonic()
    await asyncio.sleep(2)
    marks = await written(running, name)
    await asyncio.sleep(HELD_SECONDS - (clock.monotonic() - began))
    return marks


async def _until_stored(running: Site, marks: set[str]) -> float:
    """Seconds until all of these changes are rows."""
    began = clock.monotonic()
    db = await asyncpg.connect(running.database_url, timeout=PATIENCE_SECONDS)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            count = "select count(*) from audit.change where event_id = any($1)"
            while await db.fetchval(count, sorted(marks)) < len(marks):  # noqa: ASYNC110 - asked, not told
                await asyncio.sleep(0.1)
    finally:
        await db.close()
    return round(clock.monotonic() - began, 2)


async def _watched(running: Site, stop: asyncio.Event, report: Report) -> None:
    """All the while: the offset that is stored, the head and the last row are of one transaction."""
    looks, wrong = 0, []
    while not stop.is_set():
        with suppress(OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
            db = await asyncpg.connect(running.database_url, timeout=5, command_timeout=5)
            try:
                rows = await db.fetch(STANDS)
            finally:
                db.terminate()
            looks += 1
            wrong += [tuple(row) for row in rows if not row["next_offset"] - 1 == row["head"] == row["row"]]
        await asyncio.sleep(0.2)
    report.figures["looks_at_the_offsets"] = looks
    report.require(looks > 20, f"only {looks} looks at the offsets: nothing was shown")
    report.require(not wrong, f"offsets without rows, or rows without offsets: {wrong[:3]}")


def _tree(pid: int) -> list[int]:
    """A process and all below it, parents first: what is stopped starts no other."""
    found = [pid]
    for one in found:
        with suppress(OSError):
            found += [int(child) for child in Path(f"/proc/{one}/task/{one}/children").read_text().split()]
    return found


def _signal(processes: list[int], number: signal.Signals) -> None:
    for pid in processes:
        with suppress(ProcessLookupError):
            os.kill(pid, number)


DRILL = Drill(
    "postgres-frozen", 18, "Postgres frozen, then locked: no offset without rows, rows again ≤ 10 s after, 0 dead letters", run,
    Plan(size=1500, per_second=12),
)  # fmt: skip
