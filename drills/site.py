"""The stack that a drill plays on: its own data folder, every stage a process of its own, some of them twice."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli.publish import publish
from cli.stack import service_specs, settings_of
from embedded import stack
from embedded.files import DataFolder
from embedded.plan import Addresses, Plan, read_plan, write_plan
from embedded.processes import ProcessSpec
from embedded.stack import ServiceSpec
from embedded.status import status
from libs.policy.launch import LaunchMode
from libs.policy.load import files_with_mode, read_files
from libs.runtime import clock
from libs.runtime.broker import ensure_topics
from libs.runtime.cluster import Cluster

ROOT = Path(__file__).resolve().parent.parent
PLAN_SECONDS = 60.0
"""The supervisor ends a broker in order, which may take half a minute."""


@dataclass(frozen=True)
class Site:
    """A running stack."""

    data: Path
    kafka: Cluster
    database_url: str
    ports: dict[str, int]
    token: str
    whole: Plan
    """All that should run, when nothing was taken out."""

    def pid(self, name: str) -> int | None:
        """The pid of a process of this stack, or None while it is down."""
        return next((seen.pid for seen in status(self.data).processes if seen.name == name), None)

    def restarts(self, name: str) -> int:
        """How often the supervisor has started it again."""
        return next((seen.restarts for seen in status(self.data).processes if seen.name == name), 0)

    def signal(self, name: str, number: signal.Signals) -> bool:
        """Send a signal to a process of this stack; False when it is not running."""
        pid = self.pid(name)
        if pid is None:
            return False
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            return False
        return True

    def take_out(self, *names: str) -> None:
        """Have processes ended that the supervisor then leaves alone; returns when they are gone."""
        self._replan(lambda spec: spec.name not in names)
        self._until(lambda: all(self.pid(name) is None for name in names), f"{names} do not end")

    def put_back(self) -> None:
        """Have everything run again that was taken out; returns when it runs, which is before it is ready."""
        self._replan(lambda _: True)
        self._until(lambda: all(self.pid(spec.name) for spec in self.whole.processes), "not everything runs again")

    def _replan(self, wanted: Callable[[ProcessSpec], bool]) -> None:
        kept = [spec for spec in self.whole.processes if wanted(spec)]
        write_plan(DataFolder(self.data), replace(self.whole, processes=kept))

    def _until(self, holds: Callable[[], bool], otherwise: str) -> None:
        deadline = clock.monotonic() + PLAN_SECONDS
        while not holds():
            if clock.monotonic() > deadline:
                raise TimeoutError(otherwise)
            time.sleep(0.1)

    def url(self, service: str) -> str:
        """The address of a service's API."""
        return f"http://127.0.0.1:{self.ports[service.upper() + '_PORT']}"


def limited_auto() -> dict[str, str]:
    """The shipped policy in the mode that lets the line write, so that every path is taken."""
    return files_with_mode(read_files(ROOT / "policy"), LaunchMode.LIMITED_AUTO)


def with_workers(specs: list[ServiceSpec], names: tuple[str, ...], workers: int) -> list[ServiceSpec]:
    """The services, with so many workers of those named; all but the first have no port of their own."""
    copies = []
    for spec in specs:
        if spec.name in names:
            alone = replace(spec, ports={}, ready_url=None, env={**spec.env, f"{spec.name.upper()}_PORT": "0"})
            copies += [replace(alone, name=f"{spec.name}-{number}") for number in range(2, workers + 1)]
    return [*specs, *copies]


@asynccontextmanager
async def site(
    data: Path,
    say: Callable[[str], None],
    *,
    doubled: tuple[str, ...] = (),
    workers: int = 2,
    env: dict[str, str] | None = None,
    durable: bool = False,
    separate: bool = True,
    without: tuple[str, ...] = (),
    partitions: int = 2,
    brokers: int = 1,
    around: Callable[[ServiceSpec], ServiceSpec] = lambda spec: spec,
) -> AsyncIterator[Site]:
    """A stack for the length of the block, with the line as one process unless `separate`.

    `doubled` are services of which there are so many `workers`; `env` is given to every service; `durable`: Postgres
    syncs its log to disk; `without` names services to leave out; `brokers` makes a Kafka cluster; `around` changes how
    a service is started.
    """
    given = {"SIGNALBOX_PARTITIONS": str(partitions), "SIGNALBOX_REPLICATION_FACTOR": str(brokers), **(env or {})}
    wanted = [spec for spec in service_specs(separate=separate) if spec.name not in without]
    specs = [around(replace(spec, env={**spec.env, **given})) for spec in with_workers(wanted, doubled, workers)]

    def prepare(addresses: Addresses) -> None:
        settings = settings_of(data, addresses).model_copy(
            update={"partitions": partitions, "replication_factor": brokers}
        )
        asyncio.run(ensure_topics(settings))
        asyncio.run(publish(addresses.kafka, limited_auto(), "drill", "drill"))

    try:
        up = await asyncio.to_thread(
            stack.up, data, None, specs, say, prepare, tied=True, short_lived=not durable, brokers=brokers
        )
        whole = read_plan(DataFolder(data))
        assert whole is not None, "a stack that is up has a plan"
        cluster = Cluster(settings_of(data, up.addresses))
        yield Site(data, cluster, up.addresses.database_url, up.ports, up.credentials.api_token, whole)
    finally:
        await asyncio.to_thread(stack.down, data)
