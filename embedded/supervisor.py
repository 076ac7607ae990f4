"""Keeps the planned processes alive: `python -m embedded.supervisor --data DIR`, started by `stack.up`.

Everything it does follows from `run/plan.json`: what is in it and doesn't run is started, what runs and is no longer in
it, or in it otherwise, is ended. A process that ends is started again, after a pause that doubles if it ends again.
"""

import argparse
import os
import select
import signal
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

from embedded.files import DataFolder, rotate, write_atomically
from embedded.plan import Observed, Plan, State, read_plan, write_state
from embedded.processes import ProcessSpec, end, living_pid, record_line, signal_group, spawn, started_at

NAME = "supervisor"
FIRST_PAUSE_SECONDS = 0.2
LONGEST_PAUSE_SECONDS = 10.0
HEALTHY_SECONDS = 60.0
LOOK_SECONDS = 0.1


@dataclass
class Child:
    """A planned process, and its present life if it has one."""

    spec: ProcessSpec
    life: "subprocess.Popen[bytes] | None" = None
    restarts: int = 0
    pause: float = FIRST_PAUSE_SECONDS
    started: float = 0.0
    due: float = 0.0
    exit_code: int | None = None

    def start(self, folder: DataFolder, now: float) -> None:
        """Start it; a program that can't be run counts as one that ended."""
        self.started = now
        try:
            self.life = spawn(self.spec, folder)
        except (OSError, subprocess.SubprocessError) as error:
            folder.log(self.spec.name).open("a").write(f"can't start: {error}\n")
            self.ended(now, 127)

    def reap(self, now: float) -> None:
        """Notice its end, and end what is left of its group."""
        if self.life is not None and (code := self.life.poll()) is not None:
            signal_group(self.life.pid, signal.SIGKILL)
            self.life = None
            self.ended(now, code)

    def ended(self, now: float, code: int) -> None:
        """Plan the next start."""
        if now - self.started >= HEALTHY_SECONDS:
            self.pause = FIRST_PAUSE_SECONDS
        self.due, self.pause = now + self.pause, min(2 * self.pause, LONGEST_PAUSE_SECONDS)
        self.exit_code = code
        self.restarts += 1

    def observed(self) -> Observed:
        """Its line in the state."""
        pid = self.life.pid if self.life else None
        return Observed("running" if self.life else "crashed", pid, self.restarts, self.started, self.exit_code)


class Supervisor:
    """The processes of one data folder. Has one thread: `spawn` needs that."""

    def __init__(self, folder: DataFolder) -> None:
        self._folder = folder
        self._children: dict[str, Child] = {}
        self._plan: Plan | None = None
        self._plan_version = (0, 0)
        self._state: State | None = None
        self.stopping = False

    def step(self, now: float) -> None:
        """Reap, follow the plan, start what is due, say what runs."""
        for child in self._children.values():
            child.reap(now)
        self._follow_plan()
        for child in self._children.values():
            if child.life is None and child.due <= now:
                child.start(self._folder, now)
            rotate(self._folder.log(child.spec.name))
        self._say()

    def stop_all(self) -> None:
        """End every process in order, and leave a state that says so."""
        end([child.spec for child in self._children.values()], self._folder, self._reap_only)
        self._children = {}
        self._say()

    def _follow_plan(self) -> None:
        try:
            found = self._folder.plan.stat()
        except FileNotFoundError:  # the data folder was removed under us
            self.stopping = True
            return
        if (version := (found.st_ino, found.st_mtime_ns)) != self._plan_version:
            self._plan, self._plan_version = read_plan(self._folder), version
            self._take_up(self._plan.by_name() if self._plan else {})
        tied_to = self._plan.tied_to if self._plan else None
        if tied_to is not None and f"{started_at(int(tied_to.split()[0]))}" != tied_to.split()[1]:
            self.stopping = True

    def _take_up(self, wanted: dict[str, ProcessSpec]) -> None:
        changed = [child.spec for name, child in self._children.items() if wanted.get(name) != child.spec]
        end(changed, self._folder, self._reap_only)
        for spec in changed:
            del self._children[spec.name]
        for name, spec in wanted.items():
            self._children.setdefault(name, Child(spec))

    def _reap_only(self) -> None:
        for child in self._children.values():
            if child.life is not None:
                child.life.poll()
        time.sleep(0.02)

    def _say(self) -> None:
        state = State({name: child.observed() for name, child in self._children.items()})
        if state != self._state and self._folder.run.exists():
            write_state(self._folder, state)
            self._state = state


def supervise(folder: DataFolder) -> None:
    """Run until SIGTERM or SIGINT, or the end of the process that the plan is tied to."""
    if living_pid(folder.pid_file(NAME)) is not None:
        return
    write_atomically(folder.pid_file(NAME), record_line(os.getpid()).decode())
    supervisor = Supervisor(folder)
    reader = _wake_on_signals(supervisor)
    while not supervisor.stopping:
        supervisor.step(time.monotonic())
        if select.select([reader], [], [], LOOK_SECONDS)[0]:
            os.read(reader, 4096)
    supervisor.stop_all()
    folder.plan.unlink(missing_ok=True)
    folder.pid_file(NAME).unlink(missing_ok=True)


def _wake_on_signals(supervisor: Supervisor) -> int:
    """A pipe that becomes readable with every signal; those that end the supervisor also tell it so."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    signal.set_wakeup_fd(writer, warn_on_full_buffer=False)

    def stop(_number: int, _frame: object) -> None:
        supervisor.stopping = True

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, stop)
    signal.signal(signal.SIGCHLD, lambda _number, _frame: None)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    return reader


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--data", type=Path, required=True)
    supervise(DataFolder(parser.parse_args().data))
