"""The runner of mirror effects: read what the remote holds, judge field by field, write over what was known and nothing else."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Protocol

from pydantic import ValidationError

from libs.contracts.change import RecordRef
from libs.contracts.reasons import RejectionReason
from libs.policy.admit import is_empty, same_value
from libs.runtime.batches import Done, Due
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.health import Health
from services.crm.connectors import Remotes
from services.crm.connectors.base import Connector, Target, remote_id_in
from services.crm.connectors.work import Owners, RecordView, Work, found_field, results_of, spelt, with_back
from services.crm.domain.remote import (
    Again,
    Change,
    Known,
    Link,
    Missing,
    Moved,
    Refused,
    Result,
    Seen,
    Written,
    judged,
    lost_of,
    merged,
)
from services.crm.domain.remote_commands import MirrorArguments
from services.crm.domain.remote_found import KnownMove

BATCH = 100
"""Effects in one batch."""
LEASE_SECONDS = 120.0
RUN_SECONDS = 100.0
"""One batch; shorter than the lease, so that no second process talks to the remote meanwhile."""
ROUNDS = 4
"""So often a batch is read and planned again when the remote moves under it; then it waits a little."""
CONFIG_SECONDS = 60.0
"""A remote that refuses a whole batch needs a person (a property that is missing there); it is tried again so often."""


class LinkRows(Protocol):
    """What is known of the remotes."""

    async def links(self, connector: str, refs: Sequence[RecordRef]) -> Mapping[RecordRef, Link]: ...
    async def records(self, refs: Sequence[RecordRef]) -> Mapping[RecordRef, RecordView]: ...
    async def by_remote(
        self, connector: str, record_type: str, remote_ids: Sequence[str]
    ) -> Mapping[str, RecordRef]: ...
    async def members(self) -> Mapping[str, str]: ...
    async def move(self, moves: Sequence[KnownMove]) -> Sequence[bool]: ...
    async def save_links(self, links: Sequence[Link]) -> None: ...
    async def lease(self, connector: str, holder: str, seconds: float) -> bool: ...
    async def release(self, connector: str, holder: str, problem: str | None = None) -> None: ...


class Mirror:
    """Runs mirror effects; one process at a time talks to a remote, since it holds the lease."""

    def __init__(self, remotes: Remotes, rows: LinkRows, holder: str, health: Health) -> None:
        self._remotes = remotes
        self._rows = rows
        self._holder = holder
        self._health = health
        self._problems: dict[str, dict[str, str]] = {}

    async def run(self, dues: Sequence[Due]) -> list[Done | Rejected | Retryable]:
        """What became of each effect."""
        results: dict[int, Done | Rejected | Retryable] = {}
        batches: dict[tuple[str, str], list[tuple[int, MirrorArguments]]] = {}
        for place, due in enumerate(dues):
            try:
                told = MirrorArguments.model_validate(due.arguments)
                batches.setdefault((told.connector, told.type), []).append((place, told))
            except ValidationError:
                results[place] = Rejected(RejectionReason.INVALID, "these are no arguments of a mirror effect")
        for (name, _), batch in batches.items():  # by type: one that is not set up there holds up no other
            connector = self._remotes.current().get(name)
            if connector is None:
                gone = Done({"skipped": f"{name} is no longer connected"}, told=False)
                results |= {place: gone for place, _ in batch}
            else:
                results |= await self._leased(connector, batch, dues[batch[0][0]].effect_id)
        return [results[place] for place in range(len(dues))]

    async def _leased(
        self, connector: Connector, batch: Sequence[tuple[int, MirrorArguments]], key: str
    ) -> dict[int, Done | Rejected | Retryable]:
        async with self._remotes.turn(connector.name):
            if not await self._rows.lease(connector.name, self._holder, LEASE_SECONDS):
                wait = Retryable(f"another process talks to {connector.name}", after_seconds=2.0)
                return {place: wait for place, _ in batch}
            error: Retryable | None = None
            try:
                async with asyncio.timeout(RUN_SECONDS):
                    works = await self._works(connector, batch)
                    await self._carried_out(connector, works, key)
                return {place: result for work in works for place, result in results_of(connector, work)}
            except Retryable as told:
                error = told
            except Rejected as told:
                error = Retryable(told.message, after_seconds=CONFIG_SECONDS)
            except TimeoutError:
                error = Retryable(f"{connector.name} is slow", after_seconds=CONFIG_SECONDS)
            finally:
                problem = self._problem(connector.name, batch[0][1].type, error)
                await self._rows.release(connector.name, self._holder, problem)
            return {place: error for place, _ in batch}

    def _problem(self, name: str, record_type: str, error: Retryable | None) -> str:
        """What is the matter with a remote now, over all types; told in the service's health too."""
        held = self._problems.setdefault(name, {})
        if error is None:
            held.pop(record_type, None)
        else:
            held[record_type] = str(error)
        told = "; ".join(dict.fromkeys(held.values()))
        if told:
            self._health.warn(f"crm {name}", told)
        else:
            self._health.mended(f"crm {name}")
        return told

    async def _works(self, connector: Connector, batch: Sequence[tuple[int, MirrorArguments]]) -> list[Work]:
        by_record: dict[RecordRef, list[tuple[int, MirrorArguments]]] = {}
        for place, told in batch:
            if told.type in connector.types:
                by_record.setdefault(told.ref, []).append((place, told))
        refs = list(by_record)
        links, records = await self._rows.links(connector.name, refs), await self._rows.records(refs)
        works = [
            Work(ref, [place for place, _ in held], [told for _, told in held], links[ref], records.get(ref))
            for ref, held in by_record.items()
        ]
        left = [place for place, told in batch if told.type not in connector.types]
        if left:
            ref = RecordRef(type="contact", id="")
            works.append(Work(ref, left, [], Link(connector.name, ref), None, done=True))
        return works

    async def _carried_out(self, connector: Connector, works: Sequence[Work], key: str) -> None:
        """Read, judge, note, write, note; what moved meanwhile once more, from the start."""
        owners = await self._owners(connector, works)
        for work in works:
            self._prepared(connector, work, owners)
        for _ in range(ROUNDS):
            left = [work for work in works if not work.done]
            if not left:
                return
            links = await self._rows.links(connector.name, [work.ref for work in left])
            for work in left:
                work.link, work.plan, work.again = links[work.ref], None, None
            await self._read(connector, left)
            for work in left:
                self._judged(connector, work, owners)
            await self._intended([work for work in left if work.plan is not None])
            writing = [work for work in left if work.plan is not None and not work.done]
            results = await connector.apply([work.plan for work in writing if work.plan is not None], key)
            for work, result in zip(writing, results, strict=True):
                self._taken(work, result, owners)
            await self._stored(left)
        for work in works:
            if not work.done:
                work.again = work.again or Again(f"{connector.name} keeps moving")

    async def _owners(self, connector: Connector, works: Sequence[Work]) -> Owners:
        asked = any(one.field == "owner" for work in works for told in work.told for one in told.fields)
        new = any(not work.link.remote_id for work in works)
        if not (asked or new):
            return Owners({}, {}, connector.settings.owners)
        return Owners(await self._rows.members(), await connector.owners(), connector.settings.owners)

    def _prepared(self, connector: Connector, work: Work, owners: Owners) -> None:
        """The changes in the remote's spelling; a record that is gone on either side has none."""
        if work.record is None or work.record.deleted or work.link.gone:
            work.says["skipped"] = "deleted there" if work.link.gone else "deleted here"
            work.done = True
            return
        told = merged(change for one in work.told for change in one.changes())
        for name, change in told.items():
            there = spelt(connector, change, owners)
            if there is None:
                work.says[name] = "no counterpart there"
            else:
                work.changes[name] = there
        work.done = not work.changes

    async def _read(self, connector: Connector, works: Sequence[Work]) -> None:
        targets = [
            Target(
                work.ref,
                work.link.remote_id or remote_id_in(connector.name, work.ref.id),
                str(work.record.fields.get("email") or "") if work.record is not None else "",
            )
            for work in works
        ]
        snapshots = await connector.read(targets) if targets else {}
        for work in works:
            work.snapshot = snapshots.get(work.ref)
        for kind in {work.ref.type for work in works}:
            seen = {one.snapshot.remote_id: one for one in works if one.snapshot is not None and one.ref.type == kind}
            taken = await self._rows.by_remote(connector.name, kind, list(seen))
            for remote_id, ref in taken.items():
                if ref != seen[remote_id].ref:
                    self._refuse(seen[remote_id], Refused("another record of ours is there already", (remote_id,)))

    def _judged(self, connector: Connector, work: Work, owners: Owners) -> None:
        """The plan of what may be written; conflicts and what is agreed are noted."""
        snapshot = work.snapshot
        if work.done:
            return
        if snapshot is None:
            if work.link.remote_id or remote_id_in(connector.name, work.ref.id):
                work.deleted = work.done = True
            else:
                self._made(connector, work, owners)
            return
        if snapshot.key not in ("", work.ref.id) and not work.link.remote_id:
            self._refuse(work, Refused("another record of ours is there already", (snapshot.remote_id,)))
            return
        writes, back = [], {}
        for name, change in work.changes.items():
            theirs = snapshot.fields.get(name, Seen())
            known = work.link.fields.get(name)
            verdict = judged(change, known, theirs)
            work.says[name] = verdict
            if verdict == "write":
                writes.append(change)
            elif verdict == "agreed":
                work.wrote[name] = Known(theirs.value, change.version, known.seq if known else 0, stamp=theirs.stamp)
            elif verdict == "conflict":
                lost = lost_of(change, known, theirs)
                if lost is not None and not same_value(lost.value, theirs.value):
                    back[name] = lost
                stands = lost or theirs
                work.found[name] = found_field(name, stands, known, owners)
        work.link = replace(work.link, remote_id=snapshot.remote_id)
        if writes or back:
            work.plan = with_back(
                connector.plan(writes or [work.changes[next(iter(back))]], snapshot), writes, back, snapshot
            )
        else:
            work.done = True

    def _made(self, connector: Connector, work: Work, owners: Owners) -> None:
        """The plan of a new remote record: everything that crm holds and the remote takes."""
        assert work.record is not None
        version, held = work.record.version, work.record.fields
        changes = []
        for name in connector.types[work.ref.type].fields:
            if not is_empty(held.get(name)):
                there = spelt(connector, Change(work.ref, name, None, held[name], version), owners)
                if there is not None:
                    changes.append(there)
        changes = changes or list(work.changes.values())
        for one in changes:
            work.changes[one.field] = replace(one, by_person=any(told.by_person for told in work.changes.values()))
        plan = connector.plan(changes, None)
        trace = next((one.change_id for told in work.told for one in told.fields if one.change_id), plan.trace_id)
        work.plan = replace(
            plan, whole=dict(held), trace_id=trace, allow_duplicates=work.link.duplicates and work.by_person
        )

    async def _intended(self, works: Sequence[Work]) -> None:
        """Note what goes out before it does. A field that was moved meanwhile makes its record wait for the next round."""
        moves: list[tuple[Work, KnownMove]] = []
        for work in works:
            assert work.plan is not None
            for name, value in work.plan.values.items():
                known, read = work.link.fields.get(name), work.plan.expected.get(name, Seen())
                seq = 0 if known is None else known.seq
                # what goes back is not told yet: until it is, even when the answer is lost, what was known stays known
                base = (known or Known()) if name in work.found else Known(read.value, stamp=read.stamp)
                version = 0 if known is None else known.version
                told = Known(base.value, version, seq + 1, value, True, base.stamp)
                moves.append((work, KnownMove(work.link.connector, work.ref, name, seq, told)))
                work.wrote[name] = told
        done = await self._rows.move([move for _, move in moves]) if moves else []
        for (work, _), moved in zip(moves, done, strict=True):
            if not moved:
                work.plan, work.wrote = None, {}

    def _taken(self, work: Work, result: Result, owners: Owners) -> None:
        """What the remote's answer means for the record."""
        assert work.plan is not None
        names = list(work.plan.values)
        match result:
            case Written():
                self._wrote(work, result, names)
                work.done = True
            case Moved(stands, written) if written is not None:
                self._wrote(work, written, [name for name in names if name not in stands])
                for name, seen in stands.items():
                    self._stopped(work, [name])
                    if name in work.changes:
                        work.says[name] = "conflict"
                        work.found[name] = found_field(name, seen, work.wrote.get(name), owners)
                work.done = True
            case Moved():
                self._stopped(work, names)
            case Refused():
                self._stopped(work, names)
                self._refuse(work, result)
            case Missing():
                self._stopped(work, names)
                work.deleted = work.done = True
            case Again():
                work.again = result
                work.done = True
        for name, found in work.found.items():
            if name in work.wrote:
                work.found[name] = found.model_copy(update={"seq": work.wrote[name].seq + 1})

    def _wrote(self, work: Work, result: Written, names: Sequence[str]) -> None:
        work.link = replace(work.link, remote_id=result.remote_id or work.link.remote_id, note="", duplicates=False)
        if work.plan is not None and not work.plan.remote_id:
            work.link = replace(work.link, whole=True)
        for name in names:
            before, seen = work.wrote[name], result.fields.get(name)
            if name in work.found:  # a person's value was put back: what was known stays
                self._stopped(work, [name])
                continue
            assert work.plan is not None
            value = work.plan.values[name] if seen is None else seen.value
            stamp = "" if seen is None else seen.stamp
            work.says[name] = "written"
            work.wrote[name] = Known(value, work.changes[name].version, before.seq, stamp=stamp)

    def _stopped(self, work: Work, names: Sequence[str]) -> None:
        for name in names:
            work.wrote[name] = replace(work.wrote[name], writing=None, is_writing=False)

    def _refuse(self, work: Work, refused: Refused) -> None:
        work.refused, work.done, work.plan = refused, True, None
        work.link = replace(work.link, note=refused.reason, duplicates=bool(refused.duplicates))

    async def _stored(self, works: Sequence[Work]) -> None:
        """Keep what is known now. A write whose answer is open stays noted as being written."""
        moves = [
            KnownMove(work.link.connector, work.ref, name, known.seq, known)
            for work in works
            if work.again is None
            for name, known in work.wrote.items()
        ]
        if moves:
            await self._rows.move(moves)
        links = [
            replace(work.link, gone=work.link.gone or work.deleted)
            for work in works
            if work.done and work.again is None and (work.link.remote_id or work.refused is not None or work.deleted)
        ]
        if links:
            await self._rows.save_links(links)
        for work in works:
            work.wrote = {}
