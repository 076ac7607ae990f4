"""Drill 5: one of three brokers is killed again and again. What was acknowledged is there, and answers are soon quick again."""

import asyncio
from pathlib import Path

from drills.drill import Drill, Plan, Say, exactly_once, rng_of
from drills.faults import Faults
from drills.report import Report
from drills.site import Site, site
from drills.traffic import Told, post_all
from libs.runtime import clock

BROKERS = ("kafka-1", "kafka-2", "kafka-3")
BEFORE_SECONDS = 15.0
AFTER_SECONDS = 45.0
MAX_503_SHARE = 0.05


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """A kill every 15 to 25 s; posts go on before, meanwhile and after."""
    report = Report("broker-kill", plan.seed)
    async with site(data, say, brokers=3, separate=False) as running:
        faults = Faults(running, BROKERS, rng_of(plan), every_seconds=(15.0, 25.0))
        told, struck = await _posted(running, plan, faults)
        say(f"{len(told.acknowledged)} acknowledged, {faults.killed} brokers killed; waiting for the line")
        await exactly_once(running, told, report)
    report.figures |= {"kills": faults.killed, "spooled": len(told.spooled)}
    _judge(report, told, struck)
    report.require(faults.killed >= plan.faults, f"only {faults.killed} kills: the drill was too short")
    return report


async def _posted(running: Site, plan: Plan, faults: Faults) -> tuple[Told, tuple[float, float, float]]:
    """What clients were told, and the times of the first post, the first fault, the last fault."""
    told, times = Told(), [clock.monotonic()]

    async def strike() -> None:
        await asyncio.sleep(BEFORE_SECONDS)
        times.append(clock.monotonic())
        await faults.run(asyncio.Event(), plan.faults)
        times.append(clock.monotonic())
        await asyncio.sleep(AFTER_SECONDS)

    striking = asyncio.create_task(strike())
    number = 0
    while not striking.done():
        await post_all(running, 50, plan.seed + number, per_second=plan.per_second, prefix=f"b{number}", told=told)
        number += 1
    await striking
    return told, (times[0], times[1], times[2])


def _judge(report: Report, told: Told, times: tuple[float, float, float]) -> None:
    begun, first, last = times
    before, after = told.p99(begun, first), told.p99(last + 30.0, last + AFTER_SECONDS)
    share = told.codes.get(503, 0) / max(1, told.posts)
    report.figures |= {"p99_before_ms": _ms(before), "p99_after_ms": _ms(after), "share_of_503": round(share, 4)}
    report.require(share < MAX_503_SHARE, f"{share:.1%} of the answers were 503")
    quick = before is not None and after is not None and after < 2 * before
    report.require(quick, "30 s after the last kill answers are not within twice what they took before the first")


def _ms(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds * 1000, 1)


DRILL = Drill(
    "broker-kill",
    5,
    "SIGKILL of one of three brokers: nothing acknowledged is lost",
    run,
    Plan(per_second=25, faults=10),
)
