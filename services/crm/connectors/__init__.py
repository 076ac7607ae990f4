"""Remote CRMs, one file each; adding one: its file, its settings, its fake and the conformance suite, a line in the docs."""

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

import httpx

from libs.runtime import clock
from services.crm.connectors.base import Connector
from services.crm.connectors.hubspot import HubSpot
from services.crm.connectors.salesforce import Salesforce
from services.crm.connectors.settings import (
    HubSpotSettings,
    RemoteSettings,
    RemotesFileError,
    SalesforceSettings,
    read_remotes,
    remotes_file,
)
from services.crm.connectors.webhook import Webhook
from services.crm.domain.remote_commands import MirrorOf

KINDS = ("hubspot", "salesforce", "webhook")


def connector_of(name: str, settings: RemoteSettings, transport: httpx.AsyncBaseTransport | None = None) -> Connector:
    """The connector of a remote."""
    if isinstance(settings, HubSpotSettings):
        return HubSpot(name, settings, transport)
    if isinstance(settings, SalesforceSettings):
        return Salesforce(name, settings, transport)
    return Webhook(name, settings, transport)


def open_connector(data: Path, name: str) -> Connector:
    """The connector of a remote that a data folder knows. Raises RemotesFileError when it knows none of that name."""
    remotes = read_remotes(data)
    if name not in remotes:
        known = ", ".join(sorted(remotes)) or "none"
        raise RemotesFileError(f"no remote CRM is called {name}: {known} connected; run `signalbox crm connect`")
    return connector_of(name, remotes[name])


class Remotes:
    """The connectors of the data folder, as its file says now; each is kept as long as its settings stay."""

    def __init__(self, data: Path, make: Callable[[str, RemoteSettings], Connector] = connector_of) -> None:
        self._file = remotes_file(data)
        self._make = make
        self._held: dict[str, Connector] = {}
        self._turns: dict[str, asyncio.Lock] = {}
        self._version = -1

    def current(self) -> Mapping[str, Connector]:
        """The connectors by name."""
        settings = self._file.current(clock.monotonic())
        if self._version != self._file.version:
            self._version = self._file.version
            self._held = {name: self._kept(name, one) for name, one in settings.items()}
        return self._held

    def of_kind(self, kind: str) -> list[Connector]:
        """The connectors of one kind."""
        return [one for one in self.current().values() if one.kind == kind]

    def mirrors(self) -> list[MirrorOf]:
        """The connectors as the stages see them."""
        return [
            MirrorOf(name, one.kind, {kind: frozenset(remote.fields) for kind, remote in one.types.items()})
            for name, one in self.current().items()
        ]

    def turn(self, name: str) -> asyncio.Lock:
        """Whose turn it is to talk to a remote, in this process: looking and writing never mix, and neither starves."""
        return self._turns.setdefault(name, asyncio.Lock())

    @property
    def problem(self) -> str:
        """What is wrong with the file; empty when nothing is."""
        return self._file.problem

    def _kept(self, name: str, settings: RemoteSettings) -> Connector:
        held = self._held.get(name)
        return held if held is not None and held.settings == settings else self._make(name, settings)
