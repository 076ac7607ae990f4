"""Drill 26: every delivery comes 1 to 20 times at once, some with other facts, while intake is killed. One lead each."""

import asyncio
import json
import random
import signal
from collections import defaultdict
from pathlib import Path

from drills.drill import DRAIN_SECONDS, Drill, Plan, Say
from drills.oracle import events_of, until_routed
from drills.report import Report
from drills.site import Site, site
from drills.traffic import SOURCE, body_of
from drills.wire import Answered, Connection, Post
from libs.contracts.keys import lead_of

MOST = 20
CORRECTED_SHARE = 0.1
CLIENTS = 24
JSON = ((b"content-type", b"application/json"),)


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Copies are shuffled over all clients; a client repeats until it is acknowledged."""
    report, rng = Report("duplicates", plan.seed), random.Random(plan.seed)
    deliveries = [body_of(number, rng, plan.size, "twice") for number in range(plan.size)]
    corrected = [_corrected(body) for body in deliveries if rng.random() < CORRECTED_SHARE]
    copies = [body for body in deliveries for _ in range(rng.randrange(1, MOST + 1))] + corrected
    rng.shuffle(copies)
    async with site(data, say, separate=False) as running:
        receipts, kills = await _storm(running, copies)
        say(f"{len(copies)} copies of {len(deliveries)} deliveries, intake killed {kills} times")
        ids = sorted({one for held in receipts.values() for one in held})
        try:
            await until_routed(running.kafka, ids, DRAIN_SECONDS)
        except TimeoutError as error:
            report.problems.append(str(error))
        versions = await _versions(running.kafka)
    several = sum(len(held) > 1 for held in receipts.values())
    twice = sum(len(found) != len(set(found)) for found in versions.values())
    renewed = sum(len(found) == 2 for found in versions.values())
    report.figures |= {"copies": len(copies), "deliveries": len(deliveries), "kills": kills, "leads": len(versions)}
    report.figures |= {"corrected": len(corrected), "leads_of_two_versions": renewed}
    report.require(several == 0, f"{several} deliveries got different receipts for the same delivery id")
    report.require(len(versions) == len(deliveries), f"{len(versions)} leads of {len(deliveries)} deliveries")
    report.require(twice == 0, f"{twice} leads have the same version twice")
    report.require(renewed == len(corrected), f"{renewed} of {len(corrected)} corrected deliveries made a new version")
    report.require(kills > 0, "intake was never killed: the drill was too short")
    return report


def _corrected(body: bytes) -> bytes:
    """The same delivery with another fact."""
    return json.dumps({**json.loads(body), "company": "Corrected Company"}).encode()


async def _storm(running: Site, copies: list[bytes]) -> tuple[dict[str, set[str]], int]:
    """The submission ids that each delivery was told, and how often intake was killed meanwhile."""
    receipts: dict[str, set[str]] = defaultdict(set)
    waiting, done = iter(copies), asyncio.Event()

    async def client() -> None:
        connection = Connection(running.ports["INTAKE_PORT"])
        for body in waiting:
            delivery, answer = json.loads(body)["id"], Answered(0)
            headers = (*JSON, (b"x-delivery-id", delivery.encode()))
            while answer.status != 202:
                answer = await connection.ask(Post(f"/hooks/{SOURCE}", headers, body).raw())
                await asyncio.sleep(0.02 if answer.status == 202 else 0.2)
            receipts[delivery].add(json.loads(answer.body)["submission_id"])
        await connection.close()

    async def kill() -> int:
        kills = 0
        while not done.is_set():
            await asyncio.sleep(1.5)
            kills += not done.is_set() and running.signal("intake", signal.SIGKILL)
            await asyncio.sleep(4)
        return kills

    killing = asyncio.create_task(kill())
    await asyncio.gather(*(client() for _ in range(CLIENTS)))
    done.set()
    return receipts, await killing


async def _versions(kafka: str) -> dict[str, list[int]]:
    """The versions that dedupe gave each lead, in order."""
    versions: dict[str, list[int]] = defaultdict(list)
    for _, event in await events_of(kafka, "lead.deduped.v1"):
        lead = lead_of(event)
        if lead is not None:
            versions[lead.lead_id].append(lead.version)
    return versions


DRILL = Drill("duplicates", 26, "each delivery 1 to 20 times at once: one lead each, one receipt", run, Plan(size=200))
