"""The stack that a drill plays on: its own data folder, every stage a process of its own, some of them twice."""

import asyncio
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from cli.publish import publish
from cli.stack import service_specs, settings_of
from embedded import stack
from embedded.plan import Addresses
from embedded.stack import ServiceSpec
from embedded.status import status
from libs.policy.launch import LaunchMode
from libs.policy.load import files_with_mode, read_files
from libs.runtime.broker import ensure_topics

ROOT = Path(__file__).resolve().parent.parent


@dataclass(frozen=True)
class Site:
    """A running stack."""

    data: Path
    kafka: str
    database_url: str
    ports: dict[str, int]
    token: str

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

    def url(self, service: str) -> str:
        """The address of a service's API."""
        return f"http://127.0.0.1:{self.ports[service.upper() + '_PORT']}"


def limited_auto() -> dict[str, str]:
    """The shipped policy in the mode that lets the line write, so that every path is taken."""
    return files_with_mode(read_files(ROOT / "policy"), LaunchMode.LIMITED_AUTO)


def twice(specs: list[ServiceSpec], names: tuple[str, ...]) -> list[ServiceSpec]:
    """The services, with a second worker of those named; it has no port of its own."""
    copies = []
    for spec in specs:
        if spec.name in names:
            no_port = {f"{spec.name.upper()}_PORT": "0"}
            copies.append(replace(spec, name=f"{spec.name}-2", ports={}, ready_url=None, env={**spec.env, **no_port}))
    return [*specs, *copies]


@asynccontextmanager
async def site(
    data: Path,
    say: Callable[[str], None],
    *,
    doubled: tuple[str, ...] = (),
    env: dict[str, str] | None = None,
    durable: bool = False,
    separate: bool = True,
    without: tuple[str, ...] = (),
    partitions: int = 2,
) -> AsyncIterator[Site]:
    """A stack for the length of the block, with the line as one process unless `separate`.

    `env` is given to every service; `durable`: Postgres syncs its log to disk; `without` names services to leave out.
    """
    given = {"SIGNALBOX_PARTITIONS": str(partitions), **(env or {})}
    wanted = [spec for spec in service_specs(separate=separate) if spec.name not in without]
    specs = [replace(spec, env={**spec.env, **given}) for spec in twice(wanted, doubled)]

    def prepare(addresses: Addresses) -> None:
        settings = settings_of(data, addresses).model_copy(update={"partitions": partitions})
        asyncio.run(ensure_topics(settings))
        asyncio.run(publish(addresses.kafka, limited_auto(), "drill", "drill"))

    try:
        up = await asyncio.to_thread(stack.up, data, None, specs, say, prepare, tied=True, short_lived=not durable)
        yield Site(data, up.addresses.kafka, up.addresses.database_url, up.ports, up.credentials.api_token)
    finally:
        await asyncio.to_thread(stack.down, data)
