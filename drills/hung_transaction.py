"""Drill 14: a stage stops inside a transaction. Readers behind it stall no longer than its restart or its timeout takes."""

import asyncio
import contextlib
import os
import signal
from pathlib import Path

from drills.drill import Drill, Plan, Say
from drills.report import Report
from drills.site import Site, site
from drills.traffic import post_all
from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.codec import encode, header
from libs.contracts.events import ChangeRecorded
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.cluster import read_opened

STAGE = "enrich"
RESTARTED_SECONDS = 5.0
TIMED_OUT_SECONDS = 17.0
TRIES = 2


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Kill the stage inside a transaction and let it be restarted; freeze it and let the broker give up on it."""
    report = Report("hung-transaction", plan.seed)
    async with site(data, say, env={"SIGNALBOX_DRILL_PAUSE": "0.5"}) as running:
        restarted = [await _stall(running, plan, signal.SIGKILL, f"kill-{number}") for number in range(TRIES)]
        say(f"killed and restarted: readers stalled {restarted} s")
        frozen = [await _stall(running, plan, signal.SIGSTOP, f"freeze-{number}") for number in range(2)]
        say(f"frozen: readers stalled {frozen} s")
    report.figures |= {"restarted_seconds": restarted, "timed_out_seconds": frozen}
    report.require(max(restarted) <= RESTARTED_SECONDS, f"readers stalled {max(restarted)} s behind a restarted stage")
    report.require(
        max(frozen) <= TIMED_OUT_SECONDS, f"readers stalled {max(frozen)} s behind a stage that never came back"
    )
    report.require(max(frozen) > 2, "the stage was not frozen inside a transaction: nothing was shown")
    return report


async def _stall(running: Site, plan: Plan, number: signal.Signals, name: str) -> float:
    """Seconds until readers of all the stage's output partitions see what was written just after it stopped."""
    posting = asyncio.create_task(post_all(running, 240, plan.seed, clients=6, per_second=30, prefix=name))
    await asyncio.sleep(3)
    pid = running.pid(STAGE)
    assert pid is not None, f"{STAGE} is not running"
    os.kill(pid, number)
    started = clock.monotonic()
    await _seen(running, await written(running, name))
    taken = round(clock.monotonic() - started, 2)
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)
    await posting
    await asyncio.sleep(8)
    return taken


async def written(running: Site, name: str) -> set[str]:
    """Ids of audit records written to both partitions by somebody else, after the stage stopped."""
    producer, sent = Producer(running.kafka), set[str]()
    await producer.start()
    for number in range(8):
        event = _marker(f"{name}-{number}")
        record = RecordRef(type="policy", id=f"{name}-{number}")
        await producer.send_and_wait(encode(AUDIT_CHANGE, event, record.id, source="drill"))
        sent.add(event.event_id)
    await producer.stop()
    return sent


def _marker(name: str) -> ChangeRecorded:
    now = clock.now()
    change = FieldChange(
        record=RecordRef(type="policy", id=name), field="drill", new=name, source=Source(kind="rule", name="drill"),
        actor=Actor(kind="rule", id="drill"), reason="marks a moment of a drill", change_id=ids.derived_id(name),
        workflow=Workflow(name="drill", version="1"), policy_version="", trigger_event_id="", lead_id=None,
        status=Status.APPLIED, rule="drill", at=now,
    )  # fmt: skip
    return ChangeRecorded(event_id=ids.derived_id("drill", name), decided_at=now, change=change)


async def _seen(running: Site, wanted: set[str]) -> None:
    async with asyncio.timeout(60):
        while wanted:
            async for record in read_opened(running.kafka, [AUDIT_CHANGE.name]):
                wanted.discard(header(record.headers, "ce_id"))


DRILL = Drill(
    "hung-transaction", 14, "a stage stops inside a transaction: readers stall 5 s, 17 s without a restart", run
)
