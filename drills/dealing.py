"""A sales team whose pools deal leads while something is wrong; then what the topics tell is held against what must never be."""

import asyncio
import json
import random
from collections import Counter
from typing import Any

import yaml

from cli.publish import publish
from drills.dealt import (
    Deal,
    deals_of,
    dealt_twice,
    last_routes,
    miscounted,
    nowhere,
    other_owners,
    over_cap,
    unfair,
)
from drills.drill import Plan, Say, exactly_once, under_faults
from drills.faults import Faults
from drills.oracle import events_of, until_quiet
from drills.report import Report
from drills.reps import Reps, people
from drills.site import Site, limited_auto
from libs.contracts.events import LeadFeedback, LeadRouted, RecordChanged, TriageRequested

PLAIN, OFFERING, FULL = "inbound", "inbound_emea", "few"
"""A pool that gives for good, one that offers, and one whose members may have few leads, so that the rest waits."""
COUNTRIES = ("US", "DE", "US", "JP", "US", "DE", "JP", "US", "DE", "US")
FULL_SHARE = 0.05
"""So many leads of all may one member of FULL have; a fifth of all come for three of them."""
MEMBERS = {
    PLAIN: {"ann": 1, "bob": 2, "cid": 1, "dee": 3, "eve": 1},
    OFFERING: {"gus": 1, "hal": 1, "ida": 2, "jon": 1},
    FULL: {"kim": 2, "lou": 1, "max": 1},
}
HELD = {"cid", "dee"}
"""Who is held in the end."""
ANSWER_SECONDS = 60.0
"""After the last fault, offers may stay open for so long though somebody answers them."""
NO_CAP = 1_000_000
MOVES = (("bob", True), ("cid", True), ("bob", False), ("dee", True))
"""Who is held from turns, or no more, at equal parts of the time: nobody comes back to a line that was there before."""


async def deal(running: Site, plan: Plan, faults: Faults, say: Say, report: Report) -> None:
    """Leads come, offers are answered and people are held from turns, under these faults; adds to the report what was wrong."""
    await team_in_place(running, _cap(plan))
    reps, stop = Reps(running, random.Random(plan.seed + 2)), asyncio.Event()
    answering, moving = asyncio.create_task(reps.run(stop)), asyncio.create_task(_moves(running, plan))
    told = await under_faults(running, plan, faults, say, buyer)
    await exactly_once(running, told, report)
    await moving
    stop.set()
    await asyncio.wait_for(answering, ANSWER_SECONDS)
    await until_quiet(running.kafka)
    await _check(running, plan, report)
    report.figures |= {"answers": dict(sorted(reps.heard.items()))}


def buyer(number: int, _rng: random.Random, _people: int, prefix: str = "delivery") -> bytes:
    """A lead of a company of its own that wants to buy; its country says which pool deals it.

    Names are far from each other: who looks like somebody known waits for a person, and no turn is taken.
    """
    chance = random.Random(f"{prefix} {number}")
    first, last, company = (_word(chance) for _ in range(3))
    return json.dumps(
        {
            "id": f"{prefix}-{number}",
            "email": f"{first}.{last}@{company}{number}.example",
            "name": f"{first.title()} {last.title()}",
            "company": f"{company.title()} Ltd",
            "title": "VP Customer Support",
            "employees": 300,
            "country": COUNTRIES[number % len(COUNTRIES)],
            "kind": "demo_request",
            "message": "We want to automate replies to support requests and need a demo and pricing this week.",
        }
    ).encode()


def _word(chance: random.Random) -> str:
    return "".join(chance.choice("bdfgklmnprstvz") + chance.choice("aeiou") for _ in range(4))


def drill_policy(cap: int) -> dict[str, str]:
    """The shipped policy with offers to Europe, and a pool for Asia whose members may have `cap` untouched leads."""
    files = limited_auto()
    sla, pools, routing = (yaml.safe_load(files[name]) for name in ("sla.yaml", "pools.yaml", "routing.yaml"))
    sla["queues"]["inbound_sales_emea"]["accept_minutes"] = 60
    pools[FULL] = {"title": "Few people", "open_leads_cap": cap, "when_empty": "unassigned"}
    next(rule for rule in routing["rules"] if rule["name"] == "inbound")["pool_by_territory"] = {"apac": FULL}
    changed = {"sla.yaml": sla, "pools.yaml": pools, "routing.yaml": routing}
    return {**files, **{name: yaml.safe_dump(held, sort_keys=False) for name, held in changed.items()}}


async def team_in_place(running: Site, cap: int) -> None:
    """The drill's policy and members, known to every service."""
    await publish(running.kafka, drill_policy(cap), "drill", "drill")
    for pool, members in MEMBERS.items():
        own = {} if pool == FULL else {"open_leads_cap": NO_CAP}
        common = {"pools": [pool], "active": True, "daily_cap": NO_CAP, "weekly_cap": NO_CAP, **own}
        records = [{"id": name, "fields": {"name": name, "weight": held, **common}} for name, held in members.items()]
        async with people(running) as http:
            answer = await http.post(f"{running.url('crm')}/api/records/member", json={"records": records})
            answer.raise_for_status()
    await asyncio.sleep(2)  # every service reads the policy


async def _moves(running: Site, plan: Plan) -> None:
    async with people(running) as http:
        for name, held in MOVES:
            await asyncio.sleep(plan.size / plan.per_second / (len(MOVES) + 1))
            body = {"fields": {"on_hold": held}, "reason": "drill"}
            answer = await http.patch(f"{running.url('crm')}/api/records/member/{name}", json=body)
            answer.raise_for_status()


async def _check(running: Site, plan: Plan, report: Report) -> None:
    routed = [one for _, one in await events_of(running.kafka, "lead.routed.v1") if isinstance(one, LeadRouted)]
    asked = {
        one.lead_id
        for _, one in await events_of(running.kafka, "triage.requested.v1")
        if isinstance(one, TriageRequested)
    }
    taken = await _taken(running)
    last, deals, cap = last_routes(routed), deals_of(routed), _cap(plan)
    waiting = [lead for lead, event in last.items() if event.route.turn and event.route.turn.picked is None]
    report.figures |= {"rules": dict(Counter(event.route.rule for event in last.values()).most_common())}
    report.figures |= _figures(deals, taken) | {"waiting": len(waiting)}
    report.problems += dealt_twice(deals, taken)
    report.problems += nowhere(last, asked)
    report.problems += unfair(deal for deal in deals if deal.pool != OFFERING)
    report.problems += over_cap(deals, FULL, cap)
    team = await _team(running)
    report.problems += miscounted(last, deals, {name: one["untouched"] for name, one in team.items()})
    held = {name for name, one in team.items() if one["why_not"] == "on hold"}
    report.require(held == HELD, f"held from turns are {sorted(held)}, not {sorted(HELD)}")
    report.problems += other_owners(last, taken, await _owners(running))
    for pool in MEMBERS:
        report.require(any(deal.pool == pool for deal in deals), f"{pool} dealt nothing: the drill was too small")
    report.require(bool(waiting), "no lead waited: the drill was too small")
    report.require(any(deal.offer > 1 for deal in deals), "nothing was offered twice: the drill was too small")


def _figures(deals: list[Deal], taken: Counter[str]) -> dict[str, object]:
    by_member = Counter(f"{deal.pool} {deal.member}" for deal in deals if deal.offer == 0)
    lines = {(deal.pool, deal.line) for deal in deals if deal.pool != OFFERING}
    offers = Counter(deal.offer for deal in deals if deal.offer)
    return {
        "dealt": dict(sorted(by_member.items())),
        "periods": len(lines),
        "offers": dict(sorted(offers.items())),
        "taken": len(taken),
    }


async def _taken(running: Site) -> Counter[str]:
    said = [one for _, one in await events_of(running.kafka, "lead.feedback.v1") if isinstance(one, LeadFeedback)]
    return Counter(one.lead_id for one in said if one.kind == "accepted")


async def _owners(running: Site) -> dict[str, str]:
    """By contact, who owns it in the CRM."""
    changed = [one for _, one in await events_of(running.kafka, "record.changed.v1") if isinstance(one, RecordChanged)]
    return {
        one.record.id: str((one.fields or {}).get("owner") or "") for one in changed if one.record.type == "contact"
    }


async def _team(running: Site) -> dict[str, dict[str, Any]]:
    """By member, what the router says of them."""
    async with people(running) as http:
        answer = await http.get(f"{running.url('router')}/api/pools")
        answer.raise_for_status()
    return {one["member"]: one for pool in answer.json()["items"] for one in pool["members"]}


def _cap(plan: Plan) -> int:
    return max(2, int(plan.size * FULL_SHARE))
