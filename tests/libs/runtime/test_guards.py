"""Each guard of the loop is needed: with it every input leads to one outcome, without it one is lost or doubled."""

import asyncio

import pytest
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import ProducerFenced

from libs.contracts.topics import LEAD_SCORED, MAX_RECORD_BYTES
from libs.runtime.broker import admin
from libs.runtime.owner import Guards
from libs.runtime.settings import RuntimeSettings
from tests.libs.runtime.partition import partition_with, run_until_idle


async def limit_scored(kafka: str, limit: int) -> None:
    """The largest batch that lead.scored.v1 takes."""
    config = ConfigResource(ConfigResourceType.TOPIC, LEAD_SCORED.name, {"max.message.bytes": str(limit)})
    async with admin(kafka) as client:
        await client.alter_configs([config])


@pytest.mark.parametrize("gather", [True, False])
async def test_without_the_gather_a_refused_record_is_lost(settings: RuntimeSettings, gather: bool) -> None:
    """The one large record fails alone or with its batch: with the gather it is a dead letter and 39 others go on."""
    mine = f"gather-{gather}"
    partition = await partition_with(settings, mine, ["x" * 9000 if n == 20 else "" for n in range(40)])
    await limit_scored(settings.kafka, 7000)
    try:
        async with partition.consumer() as consumer:
            await run_until_idle(partition.owner(consumer, Guards(gather=gather)))
    finally:
        await limit_scored(settings.kafka, MAX_RECORD_BYTES)
    written, letters = await partition.causes("lead.scored.v1"), await partition.causes("score.dead-letter.v1")
    if gather:
        assert letters == [f"{mine}-020"]
        assert len(written) == len(set(written)) == 39
    else:
        assert len(set(written)) < 39
        assert letters == []


@pytest.mark.parametrize("fence", [True, False])
async def test_without_the_fence_a_frozen_owner_doubles_its_batch(settings: RuntimeSettings, fence: bool) -> None:
    """One owner stands still inside its transaction, another takes over, then the first goes on."""
    mine = f"fence-{fence}"
    partition = await partition_with(settings, mine, [""] * 10)
    guards = Guards(fence=fence)
    async with partition.consumer() as first, partition.consumer() as second:
        frozen = partition.owner(first, guards, pause=4.0)
        task = asyncio.create_task(frozen.run())
        await asyncio.sleep(1.5)
        await run_until_idle(partition.owner(second, guards))
        frozen.stopping.set()
        (ended,) = await asyncio.gather(task, return_exceptions=True)
    written = await partition.causes("lead.scored.v1")
    assert len(set(written)) == 10
    assert len(written) == (10 if fence else 20)
    assert isinstance(ended, ProducerFenced) == fence


@pytest.mark.parametrize("seek", [True, False])
async def test_without_the_seek_an_old_position_doubles_a_batch(settings: RuntimeSettings, seek: bool) -> None:
    """A new owner's consumer got its position at the rebalance; the old owner commits after that and before the fence."""
    mine = f"seek-{seek}"
    partition = await partition_with(settings, mine, [""] * 10)
    guards = Guards(seek=seek)
    async with partition.consumer() as second:
        async with partition.consumer() as first:
            await run_until_idle(partition.owner(first, guards))
        await run_until_idle(partition.owner(second, guards, pause=0.1))
    written = await partition.causes("lead.scored.v1")
    assert len(set(written)) == 10
    assert len(written) == (10 if seek else 20)
