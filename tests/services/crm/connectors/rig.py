"""Crm, its connectors and a fake remote in one place without a broker: stages folded, effects and polls run by hand."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, ProposedChange, RecordRef, Status
from libs.contracts.codec import Encoded, decode
from libs.contracts.events import Command, CrmWrite, Event
from libs.contracts.topics import COMMANDS
from libs.runtime.batches import Done, Due
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from services.crm.connectors import connector_of
from services.crm.connectors.base import Connector
from services.crm.connectors.mirror import Mirror
from services.crm.connectors.poll import Poll
from services.crm.connectors.settings import HubSpotSettings, RemoteSettings, SalesforceSettings, WebhookSettings
from services.crm.domain.record import RecordState
from services.crm.domain.remote_commands import MirrorOf
from services.crm.stage.commands import commands_stage
from services.crm.stage.remote import mirrored
from services.crm.stage.writes import writes_stage
from tests.services.crm.connectors.hubspot import APP_ID, TOKEN, FakeHubSpot
from tests.services.crm.connectors.memory import MemoryLinks
from tests.services.crm.connectors.salesforce import LOGIN, FakeSalesforce
from tests.services.crm.connectors.webhook import SECRET, FakeReceiver
from tests.services.crm.world import ANA, AUTO, CONTACT, PROVIDER, QUOTE, Crm, Versions

APPROVED = Actor(kind="human_approved_ai", id="ana")
FAST = {"calls": 100_000, "per_seconds": 1.0}


@dataclass
class Far:
    """A fake remote as the conformance suite uses it: by our field names, on contacts."""

    name: str
    server: Any
    settings: RemoteSettings
    fields: Mapping[str, str]
    object: str

    def person(self, remote_id: str, **values: Any) -> None:
        """Somebody types values in."""
        told = {self.fields[name]: value for name, value in values.items()}
        if self.name == "webhook":
            self.server.person(remote_id, told)
        else:
            self.server.person(self.object, remote_id, told)

    def new(self, **values: Any) -> str:
        """Somebody makes a contact."""
        return str(self.server.new(self.object, {self.fields[name]: value for name, value in values.items()}))

    def value(self, remote_id: str, name: str) -> Any:
        """What the remote holds."""
        there = self.fields[name]
        if self.name == "hubspot":
            return self.server.objects[self.object][remote_id].value(there) or None
        if self.name == "salesforce":
            return self.server.objects[self.object][remote_id].values.get(there)
        return self.server.rows[remote_id].fields.get(there)

    def ids(self) -> list[str]:
        """All contacts there."""
        if self.name == "webhook":
            return [row.id for row in self.server.rows.values() if row.type == "contact" and not row.deleted]
        held = self.server.objects[self.object].values()
        return [one.id for one in held if not getattr(one, "archived", False) and not getattr(one, "deleted", False)]

    def delete(self, remote_id: str) -> None:
        """Somebody deletes a contact."""
        if self.name == "hubspot":
            self.server.objects[self.object][remote_id].archived = True
        elif self.name == "salesforce":
            self.server.delete(self.object, remote_id)
        else:
            self.server.rows[remote_id].deleted = True
            self.server._set(self.server.rows[remote_id], {}, "rita")


def far(name: str) -> Far:
    """A fresh fake remote."""
    if name == "hubspot":
        settings: RemoteSettings = HubSpotSettings(token=TOKEN, app_id=APP_ID, search_per_second=100_000, **FAST)  # type: ignore[arg-type]
        names = {
            "email": "email",
            "first_name": "firstname",
            "last_name": "lastname",
            "title": "jobtitle",
            "city": "city",
            "phone": "phone",
            "owner": "hubspot_owner_id",
        }
        return Far(name, FakeHubSpot(), settings, names, "contacts")
    if name == "salesforce":
        settings = SalesforceSettings(
            login_url=LOGIN, client_id="cid", client_secret="csecret", refresh_token="rtoken", **FAST
        )  # type: ignore[arg-type]
        names = {
            "email": "Email",
            "first_name": "FirstName",
            "last_name": "LastName",
            "title": "Title",
            "city": "MailingCity",
            "phone": "Phone",
            "owner": "OwnerId",
        }
        return Far(name, FakeSalesforce(), settings, names, "Contact")
    settings = WebhookSettings(url="https://receiver.fake/crm", secret=SECRET, **FAST)  # type: ignore[arg-type]
    names = {one: one for one in ("email", "first_name", "last_name", "title", "city", "phone", "owner")}
    return Far(name, FakeReceiver(), settings, names, "contact")


class One:
    """A registry of one connector."""

    def __init__(self, connector: Connector) -> None:
        self._connector = connector
        self._turn = asyncio.Lock()

    def current(self) -> Mapping[str, Connector]:
        return {self._connector.name: self._connector}

    def turn(self, name: str) -> asyncio.Lock:
        return self._turn

    def of_kind(self, kind: str) -> list[Connector]:
        return [self._connector] if self._connector.kind == kind else []

    def mirrors(self) -> list[MirrorOf]:
        fields = {kind: frozenset(remote.fields) for kind, remote in self._connector.types.items()}
        return [MirrorOf(self._connector.name, self._connector.kind, fields)]


@dataclass
class Rig(Crm):
    """The whole loop. `dues` are effects that wait, `told` everything that was audited, `asked` what the router was told."""

    remote: Far
    dues: list[Due] = field(default_factory=list)
    told: list[FieldChange] = field(default_factory=list)
    asked: list[Command] = field(default_factory=list)
    commands: list[Encoded] = field(default_factory=list)
    results: list[Any] = field(default_factory=list)
    number: int = 0

    def __post_init__(self) -> None:
        Crm.__init__(self)
        self.links = MemoryLinks(self.store)
        self.connector = connector_of(self.remote.name, self.remote.settings, httpx.ASGITransport(self.remote.server))
        self.registry: Any = One(self.connector)
        self.health = Health()
        self.mirror = Mirror(self.registry, self.links, "holder", self.health)
        self.poll_ = Poll(self.registry, self.links, self._sent, "holder", self.health)
        versions = Versions()
        self._stages[CrmWrite] = mirrored(writes_stage(self.store, versions), self.links, self.registry.mirrors)
        self._stages[Command] = mirrored(commands_stage(self.store, versions), self.links, self.registry.mirrors)
        self._known: set[str] = set()

    async def _sent(self, record: Encoded) -> None:
        self.commands.append(record)

    async def take(self, event: Event) -> Any:
        """Decide one event and keep all that follows from it."""
        if event.event_id in self._known:
            return None
        self._known.add(event.event_id)
        outcome = await Crm.take(self, event)
        self.told += outcome.settled
        self.asked += [one for one in (*outcome.emits, outcome.next) if isinstance(one, Command)]
        for ordinal, effect in enumerate(outcome.effects):
            self.dues.append(Due(f"{event.event_id}:{ordinal}", effect.key, effect.arguments, 1))
        return outcome

    async def machine(self, ref: RecordRef = CONTACT, **values: Any) -> list[FieldChange]:
        """A lead's write: sure, and over what crm holds."""
        self.number += 1
        held = self.record(ref)
        changes = tuple(
            ProposedChange(
                record=ref, field=name, new=value, old=held.value(name), source=PROVIDER, confidence=0.99,
                actor=APPROVED, reason="better", evidence=QUOTE, verified_by="ana",
            )
            for name, value in values.items()
        )  # fmt: skip
        write = CrmWrite(event_id=f"write-{self.number}", write_id=f"w{self.number}", lead_id="lead-1", record=ref,
                         changes=changes, policy_hash=AUTO.hash)  # fmt: skip
        return list((await self.take(write)).settled)

    async def write(self, *changes: ProposedChange, **more: Any) -> list[FieldChange]:
        """Any write."""
        self.number += 1
        event = CrmWrite(event_id=f"write-{self.number}", write_id=f"w{self.number}", record=changes[0].record,
                         changes=changes, policy_hash=AUTO.hash, **{"lead_id": "lead-1", **more})  # fmt: skip
        return list((await self.take(event)).settled)

    async def edit(self, ref: RecordRef = CONTACT, **values: Any) -> Any:
        """Somebody edits the record in Signalbox."""
        self.number += 1
        told = {"type": ref.type, "fields": values, "reason": "asked for"}
        return await self.take(
            Command(event_id=f"edit-{self.number}", command_id="c", name="edit", key=ref.id, actor=ANA, arguments=told)
        )

    async def run(self, picked: Callable[[Sequence[Due]], Sequence[Due]] = lambda dues: dues) -> list[Any]:
        """Run effects that wait, all or some; what they were told comes back as commands, what is put off stays."""
        now = list(picked(self.dues))
        results = await self.mirror.run(now) if now else []
        for due, result in zip(now, results, strict=True):
            self.results.append(result)
            if isinstance(result, Retryable):
                continue
            self.dues.remove(due)
            if isinstance(result, Done) and result.told:
                await self.found(
                    ids.derived_id("effect", due.effect_id), due.key, {"result": result.result, "error": None}
                )
        return list(results)

    async def found(self, event_id: str, key: str, arguments: Any) -> Any:
        """A command `remote_changed`."""
        return await self.take(
            Command(
                event_id=event_id, command_id=event_id, name="remote_changed", key=key, actor=ANA, arguments=arguments
            )
        )

    async def poll(self, take: bool = True) -> int | None:
        """Look for what people changed, and take the commands in, now or later."""
        sent = await self.poll_.once(self.connector)
        if take:
            await self.take_commands()
        return sent

    async def take_commands(self) -> None:
        """Decide the commands that polls sent."""
        while self.commands:
            record = self.commands.pop(0)
            await self.take(decode(COMMANDS["crm"], record.value, record.headers))

    async def settle(self) -> None:
        """Run everything until nothing moves any more."""
        for _ in range(12):
            before = (len(self.told), len(self.dues))
            await self.run()
            sent = await self.poll()
            if not sent and not self.dues and before == (len(self.told), 0):
                return
        raise AssertionError("it never settles")

    def record(self, ref: RecordRef = CONTACT) -> RecordState:
        """The record as it stands."""
        return Crm.record(self, ref)

    def remote_id(self, ref: RecordRef = CONTACT) -> str:
        """The counterpart's id."""
        return self.links._one(self.connector.name, ref).remote_id

    def applied(self, source: str = "") -> list[FieldChange]:
        """What was applied, of all or of one source."""
        return [one for one in self.told if one.status is Status.APPLIED and source in ("", one.source.name)]

    def conflicts(self) -> list[FieldChange]:
        """What was audited as a conflict."""
        return [one for one in self.told if one.status is Status.CONFLICT]
