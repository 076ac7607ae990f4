"""The master key: wraps subjects' keys. It comes from a file, the environment, or a command such as a KMS's client."""

import hashlib
import os
import shlex
import subprocess
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

COMMAND_SECONDS = 30
NAME_BYTES = 4
NONCE_BYTES = 12


@dataclass(frozen=True)
class MasterKey:
    """Keys by their names (the first bytes of their hashes); the first wraps, all unwrap: so a master key is rotated."""

    keys: tuple[tuple[bytes, AESGCM], ...]

    @classmethod
    def of(cls, hex_keys: str) -> "MasterKey":
        """From lines of 64 hex digits. Raises ValueError, which never quotes a key."""
        keys = []
        for number, line in enumerate(filter(None, map(str.strip, hex_keys.splitlines())), start=1):
            try:
                key = bytes.fromhex(line)
            except ValueError:
                raise ValueError(f"line {number} of the master key is not hex") from None
            if len(key) != 32:
                raise ValueError(f"line {number} of the master key has {len(key)} bytes and not 32")
            keys.append((hashlib.sha256(key).digest()[:NAME_BYTES], AESGCM(key)))
        if not keys:
            raise ValueError("the master key is empty")
        return cls(tuple(keys))

    def wrapped(self, key: bytes, subject: str) -> bytes:
        """A subject's key as it is stored; it can't be moved to another subject."""
        name, master = self.keys[0]
        nonce = os.urandom(NONCE_BYTES)
        return name + nonce + master.encrypt(nonce, key, subject.encode())

    def unwrapped(self, wrapped: bytes, subject: str) -> bytes:
        """The subject's key. Raises ValueError when no master key here wrapped it, or it was altered."""
        name, nonce, body = (
            wrapped[:NAME_BYTES],
            wrapped[NAME_BYTES:][:NONCE_BYTES],
            wrapped[NAME_BYTES + NONCE_BYTES :],
        )
        master = dict(self.keys).get(name)
        if master is None:
            raise ValueError(
                f"a subject's key is wrapped by master key {name.hex()}, and SIGNALBOX_MASTER_KEY holds "
                f"{', '.join(held.hex() for held, _ in self.keys)}"
            )
        try:
            return master.decrypt(nonce, body, subject.encode())
        except InvalidTag:
            raise ValueError(f"the stored key of subject {subject} was altered") from None


def master_key(told: str) -> MasterKey | None:
    """The master key by the setting SIGNALBOX_MASTER_KEY; None when it is empty. Raises ValueError that says what to do."""
    held = _told(told)
    return None if held is None else MasterKey.of(held)


def in_hand(told: str) -> str:
    """The setting as `key:HEX`, whatever it was. Raises like `master_key`."""
    held = _told(told)
    return "" if held is None else "key:" + ",".join(held.split())


def _told(told: str) -> str | None:
    """Lines of hex digits.

    `key:HEX` (several with commas), `file:PATH`, or `exec:COMMAND`, whose output is the key: a KMS's client that decrypts it,
    such as `aws kms decrypt`. Files and commands give lines of 64 hex digits.
    """
    if not told:
        return None
    kind, _, rest = told.partition(":")
    if kind == "file":
        try:
            return Path(rest).read_text()
        except OSError as error:
            raise ValueError(f"the master key's file {rest} can't be read: {error.strerror}") from None
    if kind == "key":
        return rest.replace(",", "\n")
    if kind == "exec":
        done = subprocess.run(  # noqa: S603 - whoever sets this starts the process too
            shlex.split(rest), capture_output=True, timeout=COMMAND_SECONDS, check=False, text=True
        )
        if done.returncode != 0:
            raise ValueError(f"the master key's command ended with {done.returncode}: {done.stderr.strip()[:200]}")
        return done.stdout
    raise ValueError("SIGNALBOX_MASTER_KEY begins with key:, file: or exec:")
