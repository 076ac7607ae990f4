"""A settings file in the data folder, read again when it changes; a broken edit is reported and the last good one kept."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Generic, TypeVar

log = logging.getLogger(__name__)

T = TypeVar("T")

RELOAD_SECONDS = 1.0
"""A changed file counts after at most so long."""


class Watched(Generic[T]):
    """What a file says, as `read` understands it. `read` raises ValueError, with words that tell no secret, or OSError.

    Without `until_read` it is read at once, and an error is the caller's.
    """

    def __init__(self, path: Path, read: Callable[[Path], T], until_read: T | None = None) -> None:
        self._path = path
        self._read = read
        self._stamp = self._stamped() if until_read is None else None
        self._held = read(path) if until_read is None else until_read
        self._checked_at = 0.0 if until_read is None else -RELOAD_SECONDS
        self.problem = ""
        """Why the file as it is now does not count; empty when it does."""
        self.version = 0
        """Rises with every change that was taken over."""

    def current(self, now: float) -> T:
        """The content as of at most a second ago; `now` in seconds that never step back."""
        if now - self._checked_at >= RELOAD_SECONDS:
            self._checked_at = now
            stamp = self._stamped()
            if stamp != self._stamp:
                self._stamp = stamp
                self._reload()
        return self._held

    def _reload(self) -> None:
        try:
            self._held = self._read(self._path)
        except (ValueError, OSError) as error:
            self.problem = str(error)
            log.error("%s keeps its last good content: %s", self._path.name, error)
        else:
            self.problem = ""
            self.version += 1

    def _stamped(self) -> tuple[int, int, int, int] | None:
        try:
            held = self._path.stat()
        except OSError:
            return None
        return held.st_mtime_ns, held.st_size, held.st_ino, held.st_mode
