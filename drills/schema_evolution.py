"""Drill 44: events of every released shape come beside today's, and readers of before read what is written today."""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import asyncpg

from drills.drill import DRAIN_SECONDS, Drill, Plan, Say
from drills.oracle import check_line, events_of, until_quiet, until_routed
from drills.report import Report
from drills.site import limited_auto, site
from drills.traffic import post_all
from libs.contracts.codec import FACTS, Encoded, UnreadableError, decode, header
from libs.contracts.ids import derived_id
from libs.contracts.reasons import RejectionReason
from libs.contracts.released import FULL_SINCE, Shape, shapes, todays
from libs.contracts.topics import BY_NAME, DEAD_LETTERS, FOREVER, POLICY_PUBLISHED
from libs.policy.load import policy_hash
from libs.runtime.broker import send_together
from libs.runtime.cluster import read_opened

_UUID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_LEFT_ALONE = {POLICY_PUBLISHED.name, *(topic.name for topic in DEAD_LETTERS.values())}
"""A published policy would be what everybody decides by from then on; nothing but people and redrives reads dead letters."""


async def run(data: Path, plan: Plan, say: Say) -> Report:
    """Every service reads the old events while new leads come; then every topic is read back in both directions."""
    report, policy = Report("schema-evolution", plan.seed), policy_hash(limited_auto())
    old = [shape for shape in shapes() if shape.topic not in _LEFT_ALONE]
    sent = [_record(shape, policy) for shape in old]
    async with site(data, say) as running:
        say(f"{len(sent)} events of {len({shape.release for shape in old})} releases, {plan.size} submissions of today")
        for start in range(0, len(sent), 20):
            await send_together(running.kafka, "schema-evolution-drill", sent[start : start + 20])
        told = await post_all(running, plan.size, plan.seed, per_second=plan.per_second)
        submissions = sorted(told.acknowledged)
        report.figures["drained_seconds"] = round(await until_routed(running.kafka, submissions, DRAIN_SECONDS), 1)
        await until_quiet(running.kafka)
        found = await check_line(running.kafka, submissions)
        letters = await _letters(running.kafka)
        unread = await _unread(running.kafka)
        audited, flagged = await _audited(running.database_url, sent)
        mixed = await _older_readers(running.kafka)
        ended = {
            spec.name: running.restarts(spec.name) for spec in running.whole.processes if running.restarts(spec.name)
        }
    report.problems += found.problems + unread + mixed.wrong
    report.figures |= {"old_events": len(sent), "releases": len({shape.release for shape in old})}
    report.figures |= {"dead_letters": dict(letters), "audited_old_changes": audited}
    report.figures |= {"read_by_older_code": mixed.read, "shapes_of_older_code": mixed.shapes}
    refused = letters[RejectionReason.UNREADABLE] + letters[RejectionReason.DEFECT]
    report.require(refused == 0, f"{refused} dead letters of events that could not be read")
    report.require(
        audited == sum(record.topic == "audit.change.v1" for record in sent), f"{audited} old changes in the log"
    )
    report.require(flagged == 0, f"{flagged} rows of the audit log are flagged as unreadable")
    report.require(not ended, f"services ended over an old event: {ended}")
    report.require(mixed.read > 0, "no event was read by older code: nothing was tried")
    return report


def _record(shape: Shape, policy: str) -> Encoded:
    """The shape's event as it stood on its topic, about a lead of its own and by a policy that is known here."""
    tag = f"{shape.release}/{shape.topic}"
    text = _UUID.sub(lambda found: derived_id("drill", tag, found.group()), json.dumps(shape.example))
    event = _by_policy(json.loads(text), policy)
    payload = json.dumps(event).encode()
    headers = [("ce_id", event["event_id"].encode()), ("ce_schemaversion", str(shape.version).encode())]
    headers += [("ce_type", shape.topic.encode()), ("ce_source", b"/signalbox/drill"), ("ce_subjectkeyid", b"")]
    key = hashlib.sha256(tag.encode()).hexdigest().encode()
    if BY_NAME[shape.topic].raw:
        return Encoded(shape.topic, key, b"{}", (*headers, (FACTS, payload)))
    return Encoded(shape.topic, key, payload, tuple(headers))


def _by_policy(value: Any, policy: str) -> Any:
    """The value with every policy named in it replaced: stages wait for a policy that they do not know yet."""
    if isinstance(value, list):
        return [_by_policy(one, policy) for one in value]
    if isinstance(value, dict):
        named = ("policy_hash", "policy_version")
        return {key: policy if key in named and held else _by_policy(held, policy) for key, held in value.items()}
    return value


async def _letters(kafka: str) -> Counter[str]:
    """Why records were given up, and how often."""
    reasons: Counter[str] = Counter()
    for topic in DEAD_LETTERS.values():
        async for record in read_opened(kafka, [topic.name]):
            reasons[decode(topic, record.value, record.headers).reason_code] += 1
    return reasons


async def _unread(kafka: str) -> list[str]:
    """What this code cannot read on any topic."""
    wrong = []
    async for record in read_opened(kafka, sorted(BY_NAME)):
        try:
            decode(BY_NAME[record.topic], record.value, record.headers)
        except UnreadableError as error:
            wrong.append(f"{header(record.headers, 'ce_id')}: {error}")
    return wrong


async def _audited(database_url: str, sent: Sequence[Encoded]) -> tuple[int, int]:
    """How many of the old changes stand in the audit log, and how many of its rows are flagged."""
    changes = [header(record.headers, "ce_id") for record in sent if record.topic == "audit.change.v1"]
    connection = await asyncpg.connect(database_url)
    try:
        held = await connection.fetchval("select count(*) from audit.change where ce_id = any($1)", changes)
        flagged = await connection.fetchval("select count(*) from audit.change where not readable")
    finally:
        await connection.close()
    return held, flagged


class _Mixed:
    """What readers of earlier releases make of today's events."""

    def __init__(self) -> None:
        self.read, self.shapes = 0, 0
        self.wrong: list[str] = []


async def _older_readers(kafka: str) -> _Mixed:
    """Every event of the topics that keep them for ever, by the schema of each release whose code may run beside this one."""
    mixed = _Mixed()
    for name, readers in _readers().items():
        mixed.shapes += len(readers)
        for event_id, event in await events_of(kafka, name):
            written = json.loads(event.model_dump_json())
            for release, reader in readers.items():
                wrong = next(reader.iter_errors(written), None)
                mixed.read += wrong is None
                if wrong is not None:
                    mixed.wrong.append(f"{name} {event_id}: code of {release} refuses {'/'.join(map(str, wrong.path))}")
    return mixed


def _readers() -> Mapping[str, Mapping[str, Any]]:
    """Validators by topic and release; today's own shape is one of them, which is that of the next release."""
    from jsonschema import Draft202012Validator  # noqa: PLC0415 -- a dev requirement

    kept = [topic for topic in BY_NAME.values() if topic.retention_days == FOREVER]
    known: dict[str, dict[str, Any]] = {topic.name: {} for topic in kept}
    for shape in [*shapes(), *(todays(topic, "today") for topic in kept)]:
        if shape.topic in known and shape.release >= FULL_SINCE:
            known[shape.topic][shape.release] = Draft202012Validator(shape.reads)
    return known


DRILL = Drill(
    "schema-evolution",
    44,
    "events of every released shape beside today's; older readers of today's",
    run,
    Plan(size=200),
)
