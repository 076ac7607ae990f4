"""Changes, moves and records for audit's tests."""

from collections.abc import AsyncGenerator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from aiokafka.structs import ConsumerRecord

from libs.contracts import ids
from libs.contracts.change import Actor, Effect, Evidence, FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.codec import encode
from libs.contracts.events import ChangeRecorded, Event
from libs.contracts.topics import AUDIT_CHANGE, BY_NAME, Topic
from libs.runtime.record import Record
from services.audit.domain.move import Move

T0 = datetime(2026, 11, 1, 9, 0, tzinfo=UTC)
COMPANY = RecordRef(type="company", id="company-1")
ENRICH = Workflow(name="enrich", version="3")
ALICE = Actor(kind="human", id="alice")
RULE = Actor(kind="rule", id="enrich")


def at(minutes: float) -> datetime:
    """A time some minutes after the tests' first moment."""
    return T0 + timedelta(minutes=minutes)


def change(number: int = 1, **given: Any) -> FieldChange:
    """An applied change of a company's industry, the `number`-th; any field of it may be given."""
    values: dict[str, Any] = {
        "record": COMPANY, "field": "industry", "new": f"value {number}", "old": None,
        "source": Source(kind="provider", name="offline", trust=0.8), "confidence": 0.9, "actor": RULE,
        "evidence": (Evidence(quote="we build robots", where="message"),), "reason": "looked up",
        "effect": Effect.REVERSIBLE, "change_id": f"change-{number}", "workflow": ENRICH, "policy_version": "p1",
        "trigger_event_id": f"trigger-{number}", "lead_id": "lead-1", "status": Status.APPLIED,
        "rule": "fields.yaml:industry", "at": at(number),
    }  # fmt: skip
    return FieldChange(**{**values, **given})


def move(number: int = 1, **given: Any) -> Move:
    """A change as the log holds it, at row `number` of chain 0."""
    return Move(0, number, number * 2, "0" * 64, f"event-{number}", change(number, **given))


def recorded(change: FieldChange, event_id: str = "") -> ChangeRecorded:
    """The event of a change."""
    name = event_id or ids.derived_id("audit", change.change_id, change.status, str(change.at))
    return ChangeRecorded(event_id=name, caused_by=change.trigger_event_id, decided_at=change.at, change=change)


def record(
    topic: Topic[Any], offset: int, event: Event, *, partition: int = 0, raw: bytes | None = None
) -> ConsumerRecord:
    """The Kafka record of an event, as a consumer hands it out."""
    encoded = encode(topic, event, "key", source="test", raw=raw)
    return raw_record(topic.name, offset, encoded.value, encoded.headers, partition)


def raw_record(
    topic: str, offset: int, value: bytes | None, headers: Any = (), partition: int = 0, timestamp: int | None = None
) -> ConsumerRecord:
    """A Kafka record with any bytes; taken by the broker a second after the one before it unless `timestamp` (ms) is given."""
    taken = int(T0.timestamp() + offset) * 1000 if timestamp is None else timestamp
    assert topic in BY_NAME
    return ConsumerRecord(
        topic=topic, partition=partition, offset=offset, timestamp=taken, timestamp_type=1, key=b"key", value=value,
        checksum=None, serialized_key_size=3, serialized_value_size=len(value or b""), headers=tuple(headers),
    )  # fmt: skip


def change_record(offset: int, change: FieldChange, partition: int = 0, event_id: str = "") -> ConsumerRecord:
    """The record of a change on `audit.change.v1`."""
    return record(AUDIT_CHANGE, offset, recorded(change, event_id), partition=partition)


async def scan(records: Sequence[Record], partition: int, start: int) -> AsyncGenerator[Record, None]:
    """The records of a partition from an offset on, as `read_partition` reads them."""
    for held in records:
        if held.partition == partition and held.offset >= start:
            yield held
