"""Reads `policy.published.v1` from its beginning and goes on with it, so that every service knows every version."""

import asyncio
import logging

from aiokafka import TopicPartition
from aiokafka.errors import KafkaError

from libs.contracts.codec import UnreadableError, decode
from libs.contracts.topics import POLICY_PUBLISHED
from libs.policy.problems import PolicyError
from libs.runtime.broker import Record, reading_consumer
from libs.runtime.health import Health
from libs.runtime.policies import PublishedPolicies

log = logging.getLogger(__name__)
NAME = "policies"


async def follow_policies(kafka: str, policies: PublishedPolicies, health: Health) -> None:
    """Feed `policies` for ever; while none has been published, the service is not ready."""
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
        partition = TopicPartition(POLICY_PUBLISHED.name, 0)
        consumer.assign([partition])
        await consumer.seek_to_beginning(partition)
        held: list[Record] = []
        end = (await consumer.end_offsets([partition]))[partition]
        while await consumer.position(partition) < end:
            held += (await consumer.getmany(timeout_ms=1000)).get(partition, [])
            health.beat(NAME)
        while True:
            # the history is taken in as one: half of it would make a withdrawn version the newest for a moment
            for record in held:
                _take_in(record, policies, health)
            held = (await consumer.getmany(timeout_ms=1000)).get(partition, [])
            health.beat(NAME)
    finally:
        await consumer.stop()


def _take_in(record: Record, policies: PublishedPolicies, health: Health) -> None:
    try:
        policies.add(decode(POLICY_PUBLISHED, record.value, record.headers))
        health.fine(NAME)
    except PolicyError as error:
        # the places only: what is said of a value may quote it
        places = ", ".join(sorted({f"{one.file}:{one.line}" for one in error.problems})[:10])
        log.error("policy at offset %s can't be used: %s; `signalbox policy check` says why", record.offset, places)
    except UnreadableError as error:
        log.error("policy at offset %s can't be used: %s", record.offset, error)
