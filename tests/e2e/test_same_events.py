"""Separate and fused runs of the same submissions write the same events with the same ids."""

import json
from collections import Counter
from pathlib import Path

import httpx
from pydantic import JsonValue

from cli.lag import wait_until_read
from drills.oracle import until_routed
from drills.site import Site, site
from libs.contracts.change import Actor, RecordRef
from libs.contracts.codec import encode, header
from libs.contracts.events import RecordChanged
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime.broker import Producer, read_topics

TOPICS = (
    "lead.received.v1", "lead.deduped.v1", "lead.enriched.v1", "lead.classified.v1", "lead.scored.v1", "lead.routed.v1",
    "audit.change.v1", "triage.requested.v1", "crm.write.v1", "sla.changed.v1",
)  # fmt: skip
MESSAGES = (
    "We urgently need to route support tickets faster, please send a demo this week.",
    "Ich schreibe meine Bachelorarbeit über CRM-Systeme und suche Interviewpartner.",
    "Our CRM is full of duplicates. How much is a cleanup for 40 seats?",
    "We sell SEO backlinks, can we talk to your marketing?",
    "",
)


def bodies() -> list[bytes]:
    """Forty people of nine companies, some of them twice, some corrected, some redelivered."""
    made = []
    for number in range(90):
        person = (number * 7) % 40
        free = person % 6 == 0
        made.append(
            json.dumps(
                {
                    "id": f"d{number - 1 if number % 11 == 10 else number}",
                    "email": f"p{person}@{'gmail.com' if free else f'company{person % 9}.example.com'}",
                    "name": f"Person Number{person}",
                    "company": f"Company {person % 9} {'GmbH' if number % 2 else 'Inc'}",
                    "title": ("Head of Support", "Student", "CEO", "Intern")[person % 4],
                    "message": MESSAGES[number % len(MESSAGES)],
                    "submittedAt": "2026-05-04T14:22:00Z",
                }
            ).encode()
        )
    return made + made[::9]


async def staffed(kafka: str) -> None:
    """The router learns of two members in each pool, as crm would tell it."""
    producer = Producer(kafka)
    await producer.start()
    for pool in ("inbound", "inbound_emea", "enterprise"):
        for name in ("ann", "bob"):
            record = RecordRef(type="member", id=f"{pool}-{name}")
            fields: dict[str, JsonValue] = {"name": name, "pools": [pool], "weight": 1, "active": True}
            event = RecordChanged(
                event_id=f"made-{record.key}", record=record, version=1, fields=fields,
                actor=Actor(kind="human", id="test"),
            )  # fmt: skip
            await producer.send_and_wait(encode(RECORD_CHANGED, event, record.key, source="test"))
    await producer.stop()
    await wait_until_read(kafka, ("router", "dedupe", "enrich"), RECORD_CHANGED.name, 30)


async def posted(running: Site) -> list[str]:
    """Posts one after the other, so that both runs see the same order; returns the submissions' ids."""
    submissions = []
    async with httpx.AsyncClient(trust_env=False, timeout=20) as http:
        for body in bodies():
            answer = await http.post(f"{running.url('intake')}/hooks/demo", content=body)
            submissions.append(str(answer.json()["submission_id"]))
    return sorted(set(submissions))


async def written(data: Path, *, separate: bool) -> dict[str, Counter[str]]:
    """By topic: the ids of the events that a run wrote."""
    async with site(data, lambda _: None, separate=separate, without=("crm", "triage"), partitions=1) as running:
        await staffed(running.kafka)
        await until_routed(running.kafka, await posted(running), 90)
        found: dict[str, Counter[str]] = {topic: Counter() for topic in TOPICS}
        async for record in read_topics(running.kafka, TOPICS):
            if b'"type":"policy"' not in (record.value or b""):  # each run's publication is its own
                found[record.topic][header(record.headers, "ce_id")] += 1
    return found


async def test_separate_and_fused_runs_write_the_same_events(tmp_path: Path) -> None:
    fused = await written(tmp_path / "fused", separate=False)
    separate = await written(tmp_path / "separate", separate=True)
    for topic in TOPICS:
        assert fused[topic], f"nothing on {topic}"
        assert fused[topic] == separate[topic], f"{topic} differs"
