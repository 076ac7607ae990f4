"""Drill 17: Postgres is killed while the line decides and the audit sink stores. Rows equal records, the chain holds."""

from pathlib import Path

from drills.audit_rows import check_rows
from drills.drill import Drill, Plan, Say, exactly_once, rng_of, under_faults
from drills.faults import Faults
from drills.report import Report
from drills.site import site


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """SIGKILL of the postmaster every few seconds; the supervisor starts it again and it recovers from its log."""
    report = Report("postgres-kill", plan.seed)
    async with site(data, say, durable=True) as running:
        faults = Faults(running, ["postgres"], rng_of(plan), every_seconds=(4.0, 8.0))
        told = await under_faults(running, plan, faults, say)
        await exactly_once(running, told, report)
        await check_rows(running, report)
    report.figures["kills"] = faults.killed
    report.require(faults.killed >= min(4, plan.faults), f"only {faults.killed} kills: the drill was too short")
    return report


DRILL = Drill(
    "postgres-kill", 17, "SIGKILL of the postmaster: audit rows equal topic records, 0 chain breaks", run,
    Plan(size=2000, per_second=40, faults=10),
)  # fmt: skip
