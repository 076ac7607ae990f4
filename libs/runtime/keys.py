"""Keys of subjects: what people said is stored encrypted, each person's under their own key, and destroying it erases them.

A payload is compressed, then encrypted with AES-256-GCM; what it is (its event and part) is authenticated with it. Keys are
random, kept in the database's schema `keys` wrapped by the master key (libs/runtime/master_key.py), and read in batches.
"""

import os
import time
import zlib
from collections.abc import Awaitable, Callable, Iterable, Mapping
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
class SubjectKeys:
    """Keys in Postgres, read and made in batches and held for a short time.

    `pool` gives the connections; it is asked only when something has to be read, so a process starts without a database.
    """

    pool: Callable[[], Awaitable[asyncpg.Pool]]
    master: MasterKey
    now: Callable[[], float] = time.monotonic
    _held: dict[str, Held] = field(default_factory=dict)

    async def reading(self, subjects: Iterable[str]) -> Cipher:
        """See Keys."""
        return SubjectCipher(await self._known(set(subjects) - {""}))

    async def writing(self, subjects: Iterable[str]) -> Cipher:
        """See Keys."""
        wanted = set(subjects) - {""}
        known = await self._known(wanted)
        if new := [one for one in wanted if known[one].newest is None and not known[one].erased]:
            known |= await self._made(new)
        return SubjectCipher(known)

    async def _known(self, subjects: set[str]) -> dict[str, Held]:
        now = self.now()
        known = {one: held for one in subjects if (held := self._held.get(one)) and now - held.read_at < FRESH_SECONDS}
        if missing := sorted(subjects - known.keys()):
            known |= await self._read(missing)
        return known

    async def _read(self, subjects: list[str]) -> dict[str, Held]:
        pool = await self.pool()
        try:
            rows = await pool.fetch(
                "select subject_key_id, fingerprint, wrapped from subject_key where subject_key_id = any($1::text[]) "
                "union all select subject_key_id, null, null from erased where subject_key_id = any($1::text[])",
                subjects,
            )
        except DATABASE_AWAY as error:
            raise _away(error) from error
        now = self.now()
        found = {one: Held({}, None, False, now) for one in subjects}
        for subject, fingerprint, wrapped in rows:
            held, known = found[subject], self._held.get(subject)
            if fingerprint is None:
                held.erased = True
                continue
            key = known.keys.get(fingerprint) if known is not None else None
            held.keys[fingerprint] = key or AESGCM(self.master.unwrapped(wrapped, subject))
            held.newest = fingerprint
        for one in found.values():
            if one.erased:
                one.keys, one.newest = {}, None
        self._hold({subject: held for subject, held in found.items() if held.erased or held.keys})
        return found

    async def _made(self, subjects: list[str]) -> dict[str, Held]:
        """New keys, stored before anything is encrypted with them. One for a subject that is erased at this moment is not."""
        made = {subject: (os.urandom(FINGERPRINT_BYTES), os.urandom(32)) for subject in sorted(subjects)}
        pool = await self.pool()
        try:
            stored = await pool.fetch(
                "insert into subject_key (subject_key_id, fingerprint, wrapped) "
                "select * from unnest($1::text[], $2::bytea[], $3::bytea[]) returning subject_key_id",
                list(made),
                [fingerprint for fingerprint, _ in made.values()],
                [self.master.wrapped(key, subject) for subject, (_, key) in made.items()],
            )
        except DATABASE_AWAY as error:
            raise _away(error) from error
        kept, now = {row[0] for row in stored}, self.now()
        found = {
            subject: Held({fingerprint: AESGCM(key)}, fingerprint, False, now)
            if subject in kept
            else Held({}, None, True, now)
            for subject, (fingerprint, key) in made.items()
        }
        self._hold(found)
        return found

    def _hold(self, found: Mapping[str, Held]) -> None:
        for subject in found:
            self._held.pop(subject, None)
        self._held.update(found)
        while len(self._held) > MOST_HELD:
            del self._held[next(iter(self._held))]


def _away(error: BaseException) -> Retryable:
    return Retryable(f"the keys can't be read ({type(error).__name__}): is Postgres away?")


class NoKeys:
    """Everything in the clear: for an installation without a master key."""

    async def reading(self, subjects: Iterable[str]) -> Cipher:  # noqa: ARG002
        """See Keys."""
        return _InTheClear()

    async def writing(self, subjects: Iterable[str]) -> Cipher:  # noqa: ARG002
        """See Keys."""
        return _InTheClear()


class _InTheClear:
    def encrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:  # noqa: ARG002
        return payload

    def decrypt(self, subject_key_id: str, context: str, payload: bytes) -> bytes:  # noqa: ARG002
        raise UnreadableError("it is encrypted, and this process has no master key: set SIGNALBOX_MASTER_KEY")
