"""Drill 51: routers are killed and frozen while they deal leads, people answer offers and others change who works."""

from pathlib import Path

from drills.dealing import deal
from drills.drill import Drill, Plan, Say, rng_of
from drills.faults import Faults
from drills.report import Report
from drills.site import site


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """SIGKILL and SIGSTOP of all routers; one that is frozen inside a transaction holds what the others wait for."""
    report, env = Report("double-assignment", plan.seed), {"SIGNALBOX_SESSION_TIMEOUT_MS": "6000"}
    workers = ["router", *(f"router-{number}" for number in range(2, plan.workers + 1))]
    async with site(data, say, doubled=("router",), workers=plan.workers, partitions=plan.workers, env=env) as running:
        faults = Faults(
            running, workers, rng_of(plan), every_seconds=(0.8, 2.0), freeze_seconds=(1.0, 8.0), freezes=True
        )
        await deal(running, plan, faults, say, report)
    report.figures |= {"workers": plan.workers, "kills": faults.killed, "freezes": faults.frozen}
    struck = faults.killed + faults.frozen
    report.require(struck >= min(6, plan.faults), f"only {struck} faults: the drill was too short")
    return report


DRILL = Drill(
    "double-assignment", 51, "routers killed and frozen while they deal: one turn a lead, everybody their share", run,
    Plan(size=250, per_second=20, faults=8, workers=3),
)  # fmt: skip
