"""Where submissions are kept: Kafka, or a fsynced spool on the local disk while the broker is away.

A segment is one file of frames. Restarts begin a new one, so a torn tail is never written to; a segment is deleted only
when the broker holds all of it. What is sent twice after a crash has the same ids, so it is harmless.
"""

import asyncio
import errno
import fcntl
import logging
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from libs.contracts.codec import Encoded
from libs.contracts.lead import Position
from libs.policy.policy import Policy
from libs.runtime.errors import Retryable
from libs.runtime.stored import pack, unpack
from services.intake.domain.frames import framed, payloads_in
from services.intake.domain.spooling import SpoolBrokenError, SpoolFullError

log = logging.getLogger(__name__)

SEGMENT_BYTES = 8 * 1024 * 1024
AWAY_SECONDS = 2.0
"""With nothing in the spool to try with, so long after a failed send one submission finds out whether the broker is back."""
DRAIN_SECONDS = 0.5
DRAIN_CHUNK = 200


class Broker(Protocol):
    """Durable sends; `libs.runtime.broker.Producer` is one."""

    async def send_and_wait(self, encoded: Encoded, timeout_seconds: float = 5.0) -> Position:
        """Where the record stands once it is safe. Raises Retryable."""
        ...


def own_folder(base: Path) -> tuple[Path, int]:
    """The first numbered folder of `base` that no living process owns, and the descriptor whose lock shows it.

    What a process that died left behind is drained by the next one that takes its folder. Raises OSError after 64.
    """
    for number in range(64):
        folder = base / f"{number}"
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock = os.open(folder / "lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(lock)
            continue
        return folder, lock
    raise OSError(f"{base}: 64 processes own a spool here")


class Spool:
    """Records on disk, in order. One process owns the folder: see `own_folder`."""

    def __init__(
        self,
        folder: Path,
        max_bytes: int,
        key: bytes,
        write: Callable[[int, memoryview], int] = os.write,
        sync: Callable[[int], None] = os.fsync,
    ) -> None:
        self._folder = folder
        self._write_some = write
        self._sync = sync
        self._max_bytes = max_bytes
        self._key = key
        self._lock = asyncio.Lock()
        self._waiting: list[tuple[bytes, asyncio.Future[None]]] = []
        self._writing: asyncio.Task[None] | None = None
        self._file: tuple[int, Path] | None = None
        self._good_bytes = 0
        self.bytes = sum(path.stat().st_size for path in self.segments())
        self.broken = False

    def segments(self) -> list[Path]:
        """The segments, oldest first."""
        return sorted(self._folder.glob("spool-*.seg"))

    async def append(self, record: Encoded) -> None:
        """Return once the record is on the disk. Raises SpoolFullError or SpoolBrokenError: then it may not be acknowledged."""
        frame = framed(pack((record,)), self._key)
        if self.broken:
            raise SpoolBrokenError
        if self.bytes + len(frame) > self._max_bytes:
            raise SpoolFullError
        self.bytes += len(frame)
        done: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((frame, done))
        if self._writing is None or self._writing.done():
            self._writing = asyncio.create_task(self._write())
        await done

    async def close_segment(self) -> None:
        """Later records go to a new segment, so that the ones so far can be drained."""
        async with self._lock:
            if self._file is not None:
                os.close(self._file[0])
                self._file = None

    def records_of(self, segment: Path) -> tuple[list[Encoded], int]:
        """The whole records of a segment, and how many bytes belong to none."""
        payloads, skipped = payloads_in(segment.read_bytes(), self._key)
        return [record for payload in payloads for record in unpack(payload)], skipped

    def remove(self, segment: Path, damaged_bytes: int) -> None:
        """Forget a segment that the broker holds; a damaged one stays beside, for a person to look at."""
        size = segment.stat().st_size
        if damaged_bytes:
            log.warning("%s: %s bytes belong to no whole record; kept as .damaged", segment.name, damaged_bytes)
            segment.rename(segment.with_suffix(".damaged"))
        else:
            segment.unlink()
        self.bytes = max(0, self.bytes - size)

    async def _write(self) -> None:
        """Write what waits, as one fsync for all that came meanwhile."""
        while self._waiting:
            batch, self._waiting = self._waiting, []
            try:
                async with self._lock:
                    await asyncio.to_thread(self._write_frames, b"".join(frame for frame, _ in batch))
            except (SpoolFullError, SpoolBrokenError) as error:
                self.bytes -= sum(len(frame) for frame, _ in batch)
                _settle(batch, error)
            else:
                _settle(batch, None)

    def _write_frames(self, frames: bytes) -> None:
        try:
            if self._file is None or self._good_bytes >= SEGMENT_BYTES:
                self._open_segment()
            assert self._file is not None
            self._write_all(self._file[0], frames)
        except OSError as error:
            self._cut_back()
            if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
                raise SpoolFullError from error
            self.broken = True
            raise SpoolBrokenError(error.strerror) from error
        try:
            self._sync(self._file[0])
        except OSError as error:
            self.broken = True  # a second fsync would report success for pages that are gone
            raise SpoolBrokenError(error.strerror) from error
        self._good_bytes += len(frames)

    def _write_all(self, file: int, data: bytes) -> None:
        view = memoryview(data)
        while view:
            view = view[self._write_some(file, view) :]

    def _open_segment(self) -> None:
        if self._file is not None:
            os.close(self._file[0])
        last = self.segments()[-1:]
        number = int(last[0].stem.removeprefix("spool-")) + 1 if last else 1
        path = self._folder / f"spool-{number:012d}.seg"
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_APPEND, 0o600), path
        self._good_bytes = 0
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _cut_back(self) -> None:
        """After a failed write: drop the half frame, as far as the disk lets us; a reader would skip it anyhow."""
        if self._file is not None:
            try:
                os.ftruncate(self._file[0], self._good_bytes)
            except OSError:
                log.exception("the spool's half-written tail stays")


class SubmissionLog:
    """Writes submissions to Kafka, and to the spool while Kafka is away."""

    def __init__(self, broker: Broker, spool: Spool, send_seconds: float, clock: Callable[[], float]) -> None:
        self._broker = broker
        self._spool = spool
        self._send_seconds = send_seconds
        self._clock = clock
        self._away_since: float | None = None

    @property
    def is_away(self) -> bool:
        """Whether the last send failed or the spool still holds something."""
        return self._away_since is not None or self._spool.bytes > 0

    async def write(self, record: Encoded) -> Position | None:
        """Where the record stands, or None when it went to the spool.

        Raises SpoolFullError, SpoolBrokenError, and ValueError for a record larger than the topic takes.
        """
        if self._may_try():
            try:
                position = await self._broker.send_and_wait(record, self._send_seconds)
            except Retryable as error:
                self._note_away(error)
            else:
                self._away_since = None
                return position
        await self._spool.append(record)
        return None

    async def drain(self) -> bool:
        """Send what the spool holds, oldest first; whether it is empty now. Raises SpoolBrokenError."""
        if self._spool.broken:
            raise SpoolBrokenError("the spool's disk failed")
        if not self._spool.segments():
            return True
        await self._spool.close_segment()
        for segment in self._spool.segments():
            records, damaged_bytes = await asyncio.to_thread(self._spool.records_of, segment)
            if not await self._sent(records):
                return False
            await asyncio.to_thread(self._spool.remove, segment, damaged_bytes)
            log.info("drained %s: %s submissions", segment.name, len(records))
        return not self._spool.segments()

    async def _sent(self, records: Sequence[Encoded]) -> bool:
        """While the broker is away one record finds out: each failed send stays in the client and is written later."""
        start = 0
        while start < len(records):
            chunk = records[start : start + (DRAIN_CHUNK if self._away_since is None else 1)]
            sends = (self._broker.send_and_wait(record, self._send_seconds) for record in chunk)
            for answer in await asyncio.gather(*sends, return_exceptions=True):
                if isinstance(answer, Retryable):
                    self._note_away(answer)
                    return False
                if isinstance(answer, BaseException):
                    raise answer
            self._away_since = None
            start += len(chunk)
        return True

    def _may_try(self) -> bool:
        """While the broker is away nobody waits for it: what is in the spool tries, or now and then one submission."""
        if self._away_since is None:
            return True
        return self._spool.bytes == 0 and self._clock() - self._away_since >= AWAY_SECONDS

    def _note_away(self, error: Retryable) -> None:
        if self._away_since is None:
            log.warning("the broker is away, submissions are spooled: %s", error)
        self._away_since = self._clock()


class LastPolicy:
    """The newest policy that this machine has seen, as a file: after a start without a broker intake goes on by it."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._held: Policy | None = None

    def read(self) -> Policy | None:
        """The policy; None when there is none that this version of the software can read."""
        if self._held is None and self._path.exists():
            try:
                self._held = Policy.model_validate_json(self._path.read_bytes())
            except (OSError, ValidationError) as error:
                log.warning("%s can't be used: %s", self._path.name, type(error).__name__)
        return self._held

    def write(self, policy: Policy) -> None:
        """Remember a policy, unless it is the one that is held. A crash leaves the old one or the new one."""
        known = self.read()
        if known is not None and known.hash == policy.hash:
            return
        scratch = self._path.with_suffix(".new")
        scratch.touch(mode=0o600)
        with scratch.open("wb") as file:
            file.write(policy.model_dump_json().encode())
            file.flush()
            os.fsync(file.fileno())
        scratch.replace(self._path)
        self._held = policy


def _settle(batch: Sequence[tuple[bytes, asyncio.Future[None]]], error: Exception | None) -> None:
    for _, done in batch:
        if done.done():
            continue
        if error is None:
            done.set_result(None)
        else:
            done.set_exception(error)
