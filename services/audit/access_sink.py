"""The sink of `access.recorded.v1` and `access.granted.v1`: who was shown whom, and who was granted what."""

import logging
from collections.abc import Sequence

import asyncpg

from libs.contracts.codec import UnreadableError, decode
from libs.contracts.topics import ACCESS_GRANTED, ACCESS_RECORDED
from libs.runtime.record import Record

log = logging.getLogger(__name__)
TOPICS = (ACCESS_RECORDED, ACCESS_GRANTED)
_ACCESS = (
    "insert into access (partition, kafka_offset, record_type, record_id, event_id, person, role, service, route, at) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10) on conflict do nothing"
)
"""A record that a request names twice was shown once."""
_GRANT = (
    "insert into access_grant (kafka_offset, event_id, person, role, queues, member, valid_from, until, actor_id, reason) "
    "values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)"
)


async def write_accesses(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
    """Write a batch of one partition, in the caller's transaction."""
    shown, granted = [], []
    for record in records:
        try:
            if topic == ACCESS_GRANTED.name:
                grant = decode(ACCESS_GRANTED, record.value, record.headers)
                granted.append((
                    record.offset, grant.event_id, grant.person, grant.role, list(grant.queues), grant.member,
                    grant.valid_from, grant.until, grant.actor.id, grant.reason,
                ))  # fmt: skip
                continue
            seen = decode(ACCESS_RECORDED, record.value, record.headers)
        except UnreadableError as error:
            log.error("%s: offset %s of partition %s can't be read: %s", topic, record.offset, partition, error)
            continue
        shown += [
            (partition, record.offset, one.type, one.id, seen.event_id, seen.person, seen.role, seen.service, seen.route, seen.at)
            for one in seen.records
        ]  # fmt: skip
    await connection.executemany(_ACCESS, shown)
    await connection.executemany(_GRANT, granted)
