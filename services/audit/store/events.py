"""Questions to the events beside the log: where raw submissions stand, and what a lead's journey is told from."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from pydantic import JsonValue

from libs.contracts.codec import ErasedError, UnreadableError, decode
from libs.contracts.events import Event
from libs.contracts.topics import BY_NAME, LEAD_ROUTED, RECORD_CHANGED, Topic
from libs.runtime.keys import Keys
from services.audit.domain.move import Move
from services.audit.domain.why import Raw
from services.audit.store.log import Database, headers_of

E = TypeVar("E", bound=Event)

_RAW = "select submission_id, event_id, source, topic, partition, kafka_offset, sha256, received_at from submission"
_EVENT = "topic, partition, kafka_offset, event_id as ce_id, schema_version, subject_key_id, bytes"


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
        "select lead_id, submission_id from event "
        "where lead_id = any($1) and topic = $2",
        sorted(lead_ids), LEAD_ROUTED.name,
    )  # fmt: skip
    return {row["lead_id"]: row["submission_id"] for row in rows if row["submission_id"]}


def _raw(row: Any) -> Raw:
    return Raw(
        submission_id=row["submission_id"], source=row["source"], topic=row["topic"], partition=row["partition"],
        offset=row["kafka_offset"], sha256=row["sha256"], received_at=row["received_at"],
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class LeadEvents:
    """A lead's events, each once, in the order of its topic; those that can't be read by their places alone."""

    by_topic: Mapping[str, Sequence[Event]]
    unreadable: tuple[str, ...]

    def of(self, topic: Topic[E]) -> list[E]:
        """The events of a topic."""
        return [event for event in self.by_topic.get(topic.name, ()) if isinstance(event, topic.event)]


async def lead_events(db: Database, lead_id: str, keys: Keys) -> LeadEvents:
    """All events of a lead. Raises Retryable while keys can't be read."""
    rows = await db.fetch(
        f"select distinct on (topic, partition, event_id) {_EVENT} "  # noqa: S608 - names of ours
        "from event where lead_id = $1 order by topic, partition, event_id, kafka_offset",
        lead_id,
    )
    return await _read(sorted(rows, key=lambda row: (row["topic"], row["partition"], row["kafka_offset"])), keys)


async def _read(rows: Sequence[Any], keys: Keys) -> LeadEvents:
    cipher = await keys.reading(row["subject_key_id"] for row in rows)
    found: dict[str, list[Event]] = {}
    unreadable = []
    for row in rows:
        try:
            event = decode(BY_NAME[row["topic"]], row["bytes"], headers_of(row), cipher)
        except ErasedError:
            continue
        except UnreadableError as error:
            unreadable.append(f"{row['topic']} partition {row['partition']} offset {row['kafka_offset']}: {error}")
        else:
            found.setdefault(row["topic"], []).append(event)
    return LeadEvents(found, tuple(unreadable))


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


async def newest_records(db: Database, write_ids: Sequence[str], keys: Keys) -> list[JsonValue]:
    """What crm reported after these writes. Raises Retryable while keys can't be read."""
    rows = await db.fetch(
        f"select {_EVENT} from event where topic = $1 and write_id = any($2) order by partition, kafka_offset",  # noqa: S608
        RECORD_CHANGED.name, list(write_ids),
    )  # fmt: skip
    return [event.model_dump(mode="json") for event in (await _read(rows, keys)).of(RECORD_CHANGED)]
