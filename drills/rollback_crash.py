"""Drill 42: audit and crm are killed while rollbacks are ordered and carried out. Each finishes; each field goes back once."""

import asyncio
import random
import signal
from collections import Counter
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

from drills.changing import PROVIDERS, Changing, values_of
from drills.drill import Drill, Plan, Say
from drills.report import Report
from drills.reps import people
from drills.rollback_exact import roll_back
from drills.site import site

RECORDS = 600
ROUND = 600
KILLED = ("audit", "crm")
AFTER_SECONDS = (0.0, 0.8)
"""After everything is up again: while an order is decided, or while its writes are applied."""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Everything a provider said is taken back, and that again, and so on, until there were `faults` kills."""
    report, rng = Report("rollback-crash", plan.seed), random.Random(plan.seed)
    kills: Counter[str] = Counter()
    async with site(data, say, separate=False) as running, people(running) as http:
        http.headers["X-Signalbox-Actor"] = "rita"
        changing = Changing(running, http, rng)
        await changing.make_records(RECORDS)
        while changing.sent * 2 < plan.size:
            await changing.round(min(ROUND, plan.size))
        before, done = await changing.crm_values(), 0
        selection: dict[str, Any] = {"source_name": PROVIDERS[0]}
        while kills.total() < plan.faults:
            stop = asyncio.Event()
            killing = asyncio.create_task(_kill(changing, rng, stop, kills))
            try:
                told = await roll_back(running, http, selection, f"rollback {done + 1}")
            finally:
                stop.set()
                await killing
            done += 1
            wrong = Counter(told["item_status"][one["item_id"]] for one in told["items"] if one["action"] == "restore")
            report.require(set(wrong) == {"applied"}, f"rollback {done}: {dict(wrong)}")
            say(f"{done} rollbacks of {told['counts']['restore']} fields, {kills.total()} of {plan.faults} kills")
            selection = {"rollback_id": told["rollback_id"]}
        if done % 2:
            await roll_back(running, http, selection, "the last one, taken back")
        history, after = await changing.history(), await changing.crm_values()
        verified = await _verified(changing)
    report.figures |= {"rollbacks": done, "kills": dict(kills), "changes": len(history)}
    twice = Counter((one.source.name, one.record.key, one.field) for one in history if one.source.kind == "rollback")
    report.figures["fields_taken_back"] = len(twice)
    doubled = [key for key, count in twice.items() if count > 1]
    report.require(not doubled, f"{len(doubled)} fields went back more than once, such as {doubled[:1]}")
    report.require(len(twice) > 0, "nothing was taken back")
    report.require(after == before, "after as many rollbacks of rollbacks the CRM does not hold what it held before")
    held = values_of(history)
    report.require(all(held.get(key) == value for key, value in after.items()), "the log does not add up to the CRM")
    report.require(verified, "the audit log does not verify")
    return report


async def _kill(changing: Changing, rng: random.Random, stop: asyncio.Event, kills: Counter[str]) -> None:
    """SIGKILL of audit or crm again and again, each time once everything is up again, until told to stop."""
    while not stop.is_set():
        await asyncio.sleep(rng.uniform(*AFTER_SECONDS))
        if stop.is_set():
            return
        name = rng.choice(KILLED)
        kills[name] += changing.running.signal(name, signal.SIGKILL)
        await _ready_or_told(changing, stop)


async def _ready_or_told(changing: Changing, stop: asyncio.Event) -> None:
    """Returns when all that is killed answers as ready, or when told to stop."""
    for name in KILLED:
        ready = False
        while not ready and not stop.is_set():
            await asyncio.sleep(0.2)
            with suppress(httpx.HTTPError):
                ready = (await changing.http.get(f"{changing.running.url(name)}/health/ready")).is_success


async def _verified(changing: Changing) -> bool:
    answer = await changing.http.get(f"{changing.running.url('audit')}/api/verify", timeout=60)
    last = answer.raise_for_status().text.strip().splitlines()[-1]
    return '"ok":true' in last


DRILL = Drill(
    "rollback-crash", 42, "audit and crm killed while rollbacks are carried out: each finishes, each field goes back once", run,
    Plan(size=3000, faults=20),
)  # fmt: skip
