"""Reads `policy.published.v1`, `autonomy.changed.v1` and `access.granted.v1` from the beginning and goes on with them: every
service knows every version of the policy, the one that is tried, what each workflow has earned, and who may see what."""

import asyncio
import logging

from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.contracts.codec import UnreadableError, decode
from libs.contracts.topics import ACCESS_GRANTED, AUTONOMY_CHANGED, POLICY_PUBLISHED
from libs.policy.problems import PolicyError
from libs.runtime.broker import reading_consumer
from libs.runtime.health import Health
from libs.runtime.people import People
from libs.runtime.policies import PublishedPolicies
from libs.runtime.record import Record

log = logging.getLogger(__name__)
NAME = "policies"
FOLLOWED = (POLICY_PUBLISHED, AUTONOMY_CHANGED, ACCESS_GRANTED)
"""By every service."""


async def follow_policies(kafka: str, policies: PublishedPolicies, people: People, health: Health) -> None:
    """Feed `policies` and `people` for ever; while none has been published, the service is not ready."""
    consumer = reading_consumer(kafka)
    health.trouble(NAME, "no policy has been published yet")
    while True:
        try:
            await consumer.start()
            break
        except KafkaError as error:
            log.warning("policy feed: %s", type(error).__name__)
            await asyncio.sleep(1)
    try:
        partitions = [TopicPartition(topic.name, 0) for topic in FOLLOWED]
        consumer.assign(partitions)
        await consumer.seek_to_beginning(*partitions)
        held: list[Record] = []
        ends = await consumer.end_offsets(partitions)
        while any([await consumer.position(one) < end for one, end in ends.items()]):
            held += await _read(consumer)
            health.beat(NAME)
        while True:
            # the history is taken in as one: half of it would make a withdrawn version the newest for a moment
            for record in held:
                _take_in(record, policies, people, health)
            held = await _read(consumer)
            health.beat(NAME)
    finally:
        await consumer.stop()


async def _read(consumer: AIOKafkaConsumer) -> list[Record]:
    """The next records; levels first: nothing must be decided by a newer policy with what was earned before it."""
    read = await consumer.getmany(timeout_ms=1000)
    order = sorted(read, key=lambda one: one.topic != AUTONOMY_CHANGED.name)
    return [record for partition in order for record in read[partition]]


def _take_in(record: Record, policies: PublishedPolicies, people: People, health: Health) -> None:
    try:
        if record.topic == AUTONOMY_CHANGED.name:
            policies.add_level(decode(AUTONOMY_CHANGED, record.value, record.headers))
            return
        if record.topic == ACCESS_GRANTED.name:
            people.add(decode(ACCESS_GRANTED, record.value, record.headers))
            return
        published = decode(POLICY_PUBLISHED, record.value, record.headers)
        policies.add(published)
        if published.role == "live":
            health.policy = published.policy_hash
        health.fine(NAME)
    except PolicyError as error:
        # the places only: what is said of a value may quote it
        places = ", ".join(sorted({f"{one.file}:{one.line}" for one in error.problems})[:10])
        log.error("policy at offset %s can't be used: %s; `signalbox policy check` says why", record.offset, places)
    except UnreadableError as error:
        log.error("%s at offset %s can't be used: %s", record.topic, record.offset, error)
