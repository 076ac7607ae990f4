"""A long history for a rebuild: what real leads left on the topics that are kept for ever, and copies with ids of their own."""

import asyncio
import re
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from bench.load.posting import post
from bench.load.submissions import SOURCE, submissions
from bench.rows.row import Bench
from cli.stack import service_specs
from libs.contracts.codec import FACTS, Encoded, header
from libs.contracts.topics import LEAD_ROUTED, STATE_STORED
from libs.runtime import clock
from libs.runtime.broker import send_together
from libs.runtime.cluster import Cluster, keys_for, read_opened
from libs.runtime.kept import SEQ

LEADS = 150
SETTLED_SECONDS = 8.0
PATIENCE_SECONDS = 180.0
TOGETHER = 4_000
_ID = re.compile(rb"([0-9a-f]{8})(-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12})")
_NAMING = (FACTS, "ce_id", "ce_causationid", "ce_subjectkeyid")
_DOMAIN = re.compile(rb"\b([a-z]{7})-([a-z0-9-]+\.[a-z]{2,})")
"""The domains of the bench's submissions begin with a word of seven letters (`bench.load.submissions`)."""


@dataclass(frozen=True, slots=True)
class Past:
    """Records as they were before they were sealed, in order, and the highest number of what was stored."""

    records: Sequence[Encoded]
    highest: int


async def real_past(bench: Bench, names: Sequence[str]) -> Past:
    """What `LEADS` leads leave on these topics; the services run for it and end again. Raises TimeoutError when they do not get
    done."""
    site = bench.site
    await site.services(service_specs(separate=False))
    made = list(islice(submissions(bench.pace.seed, site.secret(SOURCE), clock.now()), LEADS))
    await post([one.request for one in made], bench.folder, site.port("intake"), seconds=LEADS / 25, rate=25)
    before, since, routed = -1, clock.monotonic(), 0
    async with asyncio.timeout(PATIENCE_SECONDS):
        while routed < LEADS or clock.monotonic() - since < SETTLED_SECONDS:
            await asyncio.sleep(1)
            records = [one async for one in read_opened(Cluster(site.settings), names)]
            routed = sum(one.topic == LEAD_ROUTED.name for one in records)
            if len(records) != before:
                before, since = len(records), clock.monotonic()
    await site.services([])
    past = [Encoded(one.topic, one.key or b"", one.value or b"", tuple(one.headers)) for one in records if one.value]
    return Past(past, max((int(header(one.headers, SEQ) or 0) for one in past), default=0))


async def lengthen(kafka: str, past: Past, events: int) -> int:
    """Put copies, sealed for people of their own, behind what is there until there are so many events in all; returns how many
    there are."""
    count, copies = len(past.records), 0
    async with keys_for(kafka) as keys:
        while count < events:
            copies += 1
            renamed = iter(_renamed(past, copies))
            while some := list(islice(renamed, TOGETHER)):
                await send_together(kafka, "bench-history", some, keys)
            count += len(past.records)
    return count


def _renamed(past: Past, number: int) -> Iterator[Encoded]:
    """The records with every id and domain another one: the same in all of a copy, in no two copies the same."""
    mask = number * 0x9E3779B1 & 0xFFFFFFFF

    def name(found: re.Match[bytes]) -> bytes:
        return b"%08x%s" % (int(found[1], 16) ^ mask, found[2])

    def renamed(text: bytes) -> bytes:
        return _DOMAIN.sub(rb"\1-%d-\2" % number, _ID.sub(name, text))

    def told(header_name: str, value: bytes) -> bytes:
        if header_name == SEQ:
            return b"%d" % (int(value) + number * past.highest)
        return renamed(value) if header_name in _NAMING else value

    for one in past.records:
        packed = one.topic == STATE_STORED.name
        value = zlib.compress(renamed(zlib.decompress(one.value)), 1) if packed else renamed(one.value)
        yield Encoded(one.topic, renamed(one.key), value, tuple((key, told(key, held)) for key, held in one.headers))
