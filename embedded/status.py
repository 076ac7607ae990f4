"""What runs, as a person or a program asks."""

import sys
import time
from dataclasses import dataclass
from pathlib import Path

from embedded.files import DataFolder
from embedded.plan import Addresses, ProcessState, read_plan, read_state
from embedded.processes import living_pid
from embedded.supervisor import NAME as SUPERVISOR


@dataclass(frozen=True)
class ProcessStatus:
    """One process. `uptime_seconds` and `rss_bytes` (with its children, shared pages once) are 0 unless it runs."""

    name: str
    state: ProcessState
    pid: int | None
    port: int | None
    restarts: int
    uptime_seconds: float
    rss_bytes: int


@dataclass(frozen=True)
class StackStatus:
    """A stack as it is now; no processes and no addresses when it is down."""

    supervised: bool
    addresses: Addresses | None
    ports: dict[str, int]
    processes: list[ProcessStatus]

    @property
    def all_running(self) -> bool:
        """True if the supervisor and every planned process run."""
        return self.supervised and all(process.state == "running" for process in self.processes)


def status(data: Path) -> StackStatus:
    """What runs in this data folder. A process whose supervisor is gone is still reported by what it is itself."""
    folder = DataFolder(data.absolute())
    plan = read_plan(folder)
    supervised = living_pid(folder.pid_file(SUPERVISOR)) is not None
    if plan is None:
        return StackStatus(supervised, None, {}, [])
    seen = read_state(folder).processes
    parents = _parents()
    told = []
    for spec in plan.processes:
        pid, last = living_pid(folder.pid_file(spec.name)), seen.get(spec.name)
        told.append(
            ProcessStatus(
                name=spec.name,
                state="running" if pid else ("crashed" if last else "stopped"),
                pid=pid,
                port=spec.port,
                restarts=last.restarts if last else 0,
                uptime_seconds=max(0.0, time.monotonic() - last.started) if pid and last else 0.0,
                rss_bytes=_resident_bytes(pid, parents) if pid else 0,
            )
        )
    return StackStatus(supervised, plan.addresses, plan.ports, told)


def _parents() -> dict[int, int]:
    """Each process's parent; empty where there is no /proc."""
    if not sys.platform.startswith("linux"):
        return {}
    parents = {}
    for place in Path("/proc").glob("[0-9]*/stat"):
        try:
            parents[int(place.parent.name)] = int(place.read_text().rpartition(")")[2].split()[1])
        except (FileNotFoundError, ProcessLookupError):
            continue
    return parents


def _resident_bytes(pid: int, parents: dict[int, int]) -> int:
    family = {pid}
    while more := {child for child, parent in parents.items() if parent in family} - family:
        family |= more
    return sum(_own_bytes(member) for member in family)


def _own_bytes(pid: int) -> int:
    """Proportional set size: memory shared by n processes counts 1/n for each. 0 where it can't be read."""
    try:
        lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    except OSError:
        return 0
    return next((int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:")), 0)
