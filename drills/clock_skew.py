"""Drill 45: half of the workers of each stage have wrong clocks, and some of these go back by an hour under traffic."""

import asyncio
from collections import Counter
from dataclasses import replace
from pathlib import Path

from drills.dealing import deal
from drills.drill import Drill, Plan, Say, rng_of
from drills.faults import Faults
from drills.oracle import events_of
from drills.report import Report
from drills.site import Site, site
from embedded.stack import ServiceSpec
from libs.contracts.events import SlaChanged
from libs.contracts.keys import lead_of

AHEAD = {"dedupe-2": 600, "enrich-2": -600, "classify-2": 600, "score-2": -600, "router-2": 4200}
"""Seconds by which a worker's clock is ahead; the router's is ahead by more than any promise of its queues."""
STEPPING = ("classify-2", "router-2")
"""Those whose clock goes back by an hour in the middle."""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """What the topics tell must be as right as with good clocks: order and turns depend on positions, not on times."""
    report, step = Report("clock-skew", plan.seed), data / "clock-goes-back"

    def wrong(spec: ServiceSpec) -> ServiceSpec:
        if spec.name not in AHEAD:
            return spec
        never = data / "never"
        path = step if spec.name in STEPPING else never
        return replace(spec, argv=(spec.argv[0], "-m", "drills.skewed", str(AHEAD[spec.name]), str(path), spec.argv[2]))

    stages = tuple(name.removesuffix("-2") for name in AHEAD)
    async with site(data, say, doubled=stages, around=wrong) as running:
        faults = Faults(running, list(AHEAD), rng_of(plan), every_seconds=(1.0, 3.0))
        stepping = asyncio.create_task(_step(step, plan))
        await deal(running, plan, faults, say, report)
        await stepping
        clocks = Counter(f"{one.clock} {one.state}" for one in await _told(running))
        behind = await _scored_before_received(running)
    report.figures |= {"clocks": dict(sorted(clocks.items())), "scored_before_received": behind, "kills": faults.killed}
    early = {name: count for name, count in clocks.items() if name.endswith((" reminded", " breached", " escalated"))}
    report.require(not early, f"promises of an hour were told to be over, or nearly, within minutes: {early}")
    report.require(behind > 0, "no lead was decided by a clock that is behind: the drill showed nothing")
    return report


async def _told(running: Site) -> list[SlaChanged]:
    return [one for _, one in await events_of(running.kafka, "sla.changed.v1") if isinstance(one, SlaChanged)]


async def _scored_before_received(running: Site) -> int:
    events = [(event.decided_at, lead_of(event)) for _, event in await events_of(running.kafka, "lead.scored.v1")]
    return sum(1 for at, lead in events if at and lead and at < lead.submission.received_at)


async def _step(step: Path, plan: Plan) -> None:
    await asyncio.sleep(plan.size / plan.per_second / 2)
    await asyncio.to_thread(step.touch)


DRILL = Drill(
    "clock-skew", 45, "clocks ten minutes off, some go back an hour: order, turns and promises stay right", run,
    Plan(size=250, per_second=15, faults=3),
)  # fmt: skip
