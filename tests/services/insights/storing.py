"""Writes events into insights' schema as its sink does, and counts them."""

from collections.abc import Sequence
from typing import Any

import asyncpg

from libs.contracts.events import ChangeRecorded, Event
from libs.contracts.topics import (
    AUDIT_CHANGE,
    LEAD_FEEDBACK,
    LEAD_ROUTED,
    POLICY_PUBLISHED,
    SLA_CHANGED,
    SUBMISSION_RECEIVED,
    TRIAGE_DECIDED,
    TRIAGE_REQUESTED,
    Topic,
)
from libs.runtime.keys import NoKeys
from services.insights.counting import Recount
from services.insights.sink import fact_writer
from tests.services.audit.made import record

TOPIC_OF: dict[str, Topic[Any]] = {
    topic.event.__name__: topic
    for topic in (
        SUBMISSION_RECEIVED, LEAD_ROUTED, TRIAGE_REQUESTED, TRIAGE_DECIDED, SLA_CHANGED, LEAD_FEEDBACK, AUDIT_CHANGE,
        POLICY_PUBLISHED,
    )
}  # fmt: skip
TABLES = ("fact", "record", "held", "mark", "cell", "brief")


async def store(pool: asyncpg.Pool, events: Sequence[Event], places: dict[str, int] | None = None) -> None:
    """Write events of one topic or of several, each topic's in their order; an event that comes again has its place again."""
    known = {} if places is None else places
    writer = fact_writer(NoKeys())
    for event in events:
        topic = TOPIC_OF[type(event).__name__]
        offset = known.setdefault(f"{topic.name} {event.event_id}", len(known))
        raw = b"{}" if topic.raw else None
        async with pool.acquire() as connection, connection.transaction():
            await writer(connection, topic.name, 0, [record(topic, offset, event, raw=raw)])  # type: ignore[arg-type]


async def count(pool: asyncpg.Pool, at_once: int = 500) -> None:
    """Count until nothing is left."""
    recount = Recount(at_once)
    async with pool.acquire() as connection:
        while await recount.once(connection):  # type: ignore[arg-type]
            pass
    assert await pool.fetchval("select count(*) from dirty") == 0


async def rows(pool: asyncpg.Pool, schema: str = "insights") -> dict[str, list[str]]:
    """All rows of the tables that follow from the events, as text."""
    return {
        name: [row[0] for row in await pool.fetch(f'select t::text from "{schema}"."{name}" t order by 1')]
        for name in TABLES
    }


def is_change(event: Event) -> bool:
    """Whether the event is an audited change, whose order counts."""
    return isinstance(event, ChangeRecorded)
