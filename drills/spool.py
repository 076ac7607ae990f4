"""Drill 8: no broker at all, and intake is killed while it spools. What was called spooled comes through once."""

import asyncio
import signal
from pathlib import Path

from drills.drill import Drill, Plan, Say, exactly_once
from drills.report import Report
from drills.site import Site, site
from drills.traffic import post_all
from libs.runtime import clock

DRAIN_SECONDS = 60.0
KILLS = 2


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Posts before, during and after the outage; two kills in the middle of it."""
    report = Report("spool", plan.seed)
    async with site(data, say, separate=False) as running:
        told = await post_all(running, plan.size // 4, plan.seed, per_second=plan.per_second)
        say("taking the broker out")
        await asyncio.to_thread(running.take_out, "kafka")
        killing = asyncio.create_task(_kill(running))
        await post_all(running, plan.size, plan.seed + 1, per_second=plan.per_second, prefix="spooled", told=told)
        kills = await killing
        say(f"{len(told.spooled)} spooled over {kills} kills of intake; putting the broker back")
        await asyncio.to_thread(running.put_back)
        report.figures["spool_drained_seconds"] = await drained_seconds(running, DRAIN_SECONDS, report)
        await exactly_once(running, told, report)
    report.figures |= {"kills": kills, "spooled": len(told.spooled)}
    report.require(kills == KILLS, f"{kills} kills: intake did not come back without a broker")
    report.require(len(told.spooled) > plan.size // 2, f"only {len(told.spooled)} of {plan.size} were spooled")
    return report


async def drained_seconds(running: Site, limit: float, report: Report) -> float:
    """Seconds until intake's spool holds nothing more; past `limit` a problem of the report."""
    begun = clock.monotonic()
    while any((running.data / "spool").glob("*/spool-*.seg")):
        if clock.monotonic() - begun > limit:
            report.problems.append(f"the spool is not empty {limit:.0f} s after the brokers came back")
            break
        await asyncio.sleep(0.2)
    return round(clock.monotonic() - begun, 1)


async def _kill(running: Site) -> int:
    """Kill intake twice, well apart; how often it was there to be killed."""
    kills = 0
    for _ in range(KILLS):
        await asyncio.sleep(6)
        kills += running.signal("intake", signal.SIGKILL)
    return kills


DRILL = Drill(
    "spool", 8, "no broker, intake killed while it spools: what was spooled comes through once", run,
    Plan(size=1000, per_second=40),
)  # fmt: skip
