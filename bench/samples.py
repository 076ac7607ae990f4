"""Real events to measure with: submissions sent down the real line up to classify, and copies of them with ids of their own."""

import asyncio
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import cycle, islice

from bench.load.posting import post
from bench.load.submissions import submissions
from bench.rows.row import Bench
from cli.stack import service_specs
from embedded.stack import ServiceSpec
from libs.contracts.codec import Encoded, decode, encode
from libs.contracts.events import LeadClassified
from libs.contracts.ids import derived_id
from libs.contracts.topics import AUDIT_CHANGE, LEAD_CLASSIFIED
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.cluster import Cluster, read_opened
from libs.runtime.keys import Keys

SAMPLES = 200
WAIT_SECONDS = 60.0
SOURCING = 250
"""Records that are sent at once while a topic is filled."""


@dataclass(frozen=True)
class Samples:
    """Classified leads, and the audit records that were written on their way."""

    classified: list[LeadClassified]
    changes: list[bytes]
    """Values of `audit.change.v1`, as they came."""


async def real_samples(bench: Bench) -> Samples:
    """Samples from the real services, which end again. Raises TimeoutError when the line does not classify them."""
    site = bench.site
    await site.services(_until_classified())
    made = list(islice(submissions(bench.pace.seed, site.secret("typeform"), clock.now()), SAMPLES))
    await post([one.request for one in made], bench.folder, site.port("intake"), seconds=2, rate=SAMPLES / 2)
    wanted = {one.submission_id for one in made}
    cluster = Cluster(site.settings)
    classified = await _classified(cluster, wanted)
    await site.services([])
    changes = [record.value async for record in read_opened(cluster, [AUDIT_CHANGE.name]) if record.value]
    return Samples(classified, changes)


def _until_classified() -> list[ServiceSpec]:
    """Intake, and the line up to classify."""
    intake = next(spec for spec in service_specs(separate=False) if spec.name == "intake")
    line = ServiceSpec("line", (sys.executable, "-m", "cli.run", "--fuse", "dedupe..classify"))
    return [intake, line]


async def _classified(kafka: str, wanted: set[str]) -> list[LeadClassified]:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            found = [
                decode(LEAD_CLASSIFIED, record.value, record.headers)
                async for record in read_opened(kafka, [LEAD_CLASSIFIED.name])
            ]
            held = [event for event in found if event.lead.submission.submission_id in wanted]
            if len(held) >= len(wanted):
                return held
            await asyncio.sleep(0.5)


def copies(samples: Sequence[LeadClassified], count: int, salt: str) -> Iterator[Encoded]:
    """Records of `count` leads made from the samples; every id is new, the rest as it was."""
    for number, event in enumerate(islice(cycle(samples), count)):
        name = derived_id("bench", salt, number)
        lead = event.lead.model_copy(update={"lead_id": name, "partition_key": derived_id("key", name)})
        copied = event.model_copy(update={"lead": lead, "event_id": derived_id("event", name)})
        yield encode(LEAD_CLASSIFIED, copied, lead.partition_key, source="bench", subject_key_id=lead.subject_key_id)


async def fill(kafka: str, records: Iterator[Encoded], keys: Keys) -> int:
    """Put the records on their topics, sealed; returns how many."""
    producer, count = Producer(kafka, keys), 0
    await producer.start()
    try:
        while some := list(islice(records, SOURCING)):
            await asyncio.gather(*(producer.send_and_wait(one, timeout_seconds=30) for one in some))
            count += len(some)
    finally:
        await producer.stop()
    return count


@dataclass(slots=True)
class Held:
    """A record as a consumer hands it out."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int = 0
