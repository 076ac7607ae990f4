"""Drill 7: two of three brokers are gone for a minute. Nobody is told that something is safe which is not."""

import asyncio
from pathlib import Path

from drills.broker_kill import BROKERS
from drills.drill import Drill, Plan, Say, exactly_once
from drills.report import Report
from drills.site import site
from drills.spool import drained_seconds
from drills.traffic import Told, post_all
from libs.runtime import clock

AWAY_SECONDS = 60.0
DRAIN_SECONDS = 60.0


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """One broker alone can't take anything with acks from two; what comes meanwhile is spooled or turned away."""
    report = Report("min-isr", plan.seed)
    async with site(data, say, brokers=3, separate=False) as running:
        told = await post_all(running, 100, plan.seed, per_second=plan.per_second)
        say("taking two of three brokers out")
        await asyncio.to_thread(running.take_out, *BROKERS[1:])
        away = Told()
        until, number = clock.monotonic() + AWAY_SECONDS, 0
        while clock.monotonic() < until:
            prefix = f"away{number}"
            await post_all(running, 50, plan.seed + number, per_second=plan.per_second, prefix=prefix, told=away)
            number += 1
        say(f"{len(away.spooled)} spooled, {away.codes}; putting the brokers back")
        unsafe = set(away.acknowledged) - away.spooled
        await asyncio.to_thread(running.put_back)
        report.figures["spool_drained_seconds"] = await drained_seconds(running, DRAIN_SECONDS, report)
        told.acknowledged |= away.acknowledged
        told.posts += away.posts
        told.codes = {code: told.codes.get(code, 0) + away.codes.get(code, 0) for code in told.codes | away.codes}
        await exactly_once(running, told, report)
    report.figures |= {"spooled": len(away.spooled), "answers_while_away": dict(sorted(away.codes.items()))}
    report.require(bool(away.spooled), "nothing was spooled: the brokers were not missed")
    report.require(not unsafe, f"{len(unsafe)} submissions were called safe on the broker while two of three were gone")
    return report


DRILL = Drill("min-isr", 7, "two of three brokers gone for a minute: no false receipt", run, Plan(per_second=25))
