"""Drill 6: one of three brokers freezes for 12 s at a time. What it writes late counts once."""

import asyncio
import signal
from pathlib import Path

from drills.broker_kill import BROKERS
from drills.drill import Drill, Plan, Say, exactly_once, rng_of
from drills.report import Report
from drills.site import Site, site
from drills.traffic import Told, post_all

FREEZE_SECONDS = 12.0
BETWEEN_SECONDS = 8.0


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Freezes of a broker, one after the other, while clients post and retry."""
    report = Report("broker-freeze", plan.seed)
    async with site(data, say, brokers=3, separate=False) as running:
        freezing = asyncio.create_task(_freeze(running, plan))
        told, number = Told(), 0
        while not freezing.done():
            await post_all(running, 50, plan.seed + number, per_second=plan.per_second, prefix=f"f{number}", told=told)
            number += 1
        frozen = await freezing
        say(f"{len(told.acknowledged)} acknowledged, {frozen} times frozen; waiting for the line")
        await exactly_once(running, told, report)
    report.figures |= {"freezes": frozen, "spooled": len(told.spooled)}
    report.require(frozen >= plan.faults, f"only {frozen} freezes: a broker was down")
    return report


async def _freeze(running: Site, plan: Plan) -> int:
    """Freeze and wake one broker after the other; how often it was done."""
    rng, done = rng_of(plan), 0
    for _ in range(plan.faults):
        await asyncio.sleep(BETWEEN_SECONDS)
        name = rng.choice(BROKERS)
        if not running.signal(name, signal.SIGSTOP):
            continue
        await asyncio.sleep(FREEZE_SECONDS)
        running.signal(name, signal.SIGCONT)
        done += 1
    return done


DRILL = Drill(
    "broker-freeze", 6, "SIGSTOP of one of three brokers: late copies count once", run, Plan(per_second=25, faults=5)
)
