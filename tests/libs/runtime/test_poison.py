"""One bad record never stops a partition: neither by killing the process, nor by a world that is not ready for it."""

import asyncio
from collections.abc import Sequence
from dataclasses import replace

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType

from libs.contracts.codec import Encoded
from libs.contracts.events import Event
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import MAX_RECORD_BYTES
from libs.runtime.attempts import QUARANTINE_AFTER, attempts_of
from libs.runtime.broker import admin
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.owner import Guards
from libs.runtime.settings import RuntimeSettings
from tests.libs.runtime import harness
from tests.libs.runtime.partition import STAGE, Partition, partition_with, run_until_idle


async def offsets_of(partition: Partition) -> list[int]:
    """Where this test's events stand."""
    found = []
    async for record in harness.read_opened(partition.settings.kafka, [partition.tp.topic]):
        if record.partition == partition.tp.partition and partition.mine.encode() in dict(record.headers)["ce_id"]:
            found.append(record.offset)
    return found


@pytest.mark.parametrize("deaths", [1, QUARANTINE_AFTER - 1, QUARANTINE_AFTER])
async def test_a_record_that_ended_three_starts_is_quarantined(settings: RuntimeSettings, deaths: int) -> None:
    mine = f"deaths-{deaths}"
    partition = await partition_with(settings, mine, [""] * 5)
    offsets = await offsets_of(partition)
    async with partition.consumer() as consumer:
        owner = partition.owner(consumer, Guards())
        owner._transactional_id = owner._new_transactional_id()
        attempts = attempts_of(owner.settings.data, owner._transactional_id)
        attempts.begin(offsets[0], offsets[-1], deaths - 1)
        await run_until_idle(owner)
    letters = await partition.causes("score.dead-letter.v1")
    written = await partition.causes("lead.scored.v1")
    quarantined = [f"{mine}-000"] if deaths == QUARANTINE_AFTER else []
    assert letters == quarantined
    assert written == [f"{mine}-{n:03}" for n in range(5) if f"{mine}-{n:03}" not in quarantined]
    assert attempts.died_at()[2] == 0


async def test_while_the_world_is_away_nothing_is_given_up_and_the_order_stays(settings: RuntimeSettings) -> None:
    partition = await partition_with(settings, "away", [""] * 5)
    calls = 0

    async def away_at_first(events: Sequence[Event]) -> None:
        nonlocal calls
        calls += 1
        if calls < 4:
            raise Retryable("the provider is away")

    async with partition.consumer() as consumer:
        await run_until_idle(partition.owner(consumer, Guards(), stage=replace(STAGE, gather=away_at_first)))
    assert calls == 4
    assert await partition.causes("lead.scored.v1") == [f"away-{n:03}" for n in range(5)]
    assert await partition.causes("score.dead-letter.v1") == []


async def test_a_rejection_while_gathering_is_pinned_to_its_record(settings: RuntimeSettings) -> None:
    partition = await partition_with(settings, "pinned", [""] * 5)

    async def one_is_bad(events: Sequence[Event]) -> None:
        if any(event.event_id == "pinned-002" for event in events):
            raise Rejected(RejectionReason.INVALID, "not this one")

    async with partition.consumer() as consumer:
        await run_until_idle(partition.owner(consumer, Guards(), stage=replace(STAGE, gather=one_is_bad)))
    assert await partition.causes("score.dead-letter.v1") == ["pinned-002"]
    assert len(await partition.causes("lead.scored.v1")) == 4


async def test_bytes_that_are_no_event_are_dead_letters_and_nothing_waits_behind_them(
    settings: RuntimeSettings,
) -> None:
    partition = await partition_with(settings, "bytes", [""])
    poison = [b"", b"{", b"\xff\xfe", b'{"lead": NaN}', b"[" * 20_000, b'{"event_id": "\\u0000"}', b"null"]
    records = [
        Encoded("lead.classified.v1", b"bytes", value, (("ce_id", f"bytes-p{number}".encode()),))
        for number, value in enumerate(poison)
    ]
    await harness.send_records(settings.kafka, records)
    async with partition.consumer() as consumer:
        await run_until_idle(partition.owner(consumer, Guards()))
    assert await partition.causes("score.dead-letter.v1") == sorted(f"bytes-p{number}" for number in range(len(poison)))
    assert await partition.causes("lead.scored.v1") == ["bytes-000"]


async def test_a_record_whose_dead_letter_is_too_large_does_not_stop_the_partition(settings: RuntimeSettings) -> None:
    """Its bytes stay at its position; the letter says so."""
    partition = await partition_with(settings, "huge", ["x" * 30_000 if n == 2 else "" for n in range(5)])
    topics = ("lead.scored.v1", "score.dead-letter.v1")
    await limit(settings.kafka, topics, 9000)
    try:
        async with partition.consumer() as consumer:
            await run_until_idle(partition.owner(consumer, Guards()))
    finally:
        await limit(settings.kafka, topics, MAX_RECORD_BYTES)
    assert await partition.causes("score.dead-letter.v1") == ["huge-002"]
    assert len(await partition.causes("lead.scored.v1")) == 4


async def limit(kafka: str, topics: Sequence[str], size: int) -> None:
    """The largest batch that the topics take."""
    config = {"max.message.bytes": str(size)}
    async with admin(kafka) as client:
        await client.alter_configs([ConfigResource(ConfigResourceType.TOPIC, topic, config) for topic in topics])


async def test_waiting_for_the_world_is_no_attempt(settings: RuntimeSettings) -> None:
    """A process that is killed again and again while a provider is away must not quarantine what waits."""
    partition = await partition_with(settings, "waits", [""])
    held: list[int] = []

    async def away_at_first(events: Sequence[Event]) -> None:
        if not held:
            held.append(0)
            raise Retryable("the provider is away")

    async with partition.consumer() as consumer:
        owner = partition.owner(consumer, Guards(), stage=replace(STAGE, gather=away_at_first))
        owner._transactional_id = owner._new_transactional_id()
        attempts = attempts_of(owner.settings.data, owner._transactional_id)
        task = asyncio.create_task(owner.run())
        async with asyncio.timeout(20):
            while not owner.health.problems():  # noqa: ASYNC110 - the owner tells nobody
                await asyncio.sleep(0.001)
        deaths = attempts.died_at()[2]
        owner.stopping.set()
        await task
    assert held == [0]
    assert deaths == 0
