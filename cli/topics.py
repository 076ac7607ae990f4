"""`topics`: every topic with who writes and who reads it, taken from the services themselves; also docs/topics.md."""

import asyncio
from dataclasses import dataclass
from importlib import import_module

import asyncpg

from cli.console import out
from cli.settings import ROOT
from libs.contracts.topics import (
    ACCESS_GRANTED,
    ACCESS_RECORDED,
    AUDIT_CHANGE,
    DEAD_LETTERS,
    POLICY_PUBLISHED,
    SERVICES,
    STATE_STORED,
    SUBJECT_ERASED,
    SUBMISSION_RECEIVED,
    TOPICS,
)
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.health import Health
from libs.runtime.policies import PublishedPolicies
from libs.runtime.policy_feed import FOLLOWED
from libs.runtime.service import Resources, Service
from libs.runtime.settings import RuntimeSettings

NOWHERE = RuntimeSettings(kafka="-", database_url="postgresql://-", tenant_secret="0" * 64, api_token="-" * 16)
"""Settings of services that are built to be looked at and never started."""

STATEFUL = {name for name in SERVICES if (ROOT / "services" / name / "migrations").is_dir()}
"""Services that hold something of people, and forget it when they are told to (libs/runtime/erasing.py)."""


@dataclass(frozen=True)
class Use:
    """Who writes a topic and who reads it."""

    producers: tuple[str, ...]
    consumers: tuple[str, ...]


def topics() -> None:
    """Print every topic as a Markdown table: key, how long it is kept, who writes it and who reads it."""
    out.print(markdown(), markup=False)


def built() -> list[Service]:
    """Every service, built without a broker or a database."""
    return asyncio.run(_built())


async def _built() -> list[Service]:
    producer = Producer("-")
    pool = asyncpg.create_pool("postgresql://-")
    resources = Resources(
        NOWHERE, PublishedPolicies(), producer, RecordReader("-"), Commands(producer, pool), Health(), pool
    )
    return [import_module(f"services.{name}.service").build(resources) for name in SERVICES]


def uses(services: list[Service]) -> dict[str, Use]:
    """By topic: its producers and consumers. The runtime itself writes audit changes, commands and dead letters."""
    producers: dict[str, set[str]] = {topic.name: set() for topic in TOPICS}
    consumers: dict[str, set[str]] = {topic.name: set() for topic in TOPICS}
    for service in services:
        for stage in service.stages:
            consumers[stage.consumes.name].add(service.name)
            for topic in (*stage.produces, AUDIT_CHANGE, DEAD_LETTERS[service.name]):
                producers[topic.name].add(service.name)
            if stage.keeps is not None:
                producers[STATE_STORED.name].add(service.name)
        for sink in service.sinks:
            for topic in sink.consumes:
                consumers[topic.name].add(service.name)
        if service.name in STATEFUL:
            consumers[SUBJECT_ERASED.name].add(service.name)
        for topic in FOLLOWED:
            consumers[topic.name].add(service.name)
        if service.app is not None:
            producers[ACCESS_RECORDED.name].add(service.name)
    producers[SUBMISSION_RECEIVED.name].add("intake")
    consumers[STATE_STORED.name].add("`signalbox rebuild`")
    for topic in (POLICY_PUBLISHED, AUDIT_CHANGE, ACCESS_GRANTED):
        producers[topic.name].add("cli")
    for name in SERVICES:
        if any(stage.consumes.name == f"{name}.command.v1" for service in services for stage in service.stages):
            producers[f"{name}.command.v1"].add(f"{name} (API, timers, effects)")
        consumers[f"{name}.dead-letter.v1"].add("operator (`signalbox dead-letters`)")
    return {name: Use(tuple(sorted(producers[name])), tuple(sorted(consumers[name]))) for name in producers}


def markdown() -> str:
    """The page docs/topics.md."""
    found = uses(built())
    lines = [
        "# Topics",
        "",
        "Made by `./signalbox topics` from the services' own stages. Events are CloudEvents 1.0 (Kafka binary binding); schemas,",
        "examples and the AsyncAPI document are in `libs/contracts/schemas` and `libs/contracts/examples`.",
        "",
        "| topic | event | key | kept | written by | read by |",
        "|---|---|---|---|---|---|",
    ]
    for topic in TOPICS:
        use = found[topic.name]
        if not use.consumers and not use.producers:
            continue
        kept = "newest of each key" if topic.compacted else "for ever" if topic.retention_days < 0 else "90 days"
        lines.append(
            f"| `{topic.name}` | {topic.event.__name__} | {topic.key} | {kept} "
            f"| {', '.join(use.producers)} | {', '.join(use.consumers)} |"
        )
    return "\n".join(lines)
