"""Drill 41: thousands of changes by machines and people, then one provider's in a window are taken back; and that again."""

import asyncio
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import httpx

from drills.changing import PROVIDERS, Changing, Key, Model, key_of, values_of
from drills.drill import Drill, Plan, Say
from drills.report import Report
from drills.reps import people
from drills.site import Site, site
from libs.contracts.change import FieldChange
from libs.runtime import clock

RECORDS = 400
ROUND = 500
WAIT_SECONDS = 90.0


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """`size` changes in rounds; then three rollbacks of a random provider and window, each of which is taken back itself."""
    report, rng, model = Report("rollback-exact", plan.seed), random.Random(plan.seed), Model()
    sums: Counter[str] = Counter()
    async with site(data, say, separate=False) as running, people(running) as http:
        http.headers["X-Signalbox-Actor"] = "rita"
        changing = Changing(running, http, rng)
        await changing.make_records(RECORDS)
        while changing.sent * 2 < plan.size:
            await changing.round(min(ROUND, plan.size))
            say(f"{changing.sent * 2:,} of {plan.size:,} changes")
        for number in range(3):
            say(f"rollback {number + 1} of 3, and back again")
            sums += await _there_and_back(changing, model, report, f"rollback {number + 1}")
        history = await changing.history()
    report.figures |= {"changes": changing.sent * 2, "applied": len(history)}
    report.figures["by_people"] = sum(change.source.kind == "human" for change in history)
    report.require(len(history) > plan.size // 2, "less than half of the changes were applied: too little was tried")
    report.figures |= sums
    report.require(sums["restored"] > 0, "nothing was restored")
    report.require(sums["conflicts"] > 0, "no conflict was met")
    report.require(sums["people_kept"] > 0, "no value of a person was in the way")
    return report


async def _there_and_back(changing: Changing, model: Model, report: Report, name: str) -> Counter[str]:
    """Adds to the report what was wrong; how many fields went back, were conflicts, or are people's and were kept."""
    before, history = await changing.crm_values(), await changing.history()
    report.require(_same(values_of(history), before), f"{name}: the log does not add up to what the CRM holds, before")
    selection, meant = _chosen(history, changing.rng)
    wanted = model.wanted(history, meant)
    told = await roll_back(changing.running, changing.http, selection, name)
    model.ordered(told["rollback_id"], meant)
    conflicts = {_key(item) for item in told["items"] if item["action"] == "conflict"}
    differ = sorted(conflicts ^ wanted.conflicts)
    report.require(not differ, f"{name}: {len(differ)} conflicts differ from the model's, such as {differ[:2]}")
    after = await changing.crm_values()
    different = [key for key in before if after[key] != wanted.values.get(key, before[key])]
    report.require(not different, f"{name}: {len(different)} fields are not the model's, such as {different[:2]}")
    persons = _last_by_person(history) & before.keys()
    lost = [key for key in persons if after[key] != before[key]]
    report.require(not lost, f"{name}: {len(lost)} values of people were overwritten")
    made = {change.change_id for change in await changing.history() if change.source.name == told["rollback_id"]}
    back = await roll_back(changing.running, changing.http, {"rollback_id": told["rollback_id"]}, f"{name}, taken back")
    model.ordered(back["rollback_id"], made)
    report.require(
        await changing.crm_values() == before, f"{name}: taken back, the CRM does not hold what it held before"
    )
    log = {change.change_id: change for change in await changing.history()}
    report.require(all(log.get(one.change_id) == one for one in history), f"{name}: the log did not only grow")
    restored = told["counts"]["restore"] + back["counts"]["restore"]
    return Counter(restored=restored, conflicts=len(conflicts), people_kept=len(persons))


def _chosen(history: Sequence[FieldChange], rng: random.Random) -> tuple[dict[str, Any], set[str]]:
    """A provider and a window of time, as the API takes them, and the changes that are meant by them."""
    provider, times = rng.choice(PROVIDERS), sorted(change.at for change in history)
    since, until = sorted((rng.choice(times), rng.choice(times)))

    def is_meant(change: FieldChange, since: datetime = since, until: datetime = until) -> bool:
        return change.source.name == provider and since <= change.at <= until

    selection = {"source_name": provider, "since": since.isoformat(), "until": until.isoformat()}
    return selection, {change.change_id for change in history if is_meant(change)}


def _last_by_person(history: Sequence[FieldChange]) -> set[Key]:
    last = {key_of(change): change for change in history}
    return {key for key, change in last.items() if change.source.kind == "human"}


def _same(log: Mapping[Key, Any], crm: Mapping[Key, Any]) -> bool:
    return all(log.get(key) == value for key, value in crm.items())


def _key(item: Mapping[str, Any]) -> Key:
    return item["record"]["type"], item["record"]["id"], item["field"]


async def roll_back(
    running: Site, http: httpx.AsyncClient, selection: Mapping[str, Any], reason: str
) -> dict[str, Any]:
    """Plan, order, and wait until every field is reported on; the rollback as audit tells it.

    Asks again while a service is away. Raises TimeoutError when it does not finish.
    """
    deadline, audit = clock.monotonic() + WAIT_SECONDS, running.url("audit")
    plan: dict[str, Any] = {}
    while clock.monotonic() < deadline:
        try:
            if not plan:
                plan = (
                    (await http.post(f"{audit}/api/rollbacks/plan", json={"selection": selection}))
                    .raise_for_status()
                    .json()
                )
            body = {"selection": selection, "plan_hash": plan["plan_hash"], "reason": reason}
            answer = (await http.post(f"{audit}/api/rollbacks", json=body)).json().get("answer", {})
            told = (await http.get(f"{audit}/api/rollbacks/{answer['rollback_id']}")).raise_for_status().json()
        except (httpx.HTTPError, KeyError, ValueError):
            await asyncio.sleep(0.3)
            continue
        waiting = [
            item for item in told["items"] if item["action"] == "restore" and not told["item_status"][item["item_id"]]
        ]
        if not waiting:
            found: dict[str, Any] = told
            return found
        await asyncio.sleep(0.2)
    raise TimeoutError(f"{reason}: not every field is reported on after {WAIT_SECONDS:.0f} s")


DRILL = Drill(
    "rollback-exact", 41, "10,000 changes by machines and people; a provider's in a window taken back, and that again", run,
    Plan(size=10_000),
)  # fmt: skip
