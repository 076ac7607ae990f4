"""A record as it was read, and decrypted."""

from collections.abc import AsyncGenerator, AsyncIterable, Sequence
from dataclasses import dataclass
from typing import Protocol

from libs.contracts.codec import (
    FACTS,
    SEALED,
    Cipher,
    ErasedError,
    UnreadableError,
    body_of,
    facts_of,
    header,
    subject_in,
)
from libs.runtime.keys import Keys

AT_ONCE = 500
"""Records whose keys are read together."""


class Record(Protocol):
    """A record as a consumer hands it out; `timestamp` in milliseconds."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


@dataclass(slots=True)
class OpenRecord:
    """A record whose value and facts are decrypted."""

    topic: str
    partition: int
    offset: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str, bytes]]
    timestamp: int


def opened(record: Record, cipher: Cipher) -> Record:
    """The record decrypted; itself when it is not sealed. Raises ErasedError, and UnreadableError where it was altered."""
    if record.value is None:
        return record
    facts = facts_of(record.headers)
    if facts is None:
        if not record.value.startswith(SEALED):
            return record
        value, headers = cipher.decrypt(subject_in(record.headers), _id(record), record.value), record.headers
    else:
        if not facts.startswith(SEALED):
            return record
        told = cipher.decrypt(subject_in(record.headers), _id(record), facts)
        value = body_of(record.value, record.headers, cipher)
        headers = [(name, told if name == FACTS else held) for name, held in record.headers]
    return OpenRecord(record.topic, record.partition, record.offset, record.key, value, headers, record.timestamp)


async def readable(records: AsyncIterable[Record], keys: Keys, *, erased: bool = False) -> AsyncGenerator[Record, None]:
    """The records in order, each decrypted; one that was altered stays as it is.

    Those of erased subjects are left out, unless `erased`: then they stay as they are too. Raises Retryable while keys
    can't be read.
    """
    waiting: list[Record] = []
    async for record in records:
        waiting.append(record)
        if len(waiting) >= AT_ONCE:
            for one in await opened_all(waiting, keys, erased=erased):
                yield one
            waiting = []
    for one in await opened_all(waiting, keys, erased=erased):
        yield one


async def opened_all(records: Sequence[Record], keys: Keys, *, erased: bool = False) -> list[Record]:
    """A batch as `readable` gives it."""
    cipher = await keys.reading(subject_in(record.headers) for record in records)
    found = []
    for record in records:
        try:
            found.append(opened(record, cipher))
        except ErasedError:
            found += [record] if erased else []
        except UnreadableError:
            found.append(record)
    return found


def _id(record: Record) -> str:
    return header(record.headers, "ce_id")
