"""Keys of subjects: what people said is stored encrypted, each person's under their own key, and destroying it erases them.

A payload is compressed, then encrypted with AES-256-GCM; what it is (its event and part) is authenticated with it. Keys are
random, kept in the database's schema `keys` wrapped by the master key (libs/runtime/master_key.py), and read in batches.
"""

import asyncio
import os
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import asyncpg
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from libs.contracts.codec import SEALED, Cipher, ErasedError, UnreadableError
from libs.runtime.errors import Retryable
from libs.runtime.master_key import MasterKey
from libs.runtime.state import DATABASE_AWAY

FINGERPRINT_BYTES = 8
NONCE_BYTES = 12
FRESH_SECONDS = 30.0
"""A key is believed so long to be there still: an erasure counts everywhere after this time."""
MOST_HELD = 50_000
COMPRESSED, PLAIN = b"z", b"p"
WORTH_COMPRESSING = 256
LEVEL = 1


class Keys(Protocol):
    """Where ciphers come from. Both raise Retryable while keys can't be read."""

    async def reading(self, subjects: Iterable[str]) -> Cipher:
        """A cipher that decrypts what these subjects' keys encrypted."""
        ...

    async def writing(self, subjects: Iterable[str]) -> Cipher:
        """A cipher that encrypts under these subjects' keys, made and stored when they have none. What is encrypted for a
        subject that was erased can't be read by anybody."""
        ...

    def forget(self, subjects: Iterable[str]) -> None:
        """Let go of these subjects' keys at once: they are being erased."""
        ...


@dataclass(slots=True)
class Held:
    """What is known of a subject's keys. `newest` is None where there is none."""

    keys: dict[bytes, AESGCM]
    newest: bytes | None
    erased: bool
    read_at: float


@dataclass(frozen=True, slots=True)
class SubjectCipher:
    """Encrypts and decrypts with the keys that were read for it."""

    held: Mapping[str, Held]

    def encrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:
        """See Cipher."""
        held = self.held.get(subject_key_id)
        if held is None or (held.newest is None and not held.erased):
            raise LookupError("no key was made for this subject: ask `writing` for it first")
        if held.newest is None:
            fingerprint, key = os.urandom(FINGERPRINT_BYTES), AESGCM(os.urandom(32))
        else:
            fingerprint, key = held.newest, held.keys[held.newest]
        nonce = os.urandom(NONCE_BYTES)
        form, body = PLAIN, payload
        if len(payload) >= WORTH_COMPRESSING and len(packed := zlib.compress(payload, LEVEL)) < len(payload):
            form, body = COMPRESSED, packed
        return b"".join((SEALED, form, fingerprint, nonce, key.encrypt(nonce, body, form + context.encode())))

    def decrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:
        """See Cipher. Raises Retryable for a key that is neither here nor destroyed: the keys are of another history."""
        at = len(SEALED)
        form, fingerprint = payload[at : at + 1], payload[at + 1 : at + 1 + FINGERPRINT_BYTES]
        at += 1 + FINGERPRINT_BYTES
        nonce, body = payload[at : at + NONCE_BYTES], payload[at + NONCE_BYTES :]
        held = self.held.get(subject_key_id)
        if held is not None and held.erased:
            raise ErasedError("its subject was erased")
        key = None if held is None else held.keys.get(fingerprint)
        if key is None:
            raise Retryable(
                f"key {fingerprint.hex()} of subject {subject_key_id} is not among the keys, and the subject was not erased: "
                "restore the schema `keys` as it was, or wait for it"
            )
        try:
            opened = key.decrypt(nonce, body, form + context.encode())
            return zlib.decompress(opened) if form == COMPRESSED else opened
        except (InvalidTag, zlib.error, ValueError):
            raise UnreadableError("it was altered, or stands in another's place") from None


@dataclass
class _Batch:
    subjects: set[str] = field(default_factory=set)
    found: "asyncio.Future[dict[str, Held]]" = field(default_factory=lambda: asyncio.get_running_loop().create_future())


class Together:
    """Asks for many at once: while one question is out, all that are asked meanwhile become the next one."""

    def __init__(self, ask: Callable[[list[str]], Awaitable[dict[str, Held]]]) -> None:
        self._ask = ask
        self._next: _Batch | None = None
        self._asking: asyncio.Task[None] | None = None

    async def asked(self, subjects: Iterable[str]) -> dict[str, Held]:
        """What is known of these subjects, and of those that were asked for with them."""
        if self._next is None:
            self._next = _Batch()
        self._next.subjects.update(subjects)
        batch = self._next
        if self._asking is None or self._asking.done():
            self._asking = asyncio.create_task(self._all())
        return await asyncio.shield(batch.found)

    async def _all(self) -> None:
        while (batch := self._next) is not None:
            self._next = None
            try:
                batch.found.set_result(await self._ask(sorted(batch.subjects)))
            except Exception as error:
                batch.found.set_exception(error)
                batch.found.exception()  # whoever asked may be gone


class SubjectKeys:
    """Keys in Postgres, read and made in batches and held for a short time.

    `pool` gives the connections; it is asked only when something has to be read, so a process starts without a database.
    """

    def __init__(
        self,
        pool: Callable[[], Awaitable[asyncpg.Pool]],
        master: MasterKey,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._pool, self._master, self._now = pool, master, now
        self._held: dict[str, Held] = {}
        self._reading, self._making = Together(self._read), Together(self._made)

    async def reading(self, subjects: Iterable[str]) -> Cipher:
        """See Keys."""
        known, missing = self._known(subjects)
        return SubjectCipher(known | await self._reading.asked(missing) if missing else known)

    async def writing(self, subjects: Iterable[str]) -> Cipher:
        """See Keys."""
        known, missing = self._known(subjects)
        missing += [one for one, held in known.items() if held.newest is None and not held.erased]
        return SubjectCipher(known | await self._making.asked(missing) if missing else known)

    def forget(self, subjects: Iterable[str]) -> None:
        """Take these subjects for erased from now on, before their keys are read again."""
        for subject in subjects:
            self._held[subject] = Held({}, None, True, self._now())

    def _known(self, subjects: Iterable[str]) -> tuple[dict[str, Held], list[str]]:
        """What is held and fresh, and the rest."""
        fresh_since = self._now() - FRESH_SECONDS
        known: dict[str, Held] = {}
        missing: list[str] = []
        for one in set(subjects):
            held = self._held.get(one)
            if held is not None and held.read_at >= fresh_since:
                known[one] = held
            elif one:
                missing.append(one)
        return known, missing

    async def _read(self, subjects: list[str]) -> dict[str, Held]:
        rows = await self._fetched(
            "select subject_key_id, fingerprint, wrapped from subject_key where subject_key_id = any($1::text[]) "
            "union all select subject_key_id, null, null from erased where subject_key_id = any($1::text[])",
            subjects,
        )
        return self._taken(subjects, rows)

    async def _made(self, subjects: list[str]) -> dict[str, Held]:
        """The subjects' keys; whoever has none gets one, stored before anything is encrypted with it. Two processes may make
        one each at the same time: both are kept, and both are read."""
        new = {one: (os.urandom(FINGERPRINT_BYTES), AESGCM.generate_key(256)) for one in subjects}
        rows = await self._fetched(
            "with held as (select subject_key_id, fingerprint, wrapped from subject_key where subject_key_id = any($1::text[])), "
            "made as (insert into subject_key (subject_key_id, fingerprint, wrapped) "
            "select * from unnest($1::text[], $2::bytea[], $3::bytea[]) one(id, fingerprint, wrapped) "
            "where not exists (select from held where subject_key_id = one.id) returning subject_key_id, fingerprint, wrapped) "
            "select * from held union all select * from made "
            "union all select subject_key_id, null, null from erased where subject_key_id = any($1::text[])",
            subjects,
            [fingerprint for fingerprint, _ in new.values()],
            [self._master.wrapped(key, one) for one, (_, key) in new.items()],
        )
        return self._taken(subjects, rows)

    async def _fetched(self, query: str, *arguments: object) -> Sequence[asyncpg.Record]:
        try:
            rows: Sequence[asyncpg.Record] = await (await self._pool()).fetch(query, *arguments)
        except DATABASE_AWAY as error:
            raise Retryable(f"the keys can't be read ({type(error).__name__}): is Postgres away?") from error
        return rows

    def _taken(self, subjects: Iterable[str], rows: Sequence[asyncpg.Record]) -> dict[str, Held]:
        now = self._now()
        found = {one: Held({}, None, False, now) for one in subjects}
        for subject, fingerprint, wrapped in rows:
            held, known = found[subject], self._held.get(subject)
            if fingerprint is None:
                held.erased = True
                continue
            key = known.keys.get(fingerprint) if known is not None else None
            held.keys[fingerprint] = key or AESGCM(self._master.unwrapped(wrapped, subject))
            held.newest = fingerprint
        for subject, held in found.items():
            self._held.pop(subject, None)
            if held.erased:
                held.keys, held.newest = {}, None
            if held.erased or held.keys:
                self._held[subject] = held
        while len(self._held) > MOST_HELD:
            del self._held[next(iter(self._held))]
        return found


class NoKeys:
    """Everything in the clear: for an installation without a master key."""

    async def reading(self, subjects: Iterable[str]) -> Cipher:  # noqa: ARG002
        """See Keys."""
        return _InTheClear()

    async def writing(self, subjects: Iterable[str]) -> Cipher:  # noqa: ARG002
        """See Keys."""
        return _InTheClear()

    def forget(self, subjects: Iterable[str]) -> None:
        """See Keys."""


class _InTheClear:
    def encrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:  # noqa: ARG002
        return payload

    def decrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:  # noqa: ARG002
        raise UnreadableError("it is encrypted, and this process has no master key: set SIGNALBOX_MASTER_KEY")
