"""Signed checkpoints: where a chain ended at a time, told in lines that hold each other and lie outside of the database.

A line is canonical JSON (sorted keys, no spaces) with an Ed25519 signature over all of it but `sig`, and with the sha256 of
the line before it. Rewriting the log then also takes the signer's key; taking a line out breaks the next one's `prev`. A
line of kind `key` is how a key hands over to the next: it names the new one and is signed by the old.
"""

import hashlib
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from services.audit.domain.chain import GENESIS, Head

DOMAIN = b"signalbox audit checkpoint\x00"
"""What a signature is made over begins so: a key that signs other things too can't be made to sign a checkpoint."""


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """A chain's head as it was signed; `at` is when, by the signer's clock (UTC)."""

    head: Head
    at: datetime


@dataclass(frozen=True, slots=True)
class Problem:
    """A line that is not as it was written. `line` counts from 1."""

    file: str
    line: int
    detail: str


@dataclass
class Book:
    """What was signed, in the order of the lines. `torn` are lines that a crash cut short: they never counted."""

    checkpoints: list[Checkpoint] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)
    torn: int = 0
    lines: int = 0

    def of_chain(self, chain: int) -> list[Checkpoint]:
        """A chain's checkpoints by row number."""
        return sorted((one for one in self.checkpoints if one.head.chain == chain), key=lambda one: one.head.seq)

    def newest_before(self, chain: int, at: datetime) -> Checkpoint | None:
        """The last checkpoint of a chain that was signed at or before a time."""
        return max(
            (one for one in self.of_chain(chain) if one.at <= at), key=lambda one: (one.at, one.head.seq), default=None
        )


def key_id(public: Ed25519PublicKey) -> str:
    """The name of a key: the first 16 hex digits of the sha256 of its 32 bytes."""
    return hashlib.sha256(raw_of(public)).hexdigest()[:16]


def raw_of(public: Ed25519PublicKey) -> bytes:
    """The 32 bytes of a public key."""
    return public.public_bytes(Encoding.Raw, PublicFormat.Raw)


def public_keys(pem: bytes) -> list[Ed25519PublicKey]:
    """The Ed25519 keys of a PEM file, which may hold several. Raises ValueError when it holds none or something else."""
    mark = b"-----BEGIN PUBLIC KEY-----"
    found = [load_pem_public_key(mark + part) for part in pem.split(mark)[1:]]
    keys = [one for one in found if isinstance(one, Ed25519PublicKey)]
    if not keys or len(keys) < len(found):
        raise ValueError("no Ed25519 public key in PEM")
    return keys


def line_hash(line: bytes) -> bytes:
    """What the next line names as the one before it."""
    return hashlib.sha256(line).digest()


def checkpoint_line(head: Head, at: datetime, prev: bytes, key: Ed25519PrivateKey) -> bytes:
    """The signed line of a checkpoint, without its line end."""
    told = {"chain": head.chain, "seq": head.seq, "hash": head.hash.hex(), "offset": head.kafka_offset}
    return _signed({"kind": "checkpoint", **told}, at, prev, key)


def handover_line(new: Ed25519PublicKey, at: datetime, prev: bytes, key: Ed25519PrivateKey) -> bytes:
    """The line by which `key` names the key that signs after it."""
    return _signed({"kind": "key", "public": raw_of(new).hex()}, at, prev, key)


def _signed(told: dict[str, Any], at: datetime, prev: bytes, key: Ed25519PrivateKey) -> bytes:
    moment = at.astimezone(UTC).isoformat(timespec="microseconds")
    body = {**told, "at": moment, "prev": prev.hex(), "key": key_id(key.public_key())}
    return _canonical({**body, "sig": key.sign(DOMAIN + _canonical(body)).hex()})


def _canonical(body: dict[str, Any]) -> bytes:
    return json.dumps(body, sort_keys=True, separators=(",", ":")).encode()


class Reader:
    """Takes in the lines of one file, in order; what it found stands in `book`.

    `before` is the hash that the next line has to name; `told` the newest head of each chain by a signature that holds.
    """

    def __init__(self, file: str, trusted: Iterable[Ed25519PublicKey], book: Book | None = None) -> None:
        self._file = file
        self._keys: dict[str, Ed25519PublicKey] = {}
        self._retired: set[str] = set()
        self._torn_at: list[int] = []
        self._number = 0
        self.before = GENESIS
        self.told: dict[int, Head] = {}
        self.book = book or Book()
        self.trust(trusted)

    def trust(self, keys: Iterable[Ed25519PublicKey]) -> None:
        """Believe these keys too, but those that have handed over."""
        self._keys.update({key_id(one): one for one in keys if key_id(one) not in self._retired})

    def take(self, line: bytes) -> None:
        """Read a line without its line end."""
        self._number += 1
        body = _parsed(line)
        if body is None:
            self._torn_at.append(self._number)
            return
        self.book.lines += 1
        if body["prev"] != self.before.hex():
            self._wrong(f"it does not follow the line before it{self._torn_note()}")
        self.book.torn += len(self._torn_at)
        self._torn_at.clear()
        self.before = line_hash(line)
        key = self._keys.get(body["key"])
        if key is None:
            self._wrong(f"signed with the key {body['key'][:16]!r}, which is none of yours")
        elif not _is_signed(body, key):
            self._wrong("its signature does not hold")
        else:
            self._believe(body)

    def end(self) -> Book:
        """All that was found. A cut line at the very end is what a crash leaves, and no problem."""
        if len(self._torn_at) > 1:
            self._wrong("several lines at the end can't be read")
        self.book.torn += len(self._torn_at)
        self._torn_at.clear()
        return self.book

    def _believe(self, body: dict[str, Any]) -> None:
        try:
            if (head := _head_in(body)) is not None:
                if head.seq > self.told.get(head.chain, Head(head.chain)).seq:
                    self.told[head.chain] = head
                self.book.checkpoints.append(Checkpoint(head, datetime.fromisoformat(body["at"])))
                return
            new = Ed25519PublicKey.from_public_bytes(bytes.fromhex(body["public"]))
        except (KeyError, TypeError, ValueError):
            self._wrong("signed, but of no kind that this version knows")
            return
        self._retired.add(body["key"])
        del self._keys[body["key"]]  # whoever signs with it from here on has stolen it
        self._keys[key_id(new)] = new

    def _torn_note(self) -> str:
        return f" (line {self._torn_at[0]} can't be read)" if self._torn_at else ""

    def _wrong(self, detail: str) -> None:
        self.book.problems.append(Problem(self._file, self._number, detail))


def read_book(files: Sequence[tuple[str, Iterable[bytes]]], trusted: Sequence[Ed25519PublicKey]) -> Book:
    """What stands in files, each given as its name and its lines without line ends."""
    book = Book()
    for name, lines in files:
        reader = Reader(name, trusted, book)
        for line in lines:
            reader.take(line)
        reader.end()
    return book


def _parsed(line: bytes) -> dict[str, Any] | None:
    """The fields of a line; None when it is no whole line in canonical form."""
    try:
        body = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(body, dict) or not all(
        isinstance(body.get(name), str) for name in ("prev", "key", "sig", "kind")
    ):
        return None
    return body if _canonical(body) == line else None


def _head_in(body: dict[str, Any]) -> Head | None:
    """The head that a line of kind `checkpoint` tells; None in any other line."""
    chain, seq, offset, told = (body.get(name) for name in ("chain", "seq", "offset", "hash"))
    if body["kind"] != "checkpoint" or not (type(chain) is type(seq) is type(offset) is int and isinstance(told, str)):
        return None
    try:
        return Head(chain, seq, bytes.fromhex(told), offset)
    except ValueError:
        return None


def _is_signed(body: dict[str, Any], key: Ed25519PublicKey) -> bool:
    unsigned = {name: value for name, value in body.items() if name != "sig"}
    try:
        signature = bytes.fromhex(body["sig"])
        key.verify(signature, DOMAIN + _canonical(unsigned))
    except (InvalidSignature, ValueError):
        return False
    return bool(signature.hex() == body["sig"])  # one spelling: no second line says the same
