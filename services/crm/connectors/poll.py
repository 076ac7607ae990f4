"""Looks for what people changed in the remotes: by their own lists of changes, and slowly over every linked record.

What is found becomes the command `remote_changed`; our own writes come back too, and are silent.
"""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.contracts.codec import Encoded
from libs.policy.admit import is_empty
from libs.runtime import clock
from libs.runtime.commands import command_record
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from libs.runtime.state import DATABASE_AWAY
from services.crm.connectors import Remotes
from services.crm.connectors.base import Connector, Target, pulled_id
from services.crm.connectors.mirror import LEASE_SECONDS, LinkRows
from services.crm.connectors.work import Owners, found_field
from services.crm.domain.remote import Link, Snapshot, foreign
from services.crm.domain.remote_commands import REMOTE_CHANGED, FoundArguments

log = logging.getLogger(__name__)

TICK_SECONDS = 1.0
BUSY_SECONDS = 2.0
"""While another process talks to a remote."""
SWEEP_AGE = timedelta(hours=1)
"""Every linked record is looked at about so often, a batch at each poll: deletions that no list tells are found so."""
SWEEP_BATCH = 100
PAGES = 20
"""Pages of one type in one poll; the rest waits for the next."""


class PollRows(LinkRows, Protocol):
    """What polls keep."""

    async def by_email(self, connector: str, emails: Sequence[str]) -> Mapping[str, RecordRef]: ...
    async def cursor(self, connector: str, record_type: str) -> tuple[str, datetime | None]: ...
    async def save_cursor(self, connector: str, record_type: str, cursor: str) -> None: ...
    async def unchecked(self, connector: str, record_type: str, before: datetime, limit: int) -> Sequence[Link]: ...
    async def checked(self, connector: str, refs: Sequence[RecordRef]) -> None: ...


class Poll:
    """One loop for the remotes of a kind."""

    def __init__(
        self,
        remotes: Remotes,
        rows: PollRows,
        send: Callable[[Encoded], Awaitable[object]],
        holder: str,
        health: Health,
    ) -> None:
        self._remotes = remotes
        self._rows = rows
        self._send = send
        self._holder = holder
        self._health = health
        self._next: dict[str, float] = {}
        self._failing: set[str] = set()

    def loop(self, kind: str) -> Callable[[], Awaitable[None]]:
        """The background task that polls the remotes of a kind, each when it is due."""

        async def run() -> None:
            while True:
                for connector in self._remotes.of_kind(kind):
                    if clock.monotonic() >= self._next.get(connector.name, 0.0):
                        await self._round(connector)
                await asyncio.sleep(TICK_SECONDS)

        return run

    async def _round(self, connector: Connector) -> None:
        """One poll; a remote that is away is told, and asked again when it said, or when the next poll is due."""
        wait = connector.settings.poll_seconds
        try:
            if await self.once(connector) is None:
                wait = BUSY_SECONDS
        except (Retryable, Rejected, TimeoutError) as error:
            wait = max(wait, getattr(error, "after_seconds", None) or 0.0)
            self._health.warn(f"crm {connector.name} changes", str(error) or type(error).__name__)
        except DATABASE_AWAY as error:
            log.warning("poll of %s: Postgres: %s", connector.name, type(error).__name__)
        except Exception:
            log.exception("poll of %s", connector.name)
            self._health.warn(f"crm {connector.name} changes", "an answer could not be understood; see the log")
        else:
            self._health.mended(f"crm {connector.name} changes")
        self._next[connector.name] = clock.monotonic() + wait

    async def once(self, connector: Connector) -> int | None:
        """Everything that changed since the last time; returns how many commands were sent, None while another process
        talks to the remote."""
        name = connector.name
        async with self._remotes.turn(name):
            if not await self._rows.lease(name, self._holder, LEASE_SECONDS):
                return None
            problem = "" if name in self._failing else None  # what writing ran into is not ours to clear
            self._failing.discard(name)
            try:
                async with asyncio.timeout(LEASE_SECONDS - 20):
                    return await self._every_type(connector)
            except (Retryable, Rejected) as error:
                problem = str(error)
                self._failing.add(name)
                raise
            finally:
                await self._rows.release(name, self._holder, problem)

    async def _every_type(self, connector: Connector) -> int:
        """One type after the other; one that the remote refuses (it is not set up there) is told after all others."""
        sent, refused = 0, list[Rejected]()
        for record_type in connector.types:
            try:
                sent += await self._type(connector, record_type)
            except Rejected as error:
                refused.append(error)
        if refused:
            raise refused[0]
        return sent

    async def _type(self, connector: Connector, record_type: str) -> int:
        sent = 0
        for _ in range(PAGES):
            cursor, _ = await self._rows.cursor(connector.name, record_type)
            changes = await connector.changes(record_type, cursor)
            sent += await self._tell(connector, record_type, changes.snapshots)
            await self._rows.save_cursor(connector.name, record_type, changes.cursor)
            if not changes.more:
                break
        return sent + await self._sweep(connector, record_type)

    async def _sweep(self, connector: Connector, record_type: str) -> int:
        """The linked records that were looked at longest ago: those that are gone, and what the lists did not tell."""
        links = await self._rows.unchecked(connector.name, record_type, clock.now() - SWEEP_AGE, SWEEP_BATCH)
        if not links:
            return 0
        held = await connector.read([Target(link.ref, link.remote_id) for link in links])
        gone = [Snapshot(link.remote_id, {}, deleted=True) for link in links if link.ref not in held]
        sent = await self._tell(connector, record_type, [*held.values(), *gone])
        await self._rows.checked(connector.name, [link.ref for link in links])
        return sent

    async def _tell(self, connector: Connector, record_type: str, snapshots: Sequence[Snapshot]) -> int:
        if not snapshots:
            return 0
        refs = await self._refs(connector, record_type, snapshots)
        links = await self._rows.links(connector.name, list(refs.values()))
        owners = Owners({}, {}, connector.settings.owners)
        if any("owner" in one.fields and one.fields["owner"].value for one in snapshots):
            owners = Owners(await self._rows.members(), await connector.owners(), connector.settings.owners)
        sent = 0
        for snapshot in snapshots:
            ref = refs.get(snapshot.remote_id)
            told = None if ref is None else _told(connector, ref, snapshot, links[ref], owners)
            if told is not None:
                await self._send(_command(connector, told, snapshot))
                sent += 1
        return sent

    async def _refs(
        self, connector: Connector, record_type: str, snapshots: Sequence[Snapshot]
    ) -> dict[str, RecordRef]:
        """The record of each remote one: its link, the id that it holds, the contact with its address, else a new one."""
        name = connector.name
        refs = dict(await self._rows.by_remote(name, record_type, [one.remote_id for one in snapshots]))
        bare = [one for one in snapshots if one.remote_id not in refs and not one.deleted]
        named = {
            one.remote_id: RecordRef.model_validate(
                {"type": record_type, "id": one.key or pulled_id(name, one.remote_id)}
            )
            for one in bare
        }
        known = await self._rows.records(list(named.values()))
        addresses = {
            one.remote_id: str(one.fields["email"].value or "").lower() for one in bare if "email" in one.fields
        }
        by_email: Mapping[str, RecordRef] = {}
        if record_type == "contact":
            by_email = await self._rows.by_email(name, [address for address in addresses.values() if address])
        for remote_id, ref in named.items():
            if ref in known:
                refs[remote_id] = ref
            elif addresses.get(remote_id) in by_email:
                refs[remote_id] = by_email[addresses[remote_id]]
            elif connector.settings.take_new:
                refs[remote_id] = ref
        return refs


def _told(
    connector: Connector, ref: RecordRef, snapshot: Snapshot, link: Link, owners: Owners
) -> FoundArguments | None:
    """What somebody else changed; None when nobody did."""
    if snapshot.deleted:
        if link.gone or not link.remote_id:
            return None
        return FoundArguments(
            connector=connector.name, type=ref.type, id=ref.id, remote_id=snapshot.remote_id, deleted=True
        )
    fields = [found_field(name, seen, link.fields.get(name), owners) for name, seen in foreign(snapshot, link).items()]
    fields = [one for one in fields if one.field != "owner" or one.value or is_empty(one.theirs)]
    if not fields:
        return None
    return FoundArguments(
        connector=connector.name, type=ref.type, id=ref.id, remote_id=snapshot.remote_id, fields=tuple(fields)
    )


def _command(connector: Connector, told: FoundArguments, snapshot: Snapshot) -> Encoded:
    """The command; the same finding has the same id, so that polls that overlap tell it once."""
    held = [[one.field, one.seq, one.theirs] for one in told.fields]
    digest = ids.content_hash(json.dumps([held, told.deleted], sort_keys=True).encode())
    command_id = ids.derived_id("remote", connector.name, told.ref.key, snapshot.remote_id, digest)
    actor = Actor(kind="rule", id=connector.name)
    arguments = told.model_dump(mode="json")
    return command_record("crm", REMOTE_CHANGED, told.id, actor, arguments, clock.now(), command_id=command_id)
