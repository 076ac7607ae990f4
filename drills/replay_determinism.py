"""Drill 43: leads, reps, people's decisions and a rollback; then all state is made anew twice, and is what the live one is."""

import asyncio
import json
import random
import sys
from pathlib import Path
from typing import Any

import asyncpg
import httpx

from drills.changing import PROVIDERS, Changing
from drills.dealing import buyer, team_in_place
from drills.deciding import Deciders
from drills.drill import DRAIN_SECONDS, Drill, Plan, Say
from drills.oracle import until_quiet, until_routed
from drills.report import Report
from drills.reps import Reps, people
from drills.rollback_exact import roll_back
from drills.site import ROOT, Site, site
from drills.traffic import body_of, post_all

CAP = 20
RECORDS = 40
CHANGES = 200
SAMPLE = (
    "dedupe.lead",
    "dedupe.contact_link",
    "router.lead",
    "router.place",
    "crm.record",
    "triage.item",
    "audit.change",
)
"""Tables that may not be empty, or too little was tried."""
ERASED = 8
AGAIN = 6
"""One in so many writes from a private address what somebody wrote before from the company's: a person says who it is."""
SPOILT = "update two_router.lead set version = version + 1 where lead_id = (select min(lead_id) from two_router.lead)"


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """The services stand still while their state is made anew, so that what is compared is of one moment."""
    report = Report("replay-determinism", plan.seed)
    async with site(data, say, separate=False) as running:
        await _live(running, plan, say, report)
        running.take_out(*(spec.name for spec in running.whole.processes if spec.name not in ("kafka", "postgres")))
        for name in ("one", "two"):
            say(f"making {name}")
            told = await _signalbox(data, "rebuild", "--into", name, "--json")
            report.figures[f"rebuild_{name}"] = {
                key: told[key] for key in ("events", "seconds", "read_seconds", "events_per_second", "calls_out")
            }
            report.require(told["calls_out"] == 0, f"calls out: {told['blocked']}")
        live = await _signalbox(data, "state-hash", "--json")
        for name in ("one", "two"):
            await _same(data, live, name, report)
        await _spoil(running.database_url)
        spoilt = await _signalbox(data, "state-hash", "--compare", "two", "--json")
        report.require(
            not spoilt["equal"], "a row that was changed by hand was not found: the comparison proves nothing"
        )
    rows = {
        f"{service}.{table}": held["rows"] for service, one in live.items() for table, held in one["tables"].items()
    }
    report.figures |= {"derived_tables": len(rows), "derived_rows": sum(rows.values())}
    report.figures["events_per_second"] = told["events_per_second"]
    report.require(all(rows[name] > 0 for name in SAMPLE), f"nothing in one of {SAMPLE}: too little was tried")
    return report


async def _live(running: Site, plan: Plan, say: Say, report: Report) -> None:
    """All that makes state: leads of strangers and of people who are known, offers, decisions, edits, a rollback."""
    await team_in_place(running, CAP)
    rng, stop = random.Random(plan.seed), asyncio.Event()
    reps, deciders = Reps(running, random.Random(plan.seed + 2)), Deciders(running, random.Random(plan.seed + 3))
    working = [asyncio.create_task(one.run(stop)) for one in (reps, deciders)]
    say(f"{plan.size} submissions, and people who answer")
    told = await post_all(running, plan.size, plan.seed, per_second=plan.per_second, body=_mixed)
    report.figures["drained_seconds"] = round(
        await until_routed(running.kafka, sorted(told.acknowledged), DRAIN_SECONDS), 1
    )
    async with people(running) as http:
        changing = Changing(running, http, rng)
        await changing.make_records(RECORDS)
        await changing.round(CHANGES)
        rolled = await roll_back(running, http, {"source_name": PROVIDERS[0]}, "drill")
        report.figures["erased"] = await _erase(running, http)
    await asyncio.sleep(5)
    stop.set()
    await asyncio.gather(*working)
    await until_quiet(running.kafka)
    decided = dict(sorted(deciders.heard.items()))
    report.figures |= {"submissions": len(told.acknowledged), "decisions": decided, "offers": dict(reps.heard)}
    report.figures["rolled_back"] = rolled["counts"]["restore"]
    for verdict in ("approve", "link", "keep_apart"):
        report.require(f"{verdict} 200" in decided, f"nobody decided {verdict}")
    report.require(rolled["counts"]["restore"] > 0, "nothing was rolled back")


async def _erase(running: Site, http: httpx.AsyncClient) -> int:
    """Forget some of the people whose leads were dealt, and who may be somebody's open lead; returns how many."""
    answer = await http.get(f"{running.url('router')}/api/leads", params={"limit": 500})
    leads = [one["lead_id"] for one in answer.raise_for_status().json()["items"] if one["owner"]]
    for lead_id in leads[:: max(1, len(leads) // ERASED)][:ERASED]:
        found = await http.post(f"{running.url('audit')}/api/subjects", json={"subject": lead_id})
        if found.status_code == httpx.codes.NOT_FOUND:
            continue  # went with a lead before
        order = {"group": found.raise_for_status().json()["group"], "reason": "drill"}
        (await http.post(f"{running.url('audit')}/api/erasures", json=order)).raise_for_status()
    return min(ERASED, len(leads))


def _mixed(number: int, rng: random.Random, count: int, prefix: str = "delivery") -> bytes:
    """Two of three are companies of their own that want to buy, of whom some write a second time from a private address; the
    others are few people who write again and again."""
    if number % 3 == 0:
        return body_of(number, rng, count, prefix)
    if number % AGAIN != 2:
        return buyer(number, rng, count, prefix)
    again = json.loads(buyer(number - 1, rng, count, prefix))
    return json.dumps({**again, "id": f"{prefix}-{number}", "email": f"private{number}@gmail.com"}).encode()


async def _same(data: Path, live: dict[str, Any], name: str, report: Report) -> None:
    made = await _signalbox(data, "state-hash", "--of", name, "--json")
    for service, held in live.items():
        if made[service]["hash"] == held["hash"]:
            continue
        found = await _signalbox(data, "state-hash", "--compare", name, "--json")
        one = next(one for one in found["services"] if one["service"] == service)
        report.problems.append(f"{name}: {service} is not what it was: {json.dumps(one['differences'][:5])}")


async def _spoil(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute(SPOILT)
    await connection.close()


async def _signalbox(data: Path, *arguments: str) -> Any:
    """The JSON that a command prints. Raises RuntimeError with what it said when it prints none."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "cli", *arguments, "--data", str(data), cwd=ROOT,
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    told, errors = await process.communicate()
    try:
        return json.loads(told)
    except ValueError:
        raise RuntimeError(f"signalbox {' '.join(arguments)}: {errors.decode()[-2000:]}") from None


DRILL = Drill(
    "replay-determinism", 43, "all state made anew from the topics, twice, with calls out blocked: what the live one is", run,
    Plan(size=600, per_second=30),
)  # fmt: skip
