"""Drill 2: every exactly-once stage is killed at random, two workers each: nothing lost, doubled or out of order."""

from pathlib import Path

from drills.drill import Drill, Plan, Say, exactly_once, rng_of, under_faults
from drills.faults import Faults
from drills.report import Report
from drills.site import site

STAGES = ("dedupe", "enrich", "classify", "score", "router")


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """SIGKILL of any worker of any stage about every second."""
    report = Report("stage-kill", plan.seed)
    async with site(data, say, doubled=STAGES) as running:
        names = [*STAGES, *(f"{stage}-2" for stage in STAGES), "crm", "triage"]
        faults = Faults(running, names, rng_of(plan), every_seconds=(0.5, 1.5))
        told = await under_faults(running, plan, faults, say)
        await exactly_once(running, told, report)
    report.figures["kills"] = faults.killed
    report.require(faults.killed >= min(10, plan.faults), f"only {faults.killed} kills: the drill was too short")
    return report


DRILL = Drill("stage-kill", 2, "SIGKILL of every stage, two workers each: exactly once, order kept", run)
