"""Drill 24: a provider fails for a while. Its breaker opens, no lead waits or dies for it, and all are completed afterwards."""

import asyncio
import json
from dataclasses import dataclass, field
from pathlib import Path

import yaml

from cli.publish import publish
from drills.drill import Drill, Plan, Say, exactly_once
from drills.oracle import events_of
from drills.report import Report
from drills.site import Site, limited_auto, site
from drills.traffic import post_all
from libs.contracts.keys import lead_of
from libs.contracts.lead import Lead
from libs.contracts.topics import TOPICS
from libs.runtime import clock
from libs.runtime.broker import read_topics

PROVIDER = "drill_api"
FAILS_SECONDS = 30.0
CALLS_WHILE_FAILING = 40
"""Far fewer than there are leads: three in a row open the breaker, then one tries every few seconds."""


@dataclass
class Api:
    """An HTTP API on this machine: fails while `failing`, else tells an industry."""

    failing: bool = True
    calls: list[bool] = field(default_factory=list)
    """Of every call, whether it failed."""

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One request, one answer."""
        await reader.readuntil(b"\r\n\r\n")
        self.calls.append(self.failing)
        status = b"500 Sorry" if self.failing else b"200 OK"
        body = b"{}" if self.failing else json.dumps({"company": {"industry": "software"}}).encode()
        head = b"HTTP/1.1 %b\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: %d\r\n\r\n"
        writer.write(head % (status, len(body)) + body)
        await writer.drain()
        writer.close()


def with_api(port: int) -> dict[str, str]:
    """The shipped policy, with the API as a provider of industries."""
    files = limited_auto()
    held = yaml.safe_load(files["enrichment.yaml"])
    held["fields"]["industry"] = {"providers": [PROVIDER], "trust": {PROVIDER: 0.7}}
    held["apis"] = {
        PROVIDER: {
            "url": f"http://127.0.0.1:{port}/people?email={{email}}",
            "fields": {"industry": {"path": "company.industry", "confidence": 0.85}},
            "per_second": 50,
        }
    }
    return {**files, "enrichment.yaml": yaml.safe_dump(held)}


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Post while the API fails; every lead is routed meanwhile. Then it works again, and every lead is completed."""
    report, api = Report("provider-failure", plan.seed), Api()
    server = await asyncio.start_server(api.serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with site(data, say, env={"ENRICH_HTTP_LOOPBACK": "true"}) as running:
        await publish(running.kafka, with_api(port), "drill", "drill")
        await asyncio.sleep(2)  # every service reads the policy
        begun = clock.monotonic()
        told = await post_all(running, plan.size, plan.seed, per_second=plan.per_second)
        await exactly_once(running, told, report)
        routed = clock.monotonic() - begun
        say(
            f"{len(told.acknowledged)} leads are routed while the API fails, after {routed:.0f} s and {len(api.calls)} calls"
        )
        missed = [lead for lead in (await _leads(running)).values() if not _found(lead)]
        await asyncio.sleep(max(0.0, FAILS_SECONDS - routed))
        failed, outage = api.calls.count(True), clock.monotonic() - begun
        api.failing = False
        mended = clock.monotonic()
        left = await _completed(running, 2 * outage + 60)
        drained = clock.monotonic() - mended
        dead = sum([1 async for _ in read_topics(running.kafka, _dead_letters())])
    server.close()
    report.figures |= {"missed": len(missed), "outage_seconds": round(outage, 1), "calls_while_failing": failed}
    report.figures |= {"completed_after_seconds": round(drained, 1), "dead_letters": dead}
    report.require(bool(missed), "no lead was missed: the API was not asked at all")
    report.require(0 < failed <= CALLS_WHILE_FAILING, f"{failed} calls while it failed: the breaker did not open")
    report.require(dead == 0, f"{dead} dead letters")
    report.require(left == 0, f"{left} leads were not completed {drained:.0f} s after the API worked again")
    report.require(drained <= 2 * outage + 10, f"completing took {drained:.0f} s after an outage of {outage:.0f} s")
    return report


def _dead_letters() -> list[str]:
    return [topic.name for topic in TOPICS if topic.name.endswith(".dead-letter.v1")]


async def _leads(running: Site) -> dict[str, Lead]:
    """The newest version of every enriched lead."""
    found: dict[str, Lead] = {}
    for _, event in await events_of(running.kafka, "lead.enriched.v1"):
        lead = lead_of(event)
        if lead is not None and (lead.lead_id not in found or found[lead.lead_id].version <= lead.version):
            found[lead.lead_id] = lead
    return found


def _found(lead: Lead) -> bool:
    return any(one.provider == PROVIDER and one.outcome == "found" for one in lead.answers)


async def _completed(running: Site, seconds: float) -> int:
    """How many leads are still without the API's answer when all have it, or the time is up."""
    deadline = clock.monotonic() + seconds
    while True:
        left = sum(not _found(lead) for lead in (await _leads(running)).values())
        if left == 0 or clock.monotonic() > deadline:
            return left
        await asyncio.sleep(1)


DRILL = Drill(
    "provider-failure", 24, "a provider answers 500: breaker opens, leads go on, all are completed afterwards", run,
    Plan(size=300, per_second=30.0),
)  # fmt: skip
