"""Drill 10: the spool's disk reports an error on fsync. After it nobody is told that anything is safe, and intake ends."""

import asyncio
import shutil
from dataclasses import replace
from pathlib import Path

from drills.drill import Drill, NotHereError, Plan, Say, exactly_once
from drills.report import Report
from drills.site import site
from drills.spool import drained_seconds
from drills.traffic import post_all
from embedded.stack import ServiceSpec

FAILING_FSYNC = 5
"""Which fsync of each of intake's lives fails: the policy's file and the spool's folder come before the first record."""
DRAIN_SECONDS = 60.0


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """strace makes one fsync of intake fail with EIO; after each life the spool must hold all that was acknowledged."""
    report = Report("fsync", plan.seed)
    trace = shutil.which("strace")
    if trace is None:
        raise NotHereError("this drill needs strace: install it with the system's package manager")

    def traced(spec: ServiceSpec) -> ServiceSpec:
        inject = f"inject=fsync:error=EIO:when={FAILING_FSYNC}"
        log = str(data / "logs" / "strace.log")
        before = [trace, "-f", "-qq", "-A", "-o", log, "-e", "trace=fsync", "-e", inject]
        return replace(spec, argv=[*before, *spec.argv]) if spec.name == "intake" else spec

    async with site(data, say, separate=False, around=traced) as running:
        told = await post_all(running, 50, plan.seed, per_second=plan.per_second)
        say("taking the broker out")
        await asyncio.to_thread(running.take_out, "kafka")
        await post_all(running, plan.size, plan.seed + 1, per_second=plan.per_second, prefix="eio", told=told)
        restarts = running.restarts("intake")
        say(f"{len(told.spooled)} spooled, intake ended {restarts} times; putting the broker back")
        await asyncio.to_thread(running.put_back)
        report.figures["spool_drained_seconds"] = await drained_seconds(running, DRAIN_SECONDS, report)
        await exactly_once(running, told, report)
    failed = (data / "logs" / "strace.log").read_text().count("(INJECTED)")
    report.figures |= {"spooled": len(told.spooled), "failed_fsyncs": failed, "restarts_of_intake": restarts}
    report.require(failed > 0, "no fsync failed: nothing was tried")
    report.require(restarts >= 1, "intake went on after a failed fsync")
    return report


DRILL = Drill("fsync", 10, "fsync fails: no receipt after it, intake ends", run, Plan(size=60, per_second=5))
