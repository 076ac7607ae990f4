"""Drill 3: workers are frozen inside a transaction, others take over, then the frozen ones go on and must not count."""

from pathlib import Path

from drills.drill import Drill, Plan, Say, exactly_once, rng_of, under_faults
from drills.faults import Faults
from drills.report import Report
from drills.site import site

STAGES = ("dedupe", "enrich", "router")


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """SIGSTOP for 2 to 20 s: shorter and longer than the session timeout, with transactions held open for 50 ms."""
    report = Report("zombie", plan.seed)
    env = {"SIGNALBOX_DRILL_PAUSE": "0.05", "SIGNALBOX_SESSION_TIMEOUT_MS": "6000"}
    async with site(data, say, doubled=STAGES, env=env) as running:
        names = [*STAGES, *(f"{stage}-2" for stage in STAGES)]
        faults = Faults(running, names, rng_of(plan), every_seconds=(1.0, 3.0), freezes=True, kills=False)
        told = await under_faults(running, plan, faults, say)
        await exactly_once(running, told, report)
        report.figures["ended_by_themselves"] = sum(running.restarts(name) for name in names)
    report.figures["freezes"] = faults.frozen
    report.require(faults.frozen >= min(5, plan.faults), f"only {faults.frozen} freezes: the drill was too short")
    return report


DRILL = Drill(
    "zombie", 3, "SIGSTOP inside transactions past the session timeout: the zombie is fenced", run,
    Plan(size=2000, per_second=40, faults=20),
)  # fmt: skip
