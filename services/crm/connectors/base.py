"""What every remote CRM's connector is: read, plan, apply, compensate; what people changed there; the whole base."""

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from pydantic import JsonValue

from libs.contracts.change import RecordRef
from libs.runtime import clock
from services.crm.connectors.http import RemoteHttp
from services.crm.connectors.settings import RemoteSettings
from services.crm.domain.remote import Change, Plan, Result, Snapshot
from services.crm.domain.remote_fields import RemoteField, RemoteType

KEPT_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Target:
    """A record to find in the remote: by its id there, else by ours, else a contact by its address."""

    ref: RecordRef
    remote_id: str = ""
    email: str = ""

    @property
    def key(self) -> str:
        """Our id as the remote keeps it."""
        return self.ref.id


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed in the remote since a cursor, in order, and the cursor to go on from."""

    snapshots: Sequence[Snapshot]
    cursor: str
    more: bool = False


@dataclass(frozen=True, slots=True)
class Pulled:
    """A page of the remote's base. `records` have the shape of crm's `create` and `import` commands: id and fields."""

    records: Sequence[dict[str, Any]]
    next: str | None
    """What to ask for next; None: that was all."""
    total: int | None = None
    """How many there are in all, where the remote tells."""


class Connector(Protocol):
    """One remote CRM. Every call may raise Retryable: the remote is away, busy or left alone."""

    name: str
    kind: str
    http: RemoteHttp

    @property
    def settings(self) -> RemoteSettings:
        """How it is reached and what it mirrors."""
        ...

    @property
    def types(self) -> Mapping[str, RemoteType]:
        """What is mirrored, by record type."""
        ...

    async def read(self, targets: Sequence[Target]) -> Mapping[RecordRef, Snapshot]:
        """The remote records that there are, as they are now, with their history where the remote tells it."""
        ...

    def plan(self, changes: Sequence[Change], snapshot: Snapshot | None) -> Plan:
        """The conditional write of changes of one record over what was read; without a snapshot it makes the record."""
        ...

    async def apply(self, plans: Sequence[Plan], key: str) -> Sequence[Result]:
        """What became of each plan, in order. `key` is the same when the same plans are applied again."""
        ...

    def compensate(self, change: Change, snapshot: Snapshot | None, version: int) -> Plan:
        """The conditional write that takes an applied change back."""
        ...

    async def changes(self, record_type: str, cursor: str) -> Changes:
        """The next records that changed since; an empty cursor starts now."""
        ...

    async def pull(
        self, record_type: str, after: str | None = None, members: Mapping[str, str] | None = None
    ) -> Pulled:
        """The next page of the remote's whole base. `members`: our members' ids by e-mail address, for the owners."""
        ...

    async def owners(self) -> Mapping[str, str]:
        """The remote's owner ids by e-mail address in small letters."""
        ...


@dataclass
class Mapped:
    """The mapping part that connectors share: their own, with what the settings say otherwise."""

    own: Mapping[str, RemoteType]
    settings: RemoteSettings
    types: dict[str, RemoteType] = field(init=False)

    def __post_init__(self) -> None:
        self.types = {
            name: RemoteType(one.object, {**one.fields, **self.settings.fields.get(name, {})})
            for name, one in self.own.items()
            if name in self.settings.types
        }

    def field(self, record_type: str, name: str) -> RemoteField:
        """The remote field of one of ours."""
        return self.types[record_type].fields[name]


@dataclass
class Kept:
    """A list that is asked for again when it is ten minutes old."""

    _held: Mapping[str, str] = field(default_factory=dict)
    _until: float = 0.0

    async def get(self, ask: Callable[[], Awaitable[Mapping[str, str]]]) -> Mapping[str, str]:
        """The list as of at most ten minutes ago."""
        if clock.monotonic() >= self._until:
            self._held = await ask()
            self._until = clock.monotonic() + KEPT_SECONDS
        return self._held


def pulled_id(connector: str, remote_id: str) -> str:
    """The id that a record from a remote has here: it derives from there, so that a second import finds it again."""
    return f"{connector}.{remote_id}"


def remote_id_in(connector: str, record_id: str) -> str:
    """The remote id inside such an id; empty for any other record."""
    prefix = f"{connector}."
    return record_id[len(prefix) :] if record_id.startswith(prefix) else ""


async def members_of(connector: Connector, members: Mapping[str, str] | None) -> dict[str, str]:
    """Our members' ids by the remote's owner ids: by address, and as the settings say."""
    told = {remote_id: member for member, remote_id in connector.settings.owners.items()}
    if not members:
        return told
    by_address = {
        remote_id: members[address] for address, remote_id in (await connector.owners()).items() if address in members
    }
    return {**by_address, **told}


def pulled_record(connector: str, snapshot: Snapshot, owners: Mapping[str, str]) -> dict[str, Any]:
    """A remote record in the shape of a `create`: without empty fields, and with the owner as a member's id."""
    fields: dict[str, JsonValue] = {
        name: owners.get(str(seen.value)) if name == "owner" else seen.value for name, seen in snapshot.fields.items()
    }
    return {
        "id": snapshot.key or pulled_id(connector, snapshot.remote_id),
        "fields": {name: value for name, value in fields.items() if value not in (None, "", [])},
    }


async def pull_all(
    connector: Connector, record_type: str, members: Mapping[str, str] | None = None
) -> AsyncIterator[Pulled]:
    """Every page of the remote's base, in order."""
    after: str | None = None
    while True:
        page = await connector.pull(record_type, after, members)
        yield page
        if page.next is None:
            return
        after = page.next
