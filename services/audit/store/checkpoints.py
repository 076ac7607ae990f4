"""Where signed checkpoints lie: a folder outside of the database, appended to under a lock, and the key they are signed with."""

import contextlib
import fcntl
import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from services.audit.domain.chain import Head
from services.audit.domain.checkpoint import (
    Book,
    Problem,
    Reader,
    checkpoint_line,
    handover_line,
    key_id,
    public_keys,
    read_book,
)

FILE = "checkpoints.jsonl"
SUFFIX = ".jsonl"


class PlaceError(Exception):
    """Checkpoints can't be written or read; the message says where and what to do."""


@dataclass(frozen=True)
class Keys:
    """The signer's key: `private` is for its owner alone, beside it `.pub` holds every public key that ever signed."""

    private: Path

    @property
    def public(self) -> Path:
        """The file that verifiers are given."""
        return self.private.with_suffix(".pub")

    def load(self) -> Ed25519PrivateKey:
        """The private key. Raises PlaceError when it is missing, open to others or none of ours."""
        try:
            mode = self.private.stat().st_mode & 0o077
            key = load_pem_private_key(self.private.read_bytes(), None)
        except (OSError, ValueError, TypeError) as error:
            raise PlaceError(f"the signing key {self.private} can't be read ({type(error).__name__})") from None
        if mode:
            raise PlaceError(f"the signing key {self.private} is open to others: chmod 600 it")
        if not isinstance(key, Ed25519PrivateKey):
            raise PlaceError(f"the signing key {self.private} is no Ed25519 key")
        return key

    def trusted(self) -> list[Ed25519PublicKey]:
        """Every public key in the file beside the private one. Raises PlaceError."""
        return trusted_in(self.public)

    def make(self) -> Ed25519PrivateKey:
        """A new private key in the place of the one that is there, its public one added to the file beside it."""
        key = Ed25519PrivateKey.generate()
        _write(self.private, key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()), 0o600)
        known = self.public.read_bytes() if self.public.exists() else b""
        pem = key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        _write(self.public, known + pem, 0o644)
        return key


def trusted_in(file: Path) -> list[Ed25519PublicKey]:
    """The public keys of a PEM file. Raises PlaceError."""
    try:
        return public_keys(file.read_bytes())
    except (OSError, ValueError) as error:
        raise PlaceError(f"no public key can be read from {file}: {error}") from None


class Place:
    """The folder that this process appends to; what others append is taken in first, under the lock."""

    def __init__(self, folder: Path, keys: Keys) -> None:
        self._file = folder / FILE
        self._keys = keys
        self._reader = Reader(FILE, [])
        self._read_to = 0

    @property
    def file(self) -> Path:
        """Where the lines stand."""
        return self._file

    @property
    def problems(self) -> list[Problem]:
        """The lines that are not as they were written, as far as this process has read."""
        return list(self._reader.book.problems)

    def ready(self) -> None:
        """Make the key on the very first start, and prove that a line could be written. Raises PlaceError."""
        with self._open() as handle:
            if not self._keys.private.exists():
                if os.fstat(handle).st_size:
                    raise PlaceError(
                        f"{self._file} has checkpoints, and the key that signs them is gone from {self._keys.private}: "
                        "put it back, or make another with `signalbox audit key --lost`"
                    )
                self._making(self._keys.make)
            self._keys.load()
            self._take_in(handle)
            os.fsync(handle)
            folder = os.open(self._file.parent, os.O_RDONLY)
            try:
                os.fsync(folder)  # the file's name, too, has to outlive a crash
            finally:
                os.close(folder)

    def newest(self) -> dict[int, Head]:
        """Each chain's head as it was signed last, by whoever did. Raises PlaceError."""
        with self._open() as handle:
            return self._take_in(handle)

    def append(self, heads: Sequence[Head], now: datetime) -> int:
        """Sign these heads and write them through to the disk; returns how many were new. Raises PlaceError."""
        with self._open() as handle:
            last = self._take_in(handle)
            fresh = [head for head in heads if head.seq > last.get(head.chain, Head(head.chain)).seq]
            key = self._keys.load()
            self._write(handle, [lambda prev, head=head: checkpoint_line(head, now, prev, key) for head in fresh])  # type: ignore[misc]
        return len(fresh)

    def rotate(self, now: datetime, *, is_lost: bool = False) -> str:
        """Another key from now on, named by the one before unless that is lost; returns its id. Raises PlaceError."""
        with self._open() as handle:
            self._take_in(handle)
            old = None if is_lost else self._keys.load()
            new = self._making(self._keys.make).public_key()
            if old is not None and os.fstat(handle).st_size:
                self._write(handle, [lambda prev: handover_line(new, now, prev, old)])
        return key_id(new)

    def _making(self, make: Callable[[], Ed25519PrivateKey]) -> Ed25519PrivateKey:
        try:
            return make()
        except OSError as error:
            raise PlaceError(f"the signing key {self._keys.private} can't be written: {error.strerror}") from None

    @contextlib.contextmanager
    def _open(self) -> Iterator[int]:
        handle = -1
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            handle = os.open(self._file, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o644)
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield handle
        except OSError as error:
            raise PlaceError(f"checkpoints can't be written to {self._file.parent}: {error.strerror}") from None
        finally:
            if handle >= 0:
                os.close(handle)

    def _take_in(self, handle: int) -> dict[int, Head]:
        """The newest head of each chain, with what was appended since the last look."""
        size = os.fstat(handle).st_size
        if size < self._read_to:
            raise PlaceError(f"{self._file} has lost its end: {size} bytes are left of {self._read_to}")
        if size > self._read_to and self._keys.public.exists():
            self._reader.trust(self._keys.trusted())
        *lines, rest = os.pread(handle, size - self._read_to, self._read_to).split(b"\n")
        if rest:  # a crash cut the last line short; it never counted, and the next one stands on a line of its own
            os.write(handle, b"\n")
            lines.append(rest)
            size += 1
        for line in lines:
            self._reader.take(line)
        self._read_to = size
        self._reader.book.checkpoints.clear()  # what is signed is looked at by `verify`; here only its end counts
        return dict(self._reader.told)

    def _write(self, handle: int, makers: Sequence[Callable[[bytes], bytes]]) -> None:
        self._reader.trust(self._keys.trusted())
        for make in makers:
            line = make(self._reader.before)
            if os.write(handle, line + b"\n") < len(line) + 1:
                raise PlaceError(f"checkpoints can't be written to {self._file.parent}: no space")
            self._reader.take(line)
            self._read_to += len(line) + 1
        os.fsync(handle)


def book_of(folder: Path, trusted: Sequence[Ed25519PublicKey]) -> Book:
    """All checkpoints of a folder's `*.jsonl` files. Raises PlaceError when it can't be read."""
    try:
        files = sorted(folder.glob(f"*{SUFFIX}"))
        if not folder.is_dir():
            raise PlaceError(f"there is no folder {folder}")
        return read_book([(file.name, _lines(file.read_bytes())) for file in files], trusted)
    except OSError as error:
        raise PlaceError(f"checkpoints can't be read from {folder}: {error.strerror}") from None


def signed_in(folder: Path, public: Path) -> Book:
    """As `book_of`, with the keys of a file; what keeps it from being read is a problem of the book."""
    try:
        return book_of(folder, trusted_in(public))
    except PlaceError as error:
        return Book(problems=[Problem(FILE, 0, str(error))])


def _lines(content: bytes) -> list[bytes]:
    *lines, rest = content.split(b"\n")
    return [*lines, rest] if rest else lines


def _write(path: Path, content: bytes, mode: int) -> None:
    """Replace a file, written through to the disk; nobody but its owner can read it before its mode is set."""
    path.parent.mkdir(parents=True, exist_ok=True)
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    scratch.replace(path)
