"""The hash chain over the audit log: one chain per Kafka partition, each row bound to the one before it.

A row's hash is sha256 over a 0x00 byte, the chain's number, the row's number, its Kafka offset, the hash before it, the
length of the stored bytes and the bytes. All but the last are of fixed width, so no two rows hash the same text; and
all of it stands in the topic, so anyone who can read the topic can compute the chain again.
"""

import hashlib
import struct
from collections.abc import Iterable
from dataclasses import dataclass

GENESIS = bytes(32)
"""The hash before the first row."""

_PREFIX = struct.Struct(">BIQQ32sQ")


@dataclass(frozen=True, slots=True)
class Link:
    """One stored row of a chain. `value` is the Kafka record's value as it came; `seq` counts from 1."""

    chain: int
    seq: int
    kafka_offset: int
    prev: bytes
    hash: bytes
    value: bytes


@dataclass(frozen=True, slots=True)
class Head:
    """Where a chain ends by its own account: the last row's number, hash and Kafka offset."""

    chain: int
    seq: int = 0
    hash: bytes = GENESIS
    kafka_offset: int = -1


def link_hash(chain: int, seq: int, kafka_offset: int, prev: bytes, value: bytes) -> bytes:
    """The hash of one row; `prev` has 32 bytes. Raises struct.error for a number out of range."""
    digest = hashlib.sha256(_PREFIX.pack(0, chain, seq, kafka_offset, prev, len(value)))
    digest.update(value)
    return digest.digest()


def extend(head: Head, records: Iterable[tuple[int, bytes]]) -> tuple[list[Link], Head]:
    """The rows for (kafka offset, value) records that follow `head`, and the head after them."""
    links: list[Link] = []
    seq, prev, last = head.seq, head.hash, head.kafka_offset
    for last, value in records:
        seq += 1
        held = link_hash(head.chain, seq, last, prev, value)
        links.append(Link(head.chain, seq, last, prev, held, value))
        prev = held
    return links, Head(head.chain, seq, prev, last)


def seal_holds(link: Link, seq: int | None = None, prev: bytes | None = None) -> bool:
    """Whether a row's own hash is right for its bytes, its number and its `prev` (or for those given instead)."""
    before = link.prev if prev is None else prev
    number = link.seq if seq is None else seq
    if len(before) != len(GENESIS) or number < 1 or link.kafka_offset < 0:
        return False
    return link_hash(link.chain, number, link.kafka_offset, before, link.value) == link.hash
