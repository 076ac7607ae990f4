"""Drill 12: the broker refuses one record of a batch. It becomes a dead letter, its neighbours go on, none is lost silently."""

import asyncio
import json
from pathlib import Path

import httpx
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from drills.drill import Drill, Plan, Say
from drills.oracle import check_line, events_of, until_routed
from drills.report import Report
from drills.site import Site, site
from drills.traffic import Told, post_all
from libs.contracts.events import LeadEnriched
from libs.contracts.topics import MAX_RECORD_BYTES
from libs.runtime.broker import admin

TOPIC = "lead.enriched.v1"
LIMIT = 24_000
LARGE = 100_000


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """One submission of 100 kB among a hundred, while `lead.enriched.v1` takes 24 kB and enrich believes it takes 2 MiB."""
    report = Report("refused-record", plan.seed)
    async with site(data, say) as running:
        await _limit(running.kafka, LIMIT)
        told, large = await _post(running, plan)
        say(f"{len(told.acknowledged)} posted and one of {LARGE} bytes; waiting for the line")
        await _check(running, told, large, report)
        await _limit(running.kafka, MAX_RECORD_BYTES)
    return report


async def _limit(kafka: str, limit: int) -> None:
    async with admin(kafka) as client:
        config = ConfigResource(ConfigResourceType.TOPIC, TOPIC, {"max.message.bytes": str(limit)})
        await client.alter_configs([config])


async def _post(running: Site, plan: Plan) -> tuple[Told, str]:
    large = {"id": "large", "email": "large@large.example.com", "message": "Support tickets. " * (LARGE // 17)}
    posting = asyncio.create_task(post_all(running, plan.size, plan.seed, per_second=plan.per_second))
    await asyncio.sleep(0.2)
    async with httpx.AsyncClient(trust_env=False) as http:
        answer = await http.post(f"{running.url('intake')}/hooks/demo", json=large)
    return await posting, str(answer.json()["submission_id"])


async def _check(running: Site, told: Told, large: str, report: Report) -> None:
    others = sorted(told.acknowledged)
    try:
        await until_routed(running.kafka, others, 60)
    except TimeoutError as error:
        report.problems.append(str(error))
    found = await check_line(running.kafka, others)
    report.problems += found.problems
    letters = [event for _, event in await events_of(running.kafka, "enrich.dead-letter.v1")]
    reasons = [str(getattr(event, "reason_code", "")) for event in letters]
    report.figures |= {"others": len(others), "dead_letters": reasons}
    report.require(reasons == ["refused_by_broker"], f"one dead letter is expected, there are {json.dumps(reasons)}")
    enriched = [event for _, event in await events_of(running.kafka, TOPIC) if isinstance(event, LeadEnriched)]
    slipped = [event for event in enriched if event.lead.submission.submission_id == large]
    report.require(not slipped, "the refused record is on the topic all the same")


DRILL = Drill(
    "refused-record", 12, "a record larger than its topic takes: a dead letter, 0 silent losses", run,
    Plan(size=100, per_second=400),
)  # fmt: skip
