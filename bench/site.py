"""The stack that is measured: embedded Kafka and PostgreSQL as a user runs them, in a data folder of their own."""

import asyncio
import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from cli.publish import publish
from cli.sources import ensure_sources, secrets_of
from cli.stack import settings_of
from embedded import stack
from embedded.plan import Addresses
from embedded.stack import ServiceSpec
from embedded.status import status
from libs.policy.load import load_policy, read_files
from libs.policy.policy import Policy
from libs.runtime.broker import ensure_topics
from libs.runtime.settings import RuntimeSettings

ROOT = Path(__file__).resolve().parent.parent
MODE_LINE = "mode: suggested"


def limited_auto() -> dict[str, str]:
    """The shipped policy in the mode that lets the line write, so that every path is taken."""
    files = read_files(ROOT / "policy")
    return {
        name: text.replace(MODE_LINE, "mode: limited_auto") if name.endswith("launch.yaml") else text
        for name, text in files.items()
    }


@dataclass
class Site:
    """Servers that are up, and the services that run beside them at the moment."""

    data: Path
    addresses: Addresses
    files: dict[str, str]
    say: Callable[[str], None]
    ports: dict[str, int] = field(default_factory=dict)

    @property
    def settings(self) -> RuntimeSettings:
        """The runtime's settings for stages that run in the measuring process."""
        return settings_of(self.data, self.addresses)

    @property
    def policy(self) -> Policy:
        """The policy that is published here."""
        return load_policy(self.files)

    async def services(self, specs: Sequence[ServiceSpec]) -> None:
        """Run exactly these services from now on; returns when all are ready. Raises StackError."""
        up = await asyncio.to_thread(_up, self.data, self.say, specs)
        self.ports = up.ports
        self.addresses = up.addresses

    def port(self, service: str) -> int:
        """The HTTP port of a running service."""
        return self.ports[f"{service.upper()}_PORT"]

    def secret(self, source: str) -> str:
        """The secret that a source signs with."""
        return secrets_of(self.data)[source]

    def pids(self, *names: str) -> list[int]:
        """The pids of the named processes, or of all of the stack."""
        return [one.pid for one in status(self.data).processes if one.pid and (not names or one.name in names)]

    def own(self) -> list[int]:
        """This process and the stack's: whatever else runs here is foreign."""
        return [os.getpid(), *self.pids()]


def _up(data: Path, say: Callable[[str], None], specs: Sequence[ServiceSpec]) -> stack.Stack:
    return stack.up(data, None, specs, say, tied=True)


@contextmanager
def site(data: Path, say: Callable[[str], None]) -> Iterator[Site]:
    """Kafka with full JIT and PostgreSQL with fsync, topics and policy in place, for the length of the block."""
    files = limited_auto()
    try:
        up = _up(data, say, [])
        settings = settings_of(data, up.addresses)
        asyncio.run(ensure_topics(settings))
        ensure_sources(data, load_policy(files).sources.sources)
        asyncio.run(publish(up.addresses.kafka, files, "bench", "bench"))
        yield Site(data, up.addresses, files, say)
    finally:
        stack.down(data)
