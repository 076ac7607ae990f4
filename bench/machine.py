"""The machine as /proc tells it: what it is, how busy it is, and how much CPU time a tree of processes has used."""

import asyncio
import os
import platform
from collections.abc import Iterable
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from libs.runtime import clock

TICK_SECONDS = 1.0 / os.sysconf("SC_CLK_TCK")
QUIET_CORES = 0.3
"""Other programs may use so much before a measurement begins; docs/bench.md says how; the load average lags too far behind."""
PROC = Path("/proc")


@dataclass(frozen=True)
class Machine:
    """What the figures were taken on."""

    cores: int
    cpu: str
    memory_gib: float
    kernel: str
    python: str
    packages: dict[str, str]
    load_average: tuple[float, float, float]


def machine() -> Machine:
    """This machine, now. Raises OSError where there is no /proc."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in (PROC / "cpuinfo").read_text().splitlines()
            if "model name" in line
        ),
        platform.machine(),
    )
    total_kib = int((PROC / "meminfo").read_text().split()[1])
    return Machine(
        cores=os.cpu_count() or 1,
        cpu=model,
        memory_gib=round(total_kib / 1024**2, 1),
        kernel=platform.release(),
        python=platform.python_version(),
        packages={name: version(name) for name in ("aiokafka", "asyncpg", "fastapi", "granian", "pydantic", "uvloop")},
        load_average=os.getloadavg(),
    )


def busy_seconds() -> float:
    """CPU seconds that the whole machine has spent working since it started."""
    user, nice, system, _idle, _wait, irq, soft, *_ = map(
        int, (PROC / "stat").read_text().split("\n", 1)[0].split()[1:]
    )
    return (user + nice + system + irq + soft) * TICK_SECONDS


def tree_seconds(roots: Iterable[int]) -> float:
    """CPU seconds of processes and all their descendants, the ended and awaited ones included; 0 for what is gone."""
    seen = _all_processes()
    wanted, seconds = set(roots), 0.0
    for pid in sorted(seen, key=lambda pid: seen[pid][2]):  # by start: parents come before their children
        parent, ticks, _ = seen[pid]
        if pid in wanted or parent in wanted:
            wanted.add(pid)
            seconds += ticks * TICK_SECONDS
    return seconds


def _all_processes() -> dict[int, tuple[int, int, int]]:
    """By pid: the parent, the CPU ticks with those of awaited children, and the start in ticks."""
    found = {}
    for path in PROC.iterdir():
        if path.name.isdigit():
            try:
                fields = (path / "stat").read_text().rpartition(")")[2].split()
            except OSError:
                continue  # ended meanwhile
            found[int(path.name)] = (int(fields[1]), sum(map(int, fields[11:15])), int(fields[19]))
    return found


class Watch:
    """How much CPU a stretch of time cost: own processes, and everybody else's on this machine (foreign)."""

    def __init__(self, own: Iterable[int]) -> None:
        self._own = set(own)
        self._begun, self._busy, self._mine = clock.monotonic(), busy_seconds(), tree_seconds(self._own)

    def foreign_cores(self) -> float:
        """Cores that others kept busy since the watch began."""
        elapsed = clock.monotonic() - self._begun
        others = (busy_seconds() - self._busy) - (tree_seconds(self._own) - self._mine)
        return max(0.0, others / elapsed) if elapsed > 0 else 0.0


async def until_quiet(own: Iterable[int], patience_seconds: float) -> bool:
    """Wait until others use little; False when they still did not after the patience."""
    deadline = clock.monotonic() + patience_seconds
    own = list(own)
    while clock.monotonic() < deadline:
        watch = Watch(own)
        await asyncio.sleep(0.5)
        if watch.foreign_cores() < QUIET_CORES:
            return True
    return False
