"""Whether a consumer group has worked through what a topic holds now."""

import asyncio
import time

from aiokafka import TopicPartition

from cli.errors import CliError
from libs.runtime.broker import admin, read_topics

LOOK_SECONDS = 0.2


async def wait_until_read(kafka: str, groups: tuple[str, ...], topic: str, timeout_seconds: float) -> None:
    """Return once every group has committed past the last record that the topic held at the call.

    Commit markers have offsets too, so the last record counts and not the log's end. Raises CliError past the timeout.
    """
    last: dict[TopicPartition, int] = {}
    async for record in read_topics(kafka, [topic]):
        last[TopicPartition(topic, record.partition)] = record.offset
    deadline = time.monotonic() + timeout_seconds
    async with admin(kafka) as client:
        for group in groups:
            while True:
                committed = await client.list_consumer_group_offsets(group, partitions=list(last)) if last else {}
                if all(held.offset > last[partition] for partition, held in committed.items()):
                    break
                if time.monotonic() > deadline:
                    what = f"{group} has not read {topic} within {timeout_seconds:.0f} s"
                    raise CliError(what, kafka, "look at its log with `./signalbox logs`")
                await asyncio.sleep(LOOK_SECONDS)
