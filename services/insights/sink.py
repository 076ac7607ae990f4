"""The sink: events become facts, in the transaction that moves the checkpoint; what they are about is counted anew soon after."""

import json
import logging
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import UTC, datetime, timedelta

import asyncpg

from libs.contracts.codec import ErasedError, UnreadableError, decode, subject_in
from libs.contracts.events import ChangeRecorded, Event, PolicyPublished
from libs.contracts.topics import (
    AUDIT_CHANGE,
    BY_NAME,
    LEAD_FEEDBACK,
    LEAD_ROUTED,
    POLICY_PUBLISHED,
    SLA_CHANGED,
    SUBMISSION_RECEIVED,
    TRIAGE_DECIDED,
    TRIAGE_REQUESTED,
)
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from services.insights.domain.changes import Fold, Held, Kept, places
from services.insights.domain.facts import Fact, facts_in

log = logging.getLogger(__name__)
Write = Callable[[asyncpg.Connection, str, int, Sequence[Record]], Awaitable[None]]

TOPICS = (
    SUBMISSION_RECEIVED, LEAD_ROUTED, TRIAGE_REQUESTED, TRIAGE_DECIDED, SLA_CHANGED, LEAD_FEEDBACK, AUDIT_CHANGE,
    POLICY_PUBLISHED,
)  # fmt: skip
"""All of them are kept for ever, so that a rebuild gives the same numbers. What opportunities, tasks and activities were is
read off the audit log, since `record.changed.v1` keeps only what they are."""
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)

_FACTS = (
    "insert into fact (subject, kind, id, at, body) select s, k, i, a, b::jsonb "
    "from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) t(s, k, i, a, b) on conflict do nothing"
)
_DIRTY = "insert into dirty (subject) select * from unnest($1::text[]) on conflict (subject) do update set seq = dirty.seq + 1"
_HELD = (
    "insert into held (record_key, field, lead_id, change_id, at, automatic) select * from unnest("
    "$1::text[], $2::text[], $3::text[], $4::text[], $5::timestamptz[], $6::bool[]) on conflict (record_key, field) do update "
    "set lead_id = excluded.lead_id, change_id = excluded.change_id, at = excluded.at, automatic = excluded.automatic"
)
_RECORD = (
    "insert into record (record_key, contact_id, lead_id, at, body) select k, c, l, a, b::jsonb "
    "from unnest($1::text[], $2::text[], $3::text[], $4::timestamptz[], $5::text[]) t(k, c, l, a, b) on conflict (record_key) "
    "do update set contact_id = excluded.contact_id, lead_id = excluded.lead_id, body = excluded.body"
)
_POLICY = (
    "insert into policy (policy_hash, kafka_offset, files) values ($1, $2, $3::jsonb) on conflict (policy_hash) "
    "do update set kafka_offset = excluded.kafka_offset where policy.kafka_offset < excluded.kafka_offset"
)


def fact_writer(keys: Keys) -> Write:
    """Writes a batch of one partition of any of `TOPICS`, in the caller's transaction; nothing of erased people. A record that
    can't be read counts for nothing: it is in the dead letters or the audit log, where people look for it."""

    async def write(connection: asyncpg.Connection, topic: str, partition: int, records: Sequence[Record]) -> None:
        cipher = await keys.reading(subject_in(record.headers) for record in records)
        facts: list[Fact] = []
        changes: list[ChangeRecorded] = []
        for record in records:
            if record.value is None and BY_NAME[topic].compacted:
                continue
            try:
                event: Event = decode(BY_NAME[topic], record.value, record.headers, cipher)
            except ErasedError:
                continue
            except (UnreadableError, ValueError, OverflowError) as error:
                log.error("%s: offset %s of partition %s can't be read: %s", topic, record.offset, partition, error)
                continue
            if isinstance(event, ChangeRecorded):
                changes.append(event)
            elif isinstance(event, PolicyPublished):
                await _publish(connection, event, record.offset)
            else:
                heard = EPOCH + timedelta(milliseconds=record.timestamp)
                facts += facts_in(event, f"{topic}:{partition}:{record.offset}", heard)
        touched = await _folded(connection, changes, facts)
        await _store(connection, facts, touched)

    return write


async def _publish(connection: asyncpg.Connection, event: PolicyPublished, offset: int) -> None:
    if event.policy_hash and event.role == "live":  # no lead was ever decided by one that is only tried
        await connection.execute(_POLICY, event.policy_hash, offset, json.dumps(event.files))


async def _folded(connection: asyncpg.Connection, changes: Sequence[ChangeRecorded], facts: list[Fact]) -> set[str]:
    """Take in audited changes; adds their facts to `facts` and returns what else has to be counted anew."""
    if not changes:
        return set()
    wanted = sorted(set(places(changes)))
    rows = await connection.fetch(
        "select * from held where (record_key, field) in (select * from unnest($1::text[], $2::text[]))",
        [key for key, _ in wanted], [name for _, name in wanted],
    )  # fmt: skip
    named = sorted({event.change.record.key for event in changes})
    records = await connection.fetch("select *, body::text as told from record where record_key = any($1)", named)
    before = {(row["record_key"], row["field"]): Held(**dict(row)) for row in rows}
    fold = Fold(dict(before), {row["record_key"]: kept_of(row) for row in records})
    known = dict(fold.records)
    for event in changes:
        fold.take(event)
    facts += fold.facts
    held = [one for place, one in sorted(fold.held.items()) if one is not None and one != before.get(place)]
    gone = [place for place, one in fold.held.items() if one is None and place in before]
    moved = [one for key, one in sorted(fold.records.items()) if one != known.get(key)]
    await _store_held(connection, held, gone)
    await connection.execute(
        _RECORD, [one.record_key for one in moved], [one.contact_id for one in moved], [one.lead_id for one in moved],
        [one.at for one in moved], [json.dumps(one.body) for one in moved],
    )  # fmt: skip
    return fold.touched


async def _store_held(connection: asyncpg.Connection, held: Sequence[Held], gone: Iterable[tuple[str, str]]) -> None:
    if held:
        await connection.execute(
            _HELD, [one.record_key for one in held], [one.field for one in held], [one.lead_id for one in held],
            [one.change_id for one in held], [one.at for one in held], [one.automatic for one in held],
        )  # fmt: skip
    await connection.executemany("delete from held where record_key = $1 and field = $2", sorted(gone))


def kept_of(row: asyncpg.Record) -> Kept:
    """The record of a row that tells its body as the text `told`."""
    return Kept(row["record_key"], row["contact_id"], row["lead_id"], row["at"], json.loads(row["told"]))


async def _store(connection: asyncpg.Connection, facts: Sequence[Fact], touched: Iterable[str]) -> None:
    facts = sorted(facts, key=lambda one: (one.subject, one.kind, one.id))
    if facts:
        await connection.execute(
            _FACTS, [one.subject for one in facts], [one.kind for one in facts], [one.id for one in facts],
            [one.at for one in facts], [json.dumps(one.body) for one in facts],
        )  # fmt: skip
    contacts = {f"contact:{name}" for one in facts if one.kind == "route" and (name := one.text("contact"))}
    subjects = sorted({*(one.subject for one in facts), *contacts, *touched})
    if subjects:
        await connection.execute(_DIRTY, subjects)
