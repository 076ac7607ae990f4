"""What should run (the launcher's plan) and what runs (the supervisor's state), as files in a data folder."""

import json
import time
from dataclasses import asdict, dataclass, field
from typing import Literal

from embedded.files import DataFolder, write_atomically
from embedded.ports import is_free
from embedded.processes import ProcessSpec

PORT_SECONDS = 5.0
ProcessState = Literal["running", "stopped", "crashed"]


@dataclass(frozen=True)
class Addresses:
    """Where Kafka (host:port, several with commas) and PostgreSQL (a URL with user and password) are."""

    kafka: str
    database_url: str


@dataclass(frozen=True)
class Plan:
    """The processes to keep alive. With `tied_to` (a pid file's line) they end when that process does."""

    addresses: Addresses
    ports: dict[str, int]
    processes: list[ProcessSpec]
    tied_to: str | None = None

    def by_name(self) -> dict[str, ProcessSpec]:
        """The processes by name."""
        return {spec.name: spec for spec in self.processes}


@dataclass(frozen=True)
class Observed:
    """One process as the supervisor last saw it; `started` is read from the machine's monotonic clock, in seconds."""

    state: ProcessState
    pid: int | None
    restarts: int
    started: float
    exit_code: int | None


@dataclass(frozen=True)
class State:
    """What the supervisor last saw, by process name."""

    processes: dict[str, Observed] = field(default_factory=dict)


def write_plan(folder: DataFolder, plan: Plan) -> None:
    """Replace the plan; the supervisor takes it up at its next look."""
    write_atomically(folder.plan, json.dumps(asdict(plan), indent=2))


def read_plan(folder: DataFolder) -> Plan | None:
    """The plan of the last `up`; None if there was none, or it was ended in order."""
    if not folder.plan.exists():
        return None
    told = json.loads(folder.plan.read_text())
    processes = [ProcessSpec(**spec) for spec in told.pop("processes")]
    return Plan(addresses=Addresses(**told.pop("addresses")), processes=processes, **told)


def remember_ports(folder: DataFolder, ports: dict[str, int]) -> None:
    """Keep the ports for the next start."""
    write_atomically(folder.run / "ports.json", json.dumps(ports, indent=2))


def remembered_ports(folder: DataFolder) -> dict[str, int]:
    """The ports of the last start that are free now: addresses that people noted stay right."""
    path = folder.run / "ports.json"
    last: dict[str, int] = json.loads(path.read_text()) if path.exists() else {}
    deadline = time.monotonic() + PORT_SECONDS
    while not all(map(is_free, last.values())) and time.monotonic() < deadline:
        time.sleep(0.05)  # a killed process with many threads holds its ports a moment longer than it seems to live
    return {name: port for name, port in last.items() if is_free(port)}


def write_state(folder: DataFolder, state: State) -> None:
    """Replace the state."""
    write_atomically(folder.state, json.dumps(asdict(state), indent=2))


def read_state(folder: DataFolder) -> State:
    """What the supervisor last wrote; empty if there was none."""
    if not folder.state.exists():
        return State()
    told = json.loads(folder.state.read_text())
    return State({name: Observed(**seen) for name, seen in told["processes"].items()})
