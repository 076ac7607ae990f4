"""Leads as they were scored, from the topic that keeps every routed lead for ever; and policies by name."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Mapping
from pathlib import Path
from typing import Any, TypeVar

from aiokafka.errors import KafkaError

from cli.errors import CliError
from cli.ledger import kafka_away
from cli.up import policy_files
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import LeadRouted, PolicyPublished
from libs.contracts.lead import Lead
from libs.contracts.topics import LEAD_ROUTED, POLICY_PUBLISHED
from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime.broker import read_topics

Read = TypeVar("Read")
NEWEST = "published"
SHORTEST_HASH = 6


async def routed_leads(kafka: str) -> AsyncIterator[tuple[Lead, LeadRouted]]:
    """Every version of every lead that was routed, oldest first in each partition; what no one can read is left out."""
    async for record in read_topics(kafka, [LEAD_ROUTED.name]):
        try:
            event = decode(LEAD_ROUTED, record.value, record.headers)
        except UnreadableError:
            continue
        yield event.lead, event


async def published_policies(kafka: str) -> Mapping[str, PolicyPublished]:
    """Every published policy by its hash, oldest first; those that were only tried too, with their role."""
    found: dict[str, PolicyPublished] = {}
    async for record in read_topics(kafka, [POLICY_PUBLISHED.name]):
        event = decode(POLICY_PUBLISHED, record.value, record.headers)
        if event.role == "shadow" and (not event.policy_hash or event.policy_hash in found):
            continue
        found.pop(event.policy_hash, None)
        found[event.policy_hash] = event
    return found


def on_kafka(kafka: str, reading: Coroutine[Any, Any, Read]) -> Read:
    """What was read. Raises CliError when Kafka does not answer."""
    try:
        return asyncio.run(reading)
    except KafkaError as error:
        raise kafka_away(kafka, error) from None


def policy_named(name: str, published: Mapping[str, PolicyPublished]) -> Policy:
    """The policy that a name stands for: a folder, `published` for the newest, or the beginning of a published one's
    hash. Raises CliError when there is none, PolicyError when it is not sound."""
    if Path(name).is_dir():
        return load_policy(policy_files(Path(name)))
    live = [held for held in published.values() if held.role == "live"]
    if name == NEWEST and live:
        return load_policy(live[-1].files)
    fitting = [held for held in published if len(name) >= SHORTEST_HASH and held.startswith(name)]
    if len(fitting) == 1:
        return load_policy(published[fitting[0]].files)
    told = ", ".join(f"{held[:12]} ({event.reason})" for held, event in published.items()) or "none is published"
    why = "several policies begin so" if fitting else "there is no such policy"
    raise CliError(
        f"{why}: {name}", "a folder, `published`, or 6 and more characters of a hash", f"choose from: {told}"
    )
