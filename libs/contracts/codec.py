"""The one place where Kafka bytes become events and events become bytes (CloudEvents 1.0, Kafka binary binding)."""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Protocol, TypeVar

from pydantic import ValidationError
from pydantic_core import from_json

from libs.contracts.base import Model
from libs.contracts.events import Event
from libs.contracts.lead import Position
from libs.contracts.topics import DEAD_LETTERS, Topic

E = TypeVar("E", bound=Event)
M = TypeVar("M", bound=Model)
Headers = Sequence[tuple[str, bytes]]

FACTS = "sb_facts"
"""Header that holds an event's JSON when the value is raw bytes."""
SEALED = b"\x00SB1"
"""What a sealed payload begins with; no JSON begins with a zero byte."""
_ESCAPED = re.compile(rb"\\u0000|\\u[dD][89abAB][0-9a-fA-F]{2}(?!\\u[dD][c-fC-F])")
_SHAPE = bytes.maketrans(b"123456789E}] \t\r\n", b"000000000e,,,,,,")
_EXPONENT = re.compile(rb"e00+,")
_MANY_DIGITS = b"0" * 300
"""In a payload's shape (digits as 0, what may end a number as a comma): numbers that may be larger than a float holds.

Literals are found at once; in the payload itself ids and hashes hold `3e123` too, and every lead would look suspicious.
"""


BODY = "/body"
"""What the context of raw bytes ends with."""
_DEAD = frozenset(topic.name for topic in DEAD_LETTERS.values())


class UnreadableError(ValueError):
    """The record is not an event of its topic. The message never quotes the payload."""


class ErasedError(UnreadableError):
    """The record's subject was erased: its key is destroyed, and nobody will read it again."""


class Cipher(Protocol):
    """Encrypts and decrypts payloads under subjects' keys, which it holds: it waits for nothing.

    `context` says what the payload is (the event's id, and `/body` for raw bytes): a payload that stands elsewhere does not
    decrypt. `encrypt` returns bytes that begin with SEALED. `decrypt` raises ErasedError, and UnreadableError for bytes that
    are not what was encrypted.
    """

    def encrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes: ...

    def decrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes: ...


@dataclass(frozen=True, slots=True)
class Encoded:
    """A Kafka record ready to send."""

    topic: str
    key: bytes
    value: bytes
    headers: tuple[tuple[str, bytes], ...]


def encode(
    topic: Topic[E],
    event: E,
    key: str,
    *,
    source: str,
    subject_key_id: str = "",
    traceparent: str = "",
    raw: bytes | None = None,
    extra: Headers = (),
) -> Encoded:
    """The record for `event`; `source` is the stage or service that speaks, `key` must hold no personal data.

    It is in the clear until it is `sealed`. On a raw topic `raw` is the value and the event travels in the header
    `sb_facts`. Raises ValueError when the event has no id: ids are the runtime's to give.
    """
    if not event.event_id:
        raise ValueError(f"{type(event).__name__} without an event id")
    payload = type(event).__pydantic_serializer__.to_json(event)  # model_dump_json(), without the way through text
    moment = event.decided_at or datetime.fromtimestamp(0, UTC)
    headers = [
        ("ce_specversion", b"1.0"),
        ("ce_id", event.event_id.encode()),
        ("ce_type", topic.name.encode()),
        ("ce_source", f"/signalbox/{source}".encode()),
        ("ce_time", moment.isoformat().encode()),
        ("ce_causationid", event.caused_by.encode()),
        ("ce_schemaversion", str(topic.schema_version).encode()),
        ("ce_subjectkeyid", subject_key_id.encode()),
    ]
    if traceparent:
        headers.append(("traceparent", traceparent.encode()))
    headers.extend(extra)
    if topic.raw:
        headers.append((FACTS, payload))
        return Encoded(topic.name, key.encode(), raw or b"", tuple(headers))
    headers.append(("content-type", b"application/json"))
    return Encoded(topic.name, key.encode(), payload, tuple(headers))


def is_sealed(payload: bytes | None) -> bool:
    """Whether a payload is encrypted."""
    return payload is not None and payload.startswith(SEALED)


def subject_in(headers: Headers) -> str:
    """The id of the key that a record is, or is to be, sealed under; empty for one that is about nobody."""
    return header(headers, "ce_subjectkeyid")


def sealed(record: Encoded, cipher: Cipher) -> Encoded:
    """The record with its payload encrypted under its subject's key; itself when it is about nobody or sealed already.

    A dead letter stays as it is: its value is another record as it came, sealed, and what it says of that names nobody.
    """
    subject, event_id = subject_in(record.headers), header(record.headers, "ce_id")
    if not subject or record.topic in _DEAD:
        return record
    facts = facts_of(record.headers)
    if facts is None:
        if record.value.startswith(SEALED):
            return record
        return replace(record, value=cipher.encrypt(subject, event_id, record.value))
    if facts.startswith(SEALED):
        return record
    told = cipher.encrypt(subject, event_id, facts)
    headers = tuple((name, told if name == FACTS else value) for name, value in record.headers)
    return replace(record, value=cipher.encrypt(subject, event_id + BODY, record.value), headers=headers)


def facts_of(headers: Headers) -> bytes | None:
    """The facts that stand beside raw bytes, as they are; None where a record's value is its event."""
    return next((value for name, value in headers if name == FACTS), None)


def body_of(value: bytes | None, headers: Headers, cipher: Cipher | None) -> bytes:
    """The raw bytes of a raw record. Raises like `decode` where they can't be decrypted."""
    if value is None or not value.startswith(SEALED):
        return value or b""
    return _opened("a raw body", value, headers, cipher, BODY)


def _opened(what: str, payload: bytes, headers: Headers, cipher: Cipher | None, part: str = "") -> bytes:
    subject = subject_in(headers)
    if cipher is None or not subject:
        raise UnreadableError(f"{what}: encrypted, and no key for it was given")
    return cipher.decrypt(subject, header(headers, "ce_id") + part, payload)


def header(headers: Headers, name: str) -> str:
    """The text of the first header of that name; empty when there is none."""
    for held, value in headers:
        if held == name and value is not None:  # Kafka allows null, whatever a client's types say
            return value.decode("utf-8", "replace")
    return ""


def decode(topic: Topic[E], value: bytes | None, headers: Headers, cipher: Cipher | None = None) -> E:
    """The event of a record. Raises UnreadableError for anything that is not exactly one event of the topic, and ErasedError for
    one whose subject's key is destroyed."""
    return read_as(topic.event, topic, value, headers, cipher)


def read_as(
    shape: type[M], topic: Topic[Any], value: bytes | None, headers: Headers, cipher: Cipher | None = None
) -> M:
    """What of a record's event `shape` has fields for: a fraction of the time that reading all of it takes. Raises like `decode`,
    but does not see what is wrong with the rest of the event."""
    payload = value
    if topic.raw:
        payload = facts_of(headers)
    if payload is None:
        raise UnreadableError(f"{topic.name}: no payload")
    if payload.startswith(SEALED):
        payload = _opened(topic.name, payload, headers, cipher)
    try:
        if _may_be_unstorable(payload):
            _refuse_unstorable(topic.name, payload)
        version = int(header(headers, "ce_schemaversion") or 1)
        if version == topic.schema_version:
            event = shape.model_validate_json(payload)
        else:
            event = shape.model_validate(_upcast(topic, version, from_json(payload)))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        where = ".".join(str(part) for part in first["loc"])
        raise UnreadableError(f"{topic.name}: {first['type']} at {where or 'the top'}") from None
    except (ValueError, RecursionError) as error:
        if isinstance(error, UnreadableError):
            raise
        raise UnreadableError(f"{topic.name}: {type(error).__name__}") from None
    return event


def with_body(event: E, body: bytes, position: Position) -> E:
    """The event of a raw record together with its bytes and place."""
    return event.model_copy(update={"body": body, "position": position})


def _may_be_unstorable(payload: bytes) -> bool:
    """Suspicious at byte level only; a hit inside text or an escaped backslash is told apart by the slow check."""
    if b"\\" in payload and _ESCAPED.search(payload):
        return True
    if b"NaN" in payload or b"Infinity" in payload:
        return True
    shape = payload.translate(_SHAPE, b"+")
    return _MANY_DIGITS in shape or _EXPONENT.search(shape) is not None


def _refuse_unstorable(name: str, payload: bytes) -> None:
    """Raises UnreadableError for NUL, lone surrogates, NaN and infinities; text that merely quotes them passes."""
    value = from_json(payload, allow_inf_nan=False)
    stack: list[Any] = [value]
    while stack:
        item = stack.pop()
        if isinstance(item, str) and "\x00" in item:
            raise UnreadableError(f"{name}: NUL in text")
        if isinstance(item, float) and not math.isfinite(item):
            raise UnreadableError(f"{name}: a number is too large")
        if isinstance(item, dict):
            stack.extend(item.keys())
            stack.extend(item.values())
        elif isinstance(item, list):
            stack.extend(item)


def _upcast(topic: Topic[Any], version: int, payload: dict[str, Any]) -> dict[str, Any]:
    if not 1 <= version <= topic.schema_version:
        raise UnreadableError(
            f"{topic.name}: schema version {version} is newer than this code, which reads {topic.schema_version}"
        )
    for step in topic.upcasters[version - 1 :]:
        payload = step(payload)
    return payload
