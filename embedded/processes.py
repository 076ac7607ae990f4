"""Child processes that are still found after a crash of the one that started them.

A child records itself, pid and start time, in its pid file before it becomes the wanted program: there is no moment in
which it runs and can't be found. A process is ended only if both still match.
"""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from embedded.files import DataFolder, rotate
from embedded.settings import inherited_environment

KILL_SECONDS = 10.0


@dataclass(frozen=True)
class ProcessSpec:
    """One process to keep alive. Lower ranks are ended first; `user` is (uid, gid), None is the supervisor's own."""

    name: str
    argv: Sequence[str]
    cwd: str
    env: dict[str, str] = field(default_factory=dict)
    user: Sequence[int] | None = None
    stop_signal: int = signal.SIGTERM
    stop_seconds: float = 15.0
    rank: int = 0
    port: int | None = None
    ready_url: str | None = None


def spawn(spec: ProcessSpec, folder: DataFolder) -> "subprocess.Popen[bytes]":
    """Start the process in a session of its own, its output appended to its log. Only for a caller with one thread."""
    rotate(folder.log(spec.name))
    record = os.open(folder.pid_file(spec.name), os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)

    def record_myself() -> None:
        os.write(record, record_line(os.getpid()))

    try:
        with folder.log(spec.name).open("ab") as log:
            return subprocess.Popen(
                list(spec.argv),
                env={**inherited_environment(), **spec.env},
                cwd=spec.cwd,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                preexec_fn=record_myself,  # noqa: PLW1509 -- the caller has one thread
                **as_user(spec.user),
            )
    finally:
        os.close(record)


def as_user(user: Sequence[int] | None) -> dict[str, Any]:
    """Arguments for subprocess that run a command as (uid, gid)."""
    return {} if user is None else {"user": user[0], "group": user[1], "extra_groups": []}


def record_line(pid: int) -> bytes:
    """What a process writes into its pid file."""
    return f"{pid} {started_at(pid)}\n".encode()


def started_at(pid: int) -> str | None:
    """What tells a process from a later one with the same pid: its start time. None if it is gone or a zombie."""
    if not sys.platform.startswith("linux"):
        command = ["ps", "-o", "stat=,lstart=", "-p", str(pid)]
        told = subprocess.run(command, capture_output=True, text=True, check=False).stdout
        status, _, start = told.strip().partition(" ")
        return None if not start or status.startswith("Z") else "_".join(start.split())
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    boot = Path("/proc/sys/kernel/random/boot_id").read_text()[:8]
    return None if fields[0] in "ZX" else f"{boot}:{fields[19]}"


def living_pid(pid_file: Path) -> int | None:
    """The pid of the process that recorded itself there, if it is that one that lives."""
    try:
        pid, start = pid_file.read_text().split()
    except (FileNotFoundError, ValueError):
        return None
    return int(pid) if started_at(int(pid)) == start else None


def signal_group(pid: int, number: int) -> None:
    """Signal a process's whole group; none left is no error."""
    try:
        os.killpg(pid, number)
    except (ProcessLookupError, PermissionError):  # macOS: PermissionError for a group of zombies
        return


def end(specs: Sequence[ProcessSpec], folder: DataFolder, tick: Callable[[], None] = lambda: time.sleep(0.02)) -> None:
    """End the recorded processes among `specs`, rank after rank, each with its signal and then, past its time, KILL.

    `tick` waits a moment; a parent passes one that also reaps.
    """
    for rank in sorted({spec.rank for spec in specs}):
        _end_together([spec for spec in specs if spec.rank == rank], folder, tick)


def _end_together(specs: Sequence[ProcessSpec], folder: DataFolder, tick: Callable[[], None]) -> None:
    files = {spec.name: folder.pid_file(spec.name) for spec in specs}
    begun = time.monotonic()
    pids = {spec.name: pid for spec in specs if (pid := living_pid(files[spec.name])) is not None}
    for spec in specs:
        if spec.name in pids:
            os.kill(pids[spec.name], spec.stop_signal)
    waiting = [spec for spec in specs if spec.name in pids]
    while waiting:
        late = [spec for spec in waiting if time.monotonic() - begun > spec.stop_seconds]
        for spec in late:
            signal_group(pids[spec.name], signal.SIGKILL)
        if late and time.monotonic() - begun > max(spec.stop_seconds for spec in late) + KILL_SECONDS:
            break
        tick()
        waiting = [spec for spec in waiting if living_pid(files[spec.name]) is not None]
    for spec in specs:
        files[spec.name].unlink(missing_ok=True)
