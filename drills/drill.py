"""What all drills share: traffic with faults beside it, then the check of every topic."""

import asyncio
import random
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from drills.faults import Faults
from drills.oracle import check_audit, check_line, until_routed
from drills.report import Report
from drills.site import Site
from drills.traffic import Body, Told, body_of, post_all

DRAIN_SECONDS = 120.0
"""After the last post and the last fault, the line may take so long to become quiet."""

Say = Callable[[str], None]


class NotHereError(Exception):
    """The drill needs something that this machine or user does not have; the message says what."""


@dataclass(frozen=True)
class Plan:
    """How large a drill is: submissions, posts a second, faults at most, workers of a stage where it is about them."""

    seed: int = 1
    size: int = 2000
    per_second: float = 60.0
    faults: int = 30
    workers: int = 2


Run = Callable[[Path, Plan, Say], Coroutine[None, None, Report]]


@dataclass(frozen=True)
class Drill:
    """A drill by name; `number` is its line in the list of drills (docs/drills.md)."""

    name: str
    number: int
    about: str
    run: Run
    plan: Plan = field(default_factory=Plan)


async def under_faults(site: Site, plan: Plan, faults: Faults, say: Say, body: Body = body_of) -> Told:
    """What the clients were told, with faults striking for as long as they post."""
    stop = asyncio.Event()
    striking = asyncio.create_task(faults.run(stop, plan.faults))
    told = await post_all(site, plan.size, plan.seed, per_second=plan.per_second, body=body)
    say(f"{len(told.acknowledged)} acknowledged, {faults.killed} killed, {faults.frozen} frozen; waiting for the line")
    stop.set()
    await striking
    return told


async def exactly_once(site: Site, told: Told, report: Report) -> None:
    """Adds to the report whether every acknowledged submission was decided once by every stage, and audited once."""
    submissions: Sequence[str] = sorted(told.acknowledged)
    try:
        report.figures["drained_seconds"] = round(await until_routed(site.kafka, submissions, DRAIN_SECONDS), 1)
    except TimeoutError as error:
        report.problems.append(str(error))
    found = await check_audit(site.kafka, await check_line(site.kafka, submissions))
    report.problems += found.problems
    report.figures |= {
        "posts": told.posts,
        "acknowledged": len(submissions),
        "never_acknowledged": len(told.unknown),
        "codes": dict(sorted(told.codes.items())),
        "audit_records": found.audit_records,
    }
    wrong = {code: count for code, count in told.codes.items() if code not in (202, 429, 503)}
    report.require(not wrong, f"answers that a client can't act on: {wrong}")


def rng_of(plan: Plan) -> random.Random:
    """The chance of the faults, apart from that of the traffic."""
    return random.Random(plan.seed + 1)
