"""The places in a data folder, and writing to them so that a crash leaves the old content or the new."""

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

LOG_LIMIT_BYTES = 20 * 1024 * 1024


@dataclass(frozen=True)
class DataFolder:
    """The paths inside one stack's data folder."""

    root: Path

    @property
    def run(self) -> Path:
        """What the running processes are found by: pid files, plan and state."""
        return self.root / "run"

    @property
    def logs(self) -> Path:
        """One log for each process."""
        return self.root / "logs"

    @property
    def plan(self) -> Path:
        """What should run; written by the launcher, read by the supervisor."""
        return self.run / "plan.json"

    @property
    def state(self) -> Path:
        """What runs; written by the supervisor, read by anyone."""
        return self.run / "state.json"

    def log(self, name: str) -> Path:
        """The log of one process."""
        return self.logs / f"{name}.log"

    def pid_file(self, name: str) -> Path:
        """The file in which one process recorded itself."""
        return self.run / f"{name}.pid"

    def make(self) -> None:
        """Make the folders that are missing. Others may pass through the root: Postgres runs as another user."""
        self.root.mkdir(parents=True, exist_ok=True)
        self.root.chmod(0o711)
        for folder in (self.run, self.logs):
            folder.mkdir(mode=0o700, exist_ok=True)

    @contextmanager
    def launcher_lock(self) -> Iterator[None]:
        """Held by whoever starts or ends the stack: a second caller waits."""
        handle = os.open(self.run / "launcher.lock", os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)


def write_atomically(path: Path, content: str) -> None:
    """Replace the file's content; readable by its owner only."""
    scratch = path.with_name(f".{path.name}.{os.getpid()}")
    handle = os.open(scratch, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    scratch.replace(path)


def rotate(log: Path, limit_bytes: int = LOG_LIMIT_BYTES) -> None:
    """Move a log past the limit to NAME.log.1, and start it anew in place: its writer appends and keeps it open."""
    if not log.exists() or log.stat().st_size <= limit_bytes:
        return
    old = log.with_name(f"{log.name}.1")
    shutil.copyfile(log, old)
    os.truncate(log, 0)


def last_lines(log: Path, count: int = 12) -> str:
    """The end of a log, for an error message; empty when there is none."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 8192))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
