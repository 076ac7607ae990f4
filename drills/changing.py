"""Machines and people who change the CRM's records, and a plain model of what a rollback has to lead to."""

import asyncio
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import httpx

from drills.oracle import events_of
from drills.site import Site, limited_auto
from libs.contracts.change import WHOLE, Actor, Evidence, FieldChange, ProposedChange, RecordRef, Source, Status
from libs.contracts.codec import Encoded, encode
from libs.contracts.events import ChangeRecorded, CrmWrite
from libs.contracts.ids import derived_id
from libs.contracts.topics import CRM_WRITE
from libs.policy.load import policy_hash
from libs.runtime import clock
from libs.runtime.broker import send_together

FIELDS = {
    "company": ("industry", "employees", "city", "language"),
    "contact": ("seniority", "function", "title", "city"),
}
PROVIDERS = ("apollo", "orbit", "delta")
PEOPLE_SHARE = 0.04
CATCH_UP_SECONDS = 60.0
Key = tuple[str, str, str]
"""Type and id of a record, and a field."""


@dataclass
class Changing:
    """Records of the CRM and whoever changes them; knows what every field holds from the audit topic alone."""

    running: Site
    http: httpx.AsyncClient
    rng: random.Random
    records: list[RecordRef] = field(default_factory=list)
    sent: int = 0
    policy: str = field(default_factory=lambda: policy_hash(limited_auto()))

    async def make_records(self, count: int) -> None:
        """Companies and contacts that belong to nobody else."""
        for kind in FIELDS:
            made = [
                {"id": f"{kind}-{number}", "fields": {"name": f"{kind.title()} {number}"}}
                for number in range(count // 2)
            ]
            for start in range(0, len(made), 200):
                url = f"{self.running.url('crm')}/api/records/{kind}"
                answer = await self.http.post(url, json={"records": made[start : start + 200], "reason": "drill"})
                answer.raise_for_status()
            self.records += [RecordRef.model_validate({"type": kind, "id": one["id"]}) for one in made]

    async def round(self, changes: int) -> None:
        """So many changes: machines write what they say of some records, and people edit a few of them by hand."""
        held = values_of(await self.history())
        records = self.rng.sample(self.records, min(len(self.records), max(1, changes // 2)))
        writes = [self._write(record, held) for record in records]
        for start in range(0, len(writes), 100):
            await send_together(self.running.kafka, "rollback-drill", writes[start : start + 100])
        await self._settled()
        edits = [self._edit(record) for record in self.rng.sample(records, round(len(records) * 2 * PEOPLE_SHARE))]
        await asyncio.gather(*edits)
        await self._settled()

    def _write(self, record: RecordRef, held: Mapping[Key, Any]) -> Encoded:
        self.sent += 1
        provider, now = self.rng.choice(PROVIDERS), clock.now()
        names = self.rng.sample(FIELDS[record.type], 2)
        changes = tuple(
            ProposedChange(
                record=record, field=name, old=held.get((record.type, record.id, name)), new=self._value(name),
                source=Source(kind="provider", name=provider, trust=0.8), confidence=0.95,
                actor=Actor(kind="rule", id="enrich"), reason="a provider said so",
                evidence=(Evidence(quote=f"answer {self.sent}", where=provider),),
            )
            for name in names
        )  # fmt: skip
        write_id = derived_id("drill-write", str(self.sent))
        event = CrmWrite(
            event_id=write_id, caused_by="drill", decided_at=now, write_id=write_id, lead_id=None, record=record,
            changes=changes, policy_hash=self.policy,
        )  # fmt: skip
        return encode(CRM_WRITE, event, record.key, source="drill")

    async def _edit(self, record: RecordRef) -> None:
        name = self.rng.choice(FIELDS[record.type])
        body = {"fields": {name: self._value(name)}, "reason": "somebody knows better"}
        url = f"{self.running.url('crm')}/api/records/{record.type}/{record.id}"
        (await self.http.patch(url, json=body)).raise_for_status()

    def _value(self, name: str) -> Any:
        return self.rng.randrange(1, 500) if name == "employees" else f"{name} {self.rng.randrange(20)}"

    async def history(self) -> list[FieldChange]:
        """What was ever applied, in the topic's order."""
        return applied(event for _, event in await events_of(self.running.kafka, "audit.change.v1"))

    async def _settled(self) -> None:
        """Return when crm has answered for all that was sent to it."""
        deadline, before = clock.monotonic() + CATCH_UP_SECONDS, -1
        while True:
            found = [event for _, event in await events_of(self.running.kafka, "audit.change.v1")]
            written = {one.change.trigger_event_id for one in found if isinstance(one, ChangeRecorded)}
            missing = sum(derived_id("drill-write", str(number)) not in written for number in range(1, self.sent + 1))
            if missing == 0 and len(found) == before:
                return
            if clock.monotonic() > deadline:
                raise TimeoutError(f"crm has not answered for {missing} writes after {CATCH_UP_SECONDS:.0f} s")
            before = len(found)
            await asyncio.sleep(0.2)

    async def crm_values(self) -> dict[Key, Any]:
        """What the CRM holds, by its own API."""
        found: dict[Key, Any] = {}
        for kind, names in FIELDS.items():
            after: str | None = ""
            while after is not None:
                url = f"{self.running.url('crm')}/api/records/{kind}"
                page = (await self.http.get(url, params={"limit": 500, "after": after})).json()
                for one in page["items"]:
                    found |= {(kind, one["id"], name): one["fields"].get(name) for name in names}
                after = page["next"]
        return found


def applied(events: Iterable[Any]) -> list[FieldChange]:
    """The applied changes among events, those of whole records field by field, each once."""
    found: dict[str, FieldChange] = {}
    for event in events:
        change = event.change
        if change.status is not Status.APPLIED:
            continue
        if change.field != WHOLE:
            found[change.change_id] = change
        elif isinstance(change.new, dict):
            for name, value in change.new.items():
                one = change.model_copy(update={"field": name, "new": value})
                found[f"{change.change_id} {name}"] = one
    return list(found.values())


def key_of(change: FieldChange) -> Key:
    """The field that a change is of."""
    return change.record.type, change.record.id, change.field


def values_of(history: Sequence[FieldChange]) -> dict[Key, Any]:
    """What every field holds after these changes."""
    return {key_of(change): change.new for change in history}


@dataclass(frozen=True)
class Node:
    """A value in force. `under` is what it replaced; a rollback's points `to` what it brought back into force."""

    change_id: str
    value: Any
    under: "Node | None"
    to: "Node | None" = None
    is_rollback: bool = False


@dataclass
class Wanted:
    """What a rollback has to lead to: the fields that move, with their values, and those that somebody else changed since."""

    values: dict[Key, Any] = field(default_factory=dict)
    conflicts: set[Key] = field(default_factory=set)


class Model:
    """Rollbacks by the plainest rule: a field goes back to what it held before the meant changes, unless another change lies
    on top of them. A rollback that lies there counts as what it brought back; a machine that repeats a value as nothing."""

    def __init__(self) -> None:
        self._meant: dict[str, set[str]] = {}

    def wanted(self, history: Sequence[FieldChange], meant: set[str]) -> Wanted:
        """What has to come of taking these changes back."""
        wanted = Wanted()
        of = {key_of(change) for change in history if change.change_id in meant}
        for key, top in self._tops(history).items():
            if key in of:
                self._decide(wanted, key, top, meant)
        return wanted

    def ordered(self, rollback_id: str, meant: set[str]) -> None:
        """Remember what a rollback was about."""
        self._meant[rollback_id] = meant

    def _tops(self, history: Sequence[FieldChange]) -> dict[Key, Node]:
        tops: dict[Key, Node] = {}
        for change in history:
            key, top = key_of(change), tops.get(key_of(change))
            if change.source.kind == "rollback":
                to = _landing(top, self._meant[change.source.name])
                tops[key] = Node(change.change_id, change.new, top, to, is_rollback=True)
            elif change.actor.kind == "human" or top is None or top.value != change.new:
                tops[key] = Node(change.change_id, change.new, top)
        return tops

    def _decide(self, wanted: Wanted, key: Key, top: Node, meant: set[str]) -> None:
        line = list(_in_force(top, meant))
        place = next((place for place, node in enumerate(line) if node.change_id in meant), None)
        if place is None:
            return
        value = _value(_without(line[place], meant))
        if value == top.value:
            return
        if place == 0:
            wanted.values[key] = value
        else:
            wanted.conflicts.add(key)


def _in_force(top: Node | None, meant: set[str]) -> Iterable[Node]:
    """The values that are in force one under the other: rollbacks that are not meant are passed to what they brought back."""
    while top is not None:
        if top.is_rollback and top.change_id not in meant:
            top = top.to
        else:
            yield top
            top = top.under


def _without(node: Node | None, meant: set[str]) -> Node | None:
    return next((one for one in _in_force(node, meant) if one.change_id not in meant), None)


def _landing(node: Node | None, meant: set[str]) -> Node | None:
    """Where taking off the meant changes ends, before what earlier rollbacks had taken off is passed."""
    found = node
    while node is not None:
        if node.change_id in meant:
            found = node = node.under
        elif node.is_rollback:
            node = node.to
        else:
            break
    return found


def _value(node: Node | None) -> Any:
    return None if node is None else node.value
