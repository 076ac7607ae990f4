"""Runs stages in the test's own loop on the real broker, and reads what they wrote."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager

import asyncpg

from libs.contracts.codec import Encoded, decode, encode
from libs.contracts.events import Event, PolicyPublished
from libs.contracts.keys import key_of
from libs.contracts.topics import BY_NAME, Topic
from libs.policy.load import policy_hash, read_files
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.cluster import read_opened
from libs.runtime.consumer import GroupConsumer
from libs.runtime.emit import Emitter
from libs.runtime.health import Health
from libs.runtime.keys import Keys, NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.policies import PublishedPolicies
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage
from libs.runtime.telemetry import Meter
from tests.libs.runtime.leads import AT
from tests.paths import ROOT

FILES = read_files(ROOT / "policy")
POLICY_HASH = policy_hash(FILES)


def policies() -> PublishedPolicies:
    """The shipped policy, published."""
    published = PublishedPolicies()
    published.add(PolicyPublished(policy_hash=POLICY_HASH, files=FILES, author="t", reason="t", published_at=AT))
    return published


@asynccontextmanager
async def running(
    settings: RuntimeSettings,
    stages: Sequence[AnyStage],
    *,
    pools: Mapping[str, asyncpg.Pool] | None = None,
    fused: bool = False,
    limits: Mapping[str, int] | None = None,
    keys: Keys | None = None,
) -> AsyncIterator[None]:
    """The stages at work, each service in a group of its own (or one line), until the block ends."""
    produced = {topic.name for stage in stages for topic in stage.produces}
    followers = {stage.consumes.name: stage for stage in stages if fused and stage.consumes.name in produced}
    line = Line(
        Emitter(policies(), frozenset(followers)), pools or {}, limits or {}, clock.now, keys or NoKeys(), followers
    )
    consumers = []
    for stage in stages:
        owners = {stage.consumes.name: _owner(stage, line, settings)}
        consumers.append(GroupConsumer(settings, stage.service, owners, Health()))
        await consumers[-1].start()
    try:
        yield
    finally:
        for consumer in consumers:
            await consumer.stop()


def _owner(stage: AnyStage, line: Line, settings: RuntimeSettings):  # type: ignore[no-untyped-def]
    return lambda tp, consumer: Owner(stage, tp, line, consumer, settings, Health(), Meter())


async def send(kafka: str, topic: Topic[Event], events: Sequence[Event]) -> None:
    """Put events on a topic."""
    await send_records(kafka, [encode(topic, event, key_of(event), source="test") for event in events])


async def send_records(kafka: str, records: Sequence[Encoded]) -> None:
    """Put records on their topics."""
    producer = Producer(kafka)
    await producer.start()
    for record in records:
        await producer.send_and_wait(record)
    await producer.stop()


async def events_of(kafka: str, name: str, wanted: Callable[[Event], bool]) -> list[Event]:
    """The committed events of a topic that are of interest."""
    found = [decode(BY_NAME[name], record.value, record.headers) async for record in read_opened(kafka, [name])]
    return [event for event in found if wanted(event)]


async def until(kafka: str, name: str, wanted: Callable[[Event], bool], count: int, seconds: float = 20) -> list[Event]:
    """The wanted events, once there are `count` of them. Raises TimeoutError when there never are."""
    async with asyncio.timeout(seconds):
        while True:
            found = await events_of(kafka, name, wanted)
            if len(found) >= count:
                return found
            await asyncio.sleep(0.2)
