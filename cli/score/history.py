"""Leads as they were scored, from the topic that keeps every routed lead for ever."""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from cli.ledger import kafka_away
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import LeadRouted
from libs.contracts.lead import Lead
from libs.contracts.topics import LEAD_ROUTED
from libs.runtime.cluster import read_opened

Read = TypeVar("Read")


async def routed_leads(kafka: str) -> AsyncIterator[tuple[Lead, LeadRouted]]:
    """Every version of every lead that was routed, oldest first in each partition; what no one can read is left out."""
    async for record in read_opened(kafka, [LEAD_ROUTED.name]):
        try:
            event = decode(LEAD_ROUTED, record.value, record.headers)
        except UnreadableError:
            continue
        yield event.lead, event


def on_kafka(kafka: str, reading: Coroutine[Any, Any, Read]) -> Read:
    """What was read. Raises CliError when Kafka does not answer."""
    try:
        return asyncio.run(reading)
    except KafkaError as error:
        raise kafka_away(kafka, error) from None
