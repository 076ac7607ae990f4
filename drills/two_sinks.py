"""Drill 19: two audit sinks read the same partitions at once. Nothing is stored twice, the chain does not fork."""

import asyncio
from pathlib import Path

from drills.audit_rows import check_rows, second_sink
from drills.drill import Drill, Plan, Say, exactly_once
from drills.report import Report
from drills.site import site
from drills.traffic import post_all


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """The audit service, and beside it a second sink that takes every partition without asking the group."""
    report = Report("two-sinks", plan.seed)
    async with site(data, say) as running:
        stop = asyncio.Event()
        second = asyncio.create_task(second_sink(running, stop))
        told = await post_all(running, plan.size, plan.seed, per_second=plan.per_second)
        say(f"{len(told.acknowledged)} acknowledged; waiting for the line")
        await exactly_once(running, told, report)
        await check_rows(running, report)
        stop.set()
        report.figures["batches_of_the_second"] = await second
    report.require(bool(report.figures["batches_of_the_second"]), "the second sink stored nothing: nothing was shown")
    return report


DRILL = Drill(
    "two-sinks", 19, "two audit sinks on the same partitions: 0 doubled rows, 0 forks", run, Plan(per_second=200)
)
