"""The hash chain over the audit log: one chain per Kafka partition, each row bound to the one before it.

A row's hash is sha256 over a 0x01 byte, the chain's number, the row's number, its Kafka offset, the hash before it, the
broker's time in microseconds since 1970, the length of the stored bytes and the bytes; integers are big-endian. All but
the last are of fixed width, so no two rows hash the same text; and all of it stands in the topic, so anyone who can read
the topic can compute the chain again. A row whose time is not known (0: written before times were kept, or a record
without one) has a 0x00 byte first and no time.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = bytes(32)
"""The hash before the first row."""
LATEST_MS = 253_370_764_800_000
"""The first moment of the year 9999: the database's driver takes what is near it for infinity."""

_PREFIX = struct.Struct(">BIQQ32sQ")
_TIMED = struct.Struct(">BIQQ32sqQ")


@dataclass(frozen=True, slots=True)
class Link:
    """One stored row of a chain. `value` is the Kafka record's value as it came; `seq` counts from 1; `recorded_us` is the
    broker's time of the record in microseconds since 1970, 0 when it is not known."""

    chain: int
    seq: int
    kafka_offset: int
    prev: bytes
    hash: bytes
    value: bytes
    recorded_us: int = 0


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends by its own account: the last row's number, hash and Kafka offset."""

    chain: int
    seq: int = 0
    hash: bytes = GENESIS
    kafka_offset: int = -1


def link_hash(chain: int, seq: int, kafka_offset: int, prev: bytes, value: bytes, recorded_us: int = 0) -> bytes:
    """The hash of one row; `prev` has 32 bytes. Raises struct.error for a number out of range."""
    if recorded_us:
        prefix = _TIMED.pack(1, chain, seq, kafka_offset, prev, recorded_us, len(value))
    else:
        prefix = _PREFIX.pack(0, chain, seq, kafka_offset, prev, len(value))
    return hashlib.sha256(prefix + value).digest()


def microseconds(timestamp_ms: int) -> int:
    """A Kafka record's timestamp (ms since 1970) as a chain holds it; 0 for none, or one outside the years 1970 to 9998."""
    return timestamp_ms * 1000 if 0 < timestamp_ms < LATEST_MS else 0


def extend(head: Head, records: Iterable[tuple[int, bytes, int]]) -> tuple[list[Link], Head]:
    """The rows for (kafka offset, value, `recorded_us`) records that follow `head`, and the head after them."""
    links: list[Link] = []
    seq, prev, last = head.seq, head.hash, head.kafka_offset
    for last, value, recorded_us in records:
        seq += 1
        held = link_hash(head.chain, seq, last, prev, value, recorded_us)
        links.append(Link(head.chain, seq, last, prev, held, value, recorded_us))
        prev = held
    return links, Head(head.chain, seq, prev, last)


def seal_holds(link: Link, seq: int | None = None, prev: bytes | None = None) -> bool:
    """Whether a row's own hash is right for its bytes, its number and its `prev` (or for those given instead)."""
    before = link.prev if prev is None else prev
    number = link.seq if seq is None else seq
    if len(before) != len(GENESIS) or number < 1 or link.kafka_offset < 0:
        return False
    return link_hash(link.chain, number, link.kafka_offset, before, link.value, link.recorded_us) == link.hash
