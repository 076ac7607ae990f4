"""Drill 1: intake is killed while clients post. What was acknowledged is there, once, however often it was posted."""

from pathlib import Path

from drills.drill import Drill, Plan, Say, exactly_once, rng_of, under_faults
from drills.faults import Faults
from drills.report import Report
from drills.site import site


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """A kill of intake every 2 to 5 s while 50 clients post and retry."""
    report = Report("intake-kill", plan.seed)
    async with site(data, say) as running:
        faults = Faults(running, ["intake"], rng_of(plan), every_seconds=(1.5, 3.5))
        told = await under_faults(running, plan, faults, say)
        await exactly_once(running, told, report)
    report.figures["kills"] = faults.killed
    report.require(faults.killed >= min(5, plan.faults), f"only {faults.killed} kills: the drill was too short")
    return report


DRILL = Drill("intake-kill", 1, "SIGKILL of intake under load: nothing acknowledged is lost, nothing doubled", run)
