"""Questions to the events beside the log: where raw submissions stand, and what a lead's journey is told from."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from pydantic import JsonValue
from pydantic_core import from_json

from libs.contracts.topics import CRM_WRITE, LEAD_ROUTED, RECORD_CHANGED, TRIAGE_DECIDED, TRIAGE_REQUESTED
from services.audit.domain.move import Move
from services.audit.domain.why import Raw
from services.audit.store.log import Database

_RAW = "select submission_id, event_id, source, topic, partition, kafka_offset, sha256, received_at from submission"


async def raws_of(db: Database, moves: Sequence[Move]) -> dict[str, Raw]:
    """Where the submissions behind the moves stand: by submission id, by event id, and by lead id."""
    by_lead = await _submissions_of_leads(db, {move.change.lead_id for move in moves if move.change.lead_id})
    names = {move.change.trigger_event_id for move in moves} | {move.change.record.id for move in moves}
    rows = await db.fetch(
        f"{_RAW} where event_id = any($1) or submission_id = any($1) order by topic, partition, kafka_offset desc",
        sorted(names | set(by_lead.values())),
    )
    raws: dict[str, Raw] = {}
    for row in rows:
        raws[row["event_id"]] = raws[row["submission_id"]] = _raw(row)
    for move in moves:
        lead_id = move.change.lead_id
        if lead_id is not None and move.change.trigger_event_id in raws:
            raws.setdefault(lead_id, raws[move.change.trigger_event_id])
    raws.update({lead_id: raws[name] for lead_id, name in by_lead.items() if name in raws})
    return raws


async def _submissions_of_leads(db: Database, lead_ids: Iterable[str]) -> dict[str, str]:
    rows = await db.fetch(
        "select lead_id, body->'lead'->'submission'->>'submission_id' as submission_id from event "
        "where lead_id = any($1) and topic = $2",
        sorted(lead_ids), LEAD_ROUTED.name,
    )  # fmt: skip
    return {row["lead_id"]: row["submission_id"] for row in rows if row["submission_id"]}


def _raw(row: Any) -> Raw:
    return Raw(
        submission_id=row["submission_id"], source=row["source"], topic=row["topic"], partition=row["partition"],
        offset=row["kafka_offset"], sha256=row["sha256"], received_at=row["received_at"],
    )  # fmt: skip


async def lead_events(db: Database, lead_id: str) -> Mapping[str, list[JsonValue]]:
    """A lead's events by topic, each event once, in the order of its topic."""
    rows = await db.fetch(
        "select distinct on (topic, partition, event_id) topic, partition, kafka_offset, event_id, decided_at, body "
        "from event where lead_id = $1 order by topic, partition, event_id, kafka_offset",
        lead_id,
    )
    found: dict[str, list[JsonValue]] = {
        name.name: [] for name in (LEAD_ROUTED, TRIAGE_REQUESTED, TRIAGE_DECIDED, CRM_WRITE)
    }
    for row in sorted(rows, key=lambda row: (row["topic"], row["partition"], row["kafka_offset"])):
        found.setdefault(row["topic"], []).append(from_json(row["body"]))
    return found


async def submissions(db: Database, submission_id: str) -> list[JsonValue]:
    """Every record of a submission, the first one first; a redelivery is another record."""
    rows = await db.fetch(
        "select topic, partition, kafka_offset, submission_id, source, delivery_id, trust, content_type, sha256, "
        "size_bytes, received_at from submission where submission_id = $1 order by partition, kafka_offset",
        submission_id,
    )
    return [{**dict(row), "received_at": row["received_at"].isoformat()} for row in rows]


async def digests(db: Database, topic: str, after: tuple[int, int], limit: int) -> list[tuple[int, int, str]]:
    """What was noted as submissions were read: partition, offset and sha256 (hex), in that order, after a place."""
    rows = await db.fetch(
        "select partition, kafka_offset, sha256 from submission where topic = $1 and (partition, kafka_offset) > ($2, $3) "
        "order by partition, kafka_offset limit $4",
        topic, *after, limit,
    )  # fmt: skip
    return [(row["partition"], row["kafka_offset"], row["sha256"]) for row in rows]


async def newest_records(db: Database, write_ids: Sequence[str]) -> list[JsonValue]:
    """What crm reported after these writes."""
    rows = await db.fetch(
        "select body from event where topic = $1 and body->>'write_id' = any($2) order by partition, kafka_offset",
        RECORD_CHANGED.name, list(write_ids),
    )  # fmt: skip
    return [from_json(row["body"]) for row in rows]
