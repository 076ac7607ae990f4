"""Reads every topic back and says what was lost, doubled or out of order."""

import asyncio
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from libs.contracts.codec import UnreadableError, decode, header
from libs.contracts.events import Event
from libs.contracts.keys import lead_of
from libs.contracts.topics import BY_NAME
from libs.runtime import clock
from libs.runtime.cluster import read_opened

LINE = ("lead.deduped.v1", "lead.enriched.v1", "lead.classified.v1", "lead.scored.v1", "lead.routed.v1")


@dataclass
class Found:
    """What stands on the topics."""

    lost: dict[str, list[str]] = field(default_factory=dict)
    doubled: dict[str, list[str]] = field(default_factory=dict)
    out_of_order: dict[str, int] = field(default_factory=dict)
    audit_records: int = 0
    audit_doubled: int = 0
    dead_letters: int = 0

    @property
    def problems(self) -> list[str]:
        """Each thing that is wrong, in words; empty when every lead was decided exactly once, in order."""
        told = [f"{topic}: {len(ids)} lost, such as {ids[0]}" for topic, ids in self.lost.items() if ids]
        told += [f"{topic}: {len(ids)} doubled, such as {ids[0]}" for topic, ids in self.doubled.items() if ids]
        told += [f"{topic}: {count} out of order" for topic, count in self.out_of_order.items() if count]
        if self.audit_doubled:
            told.append(f"audit.change.v1: {self.audit_doubled} doubled")
        return told


async def events_of(kafka: str, topic: str) -> list[tuple[str, Event]]:
    """(event id, event) of every committed record that can be read."""
    found = []
    async for record in read_opened(kafka, [topic]):
        try:
            found.append((header(record.headers, "ce_id"), decode(BY_NAME[topic], record.value, record.headers)))
        except UnreadableError:
            continue
    return found


async def check_line(kafka: str, submissions: Sequence[str], topics: Sequence[str] = LINE) -> Found:
    """Whether each of these submissions' leads stands exactly once on each topic, in the same order for each key."""
    found, wanted = Found(), set(submissions)
    order_before: dict[str, list[str]] | None = None
    for topic in topics:
        events = await events_of(kafka, topic)
        leads = [(event_id, lead) for event_id, event in events if (lead := lead_of(event)) is not None]
        submitted = {lead.submission.submission_id for _, lead in leads}
        found.lost[topic] = [one for one in submissions if one not in submitted]
        first = [lead.lead_id for _, lead in leads if lead.version == 1]
        again = Counter(event_id for event_id, _ in leads)
        found.doubled[topic] = [event_id for event_id, count in again.items() if count > 1]
        if topic != "lead.routed.v1":
            found.doubled[topic] += [lead for lead, count in Counter(first).items() if count > 1]
        order: dict[str, list[str]] = defaultdict(list)
        for _, lead in leads:
            known = lead.submission.submission_id in wanted
            if known and lead.version == 1 and lead.lead_id not in order[lead.partition_key]:
                order[lead.partition_key].append(lead.lead_id)
        if order_before is not None:
            found.out_of_order[topic] = sum(order[key] != held for key, held in order_before.items())
        order_before = order
    return found


async def check_audit(kafka: str, found: Found) -> Found:
    """Adds how many audit records there are, and how many too many.

    The mapper keeps no state: a submission that was posted twice is mapped twice, into the same events and changes. So
    a change may stand as often as the record that caused it, and not once more.
    """
    causes = Counter(event_id for event_id, _ in await events_of(kafka, "submission.received.v1"))
    events = await events_of(kafka, "audit.change.v1")
    copies = Counter(event_id for event_id, _ in events)
    cause_of = {event_id: event.caused_by for event_id, event in events}
    found.audit_records = len(events)
    found.audit_doubled = sum(max(0, held - max(1, causes[cause_of[one]])) for one, held in copies.items())
    return found


async def until_routed(kafka: str, submissions: Sequence[str], seconds: float) -> float:
    """Seconds until every submission's lead is routed; raises TimeoutError, with how many are missing, when they never are."""
    started = clock.monotonic()
    while True:
        found = await check_line(kafka, submissions, ["lead.routed.v1"])
        missing = found.lost["lead.routed.v1"]
        if not missing:
            return clock.monotonic() - started
        if clock.monotonic() - started > seconds:
            raise TimeoutError(f"{len(missing)} of {len(submissions)} leads are not routed after {seconds:.0f} s")
        await asyncio.sleep(1)


async def until_quiet(kafka: str, seconds: float = 5.0) -> None:
    """Return when nothing came to the audit topic for a while: the line has decided all that it was given."""
    before, since = -1, clock.monotonic()
    while clock.monotonic() - since < seconds:
        count = len(await events_of(kafka, "audit.change.v1"))
        if count != before:
            before, since = count, clock.monotonic()
        await asyncio.sleep(0.5)
