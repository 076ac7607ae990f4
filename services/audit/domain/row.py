"""From a Kafka record to a row of the log: the stored bytes, and beside them the columns that questions are asked by."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from types import MappingProxyType
from typing import Any

from pydantic_core import PydanticSerializationError

from libs.contracts.codec import Cipher, ErasedError, Headers, UnreadableError, decode
from libs.contracts.events import ChangeRecorded
from libs.contracts.topics import AUDIT_CHANGE

COLUMNS: Mapping[str, str] = MappingProxyType({
    "event_id": "text", "change_id": "text", "record_type": "text", "record_id": "text", "field": "text",
    "status": "text", "source_kind": "text", "source_name": "text", "source_trust": "float8", "confidence": "float8",
    "actor_kind": "text", "actor_id": "text", "workflow_name": "text", "workflow_version": "text", "model_version": "text",
    "policy_version": "text", "trigger_event_id": "text", "lead_id": "text", "trace_id": "text", "at": "timestamptz",
    "rule": "text", "reverts": "text", "effect": "text",
})  # fmt: skip
"""The columns that repeat what the bytes say, and their SQL types. The bytes are the truth; `verify` compares.

None holds a value, a quote or a text that may tell of one: those are read from the bytes, which may be encrypted.
"""

INDEXED = ("event_id", "change_id", "record_id", "field", "lead_id", "trigger_event_id", "source_name", "actor_id",
           "workflow_name", "workflow_version", "model_version", "policy_version", "reverts")  # fmt: skip
INDEXED_MAX = 500
"""Characters; an index row holds 2,704 bytes, and an id is never this long."""


ERASED = "its subject was erased"
UNSTORABLE = "unstorable"
"""How the problem of a row begins whose columns Postgres refused."""


@dataclass(frozen=True, slots=True)
class Read:
    """What a record says, as columns, or why it can't be read. The bytes are kept either way."""

    columns: Mapping[str, Any] | None
    problem: str | None = None
    erased: bool = False
    """Its subject was erased: the bytes are whole, and nobody can read them."""


def read_change(value: bytes | None, headers: Headers, cipher: Cipher | None = None) -> Read:
    """The columns of one record of `audit.change.v1`; never raises for what is in the record."""
    try:
        return Read(columns_of(decode(AUDIT_CHANGE, value, headers, cipher)))
    except ErasedError:
        return Read(None, ERASED, erased=True)
    except (UnreadableError, PydanticSerializationError, OverflowError, ValueError) as error:
        return Read(None, str(error)[:300])


def columns_of(event: ChangeRecorded) -> dict[str, Any]:
    """The columns of a change. Raises ValueError for what an index can't hold."""
    change = event.change
    columns: dict[str, Any] = {
        "event_id": event.event_id, "change_id": change.change_id,
        "record_type": change.record.type, "record_id": change.record.id, "field": change.field,
        "status": change.status.value, "source_kind": change.source.kind, "source_name": change.source.name,
        "source_trust": change.source.trust, "confidence": change.confidence,
        "actor_kind": change.actor.kind, "actor_id": change.actor.id,
        "workflow_name": change.workflow.name, "workflow_version": change.workflow.version,
        "model_version": change.model_version, "policy_version": change.policy_version,
        "trigger_event_id": change.trigger_event_id, "lead_id": change.lead_id, "trace_id": change.trace_id,
        "at": in_utc(change.at), "rule": change.rule, "reverts": change.reverts, "effect": change.effect.value,
    }  # fmt: skip
    for name in INDEXED:
        if columns[name] is not None and len(columns[name]) > INDEXED_MAX:
            raise ValueError(f"{name} has more than {INDEXED_MAX} characters")
    return columns


def aware(at: datetime) -> datetime:
    """The time with a zone; one without is taken as UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at


def in_utc(at: datetime) -> datetime:
    """The time in UTC, as it is stored. Raises ValueError or OverflowError near the ends of the calendar,
    where the database's driver means infinity."""
    moved = aware(at).astimezone(UTC)
    if not 1 < moved.year < 9999:
        raise ValueError("a time outside the years 2 to 9998")
    return moved


def wrong_columns(stored: Mapping[str, Any], problem: str | None, read: Read) -> Sequence[str]:
    """The columns that are not as the sink would write them for these bytes. `problem`: why the row was kept unread.

    A row that was unread because of its schema's age, or because Postgres refused a column, may be readable by now.
    """
    if problem is None:
        return differing_columns(stored, read)
    filled = [name for name in COLUMNS if stored[name] is not None]
    may_be_read_now = problem.startswith(UNSTORABLE) or "newer than this code" in problem or "no upcaster" in problem
    return filled or (["readable"] if read.columns is not None and not may_be_read_now else [])


def differing_columns(stored: Mapping[str, Any], read: Read) -> Sequence[str]:
    """The columns that do not say what the bytes say."""
    said = read.columns or dict.fromkeys(COLUMNS)
    return [] if stored == said else [name for name in COLUMNS if stored[name] != said[name]]
