"""What crm's stages share: the locked records of a batch, the policies that count, and how a delta reaches the store."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol

from libs.contracts.change import RecordRef
from libs.contracts.outcome import Outcome
from libs.policy.autonomy import Levels, Segments
from libs.policy.launch import stricter
from libs.policy.policy import Policy
from libs.runtime.policies import PolicyVersions
from services.crm.domain.judge import Gate
from services.crm.domain.record import Delta, Held, RecordState, refs_in_order
from services.crm.domain.suppression import Entry, held_for
from services.crm.domain.webhooks import Subscriber, calls_of, subscribed


class RecordStore(Protocol):
    """Where records are kept."""

    async def locked(self, refs: Sequence[RecordRef]) -> Held:
        """The records with their memory, locked until the transaction ends; what does not exist has version 0."""
        ...

    async def entries(self, records: Iterable[RecordState]) -> Sequence[Entry]:
        """The suppression entries that name one of the records."""
        ...

    async def existing(self, refs: Sequence[RecordRef]) -> frozenset[RecordRef]:
        """Which of the records exist, not locked."""
        ...

    async def subscribers(self) -> Sequence[Subscriber]:
        """The webhooks that are told of changes now."""
        ...

    async def save(self, deltas: Sequence[Delta]) -> None:
        """Store what a batch changed, in order."""
        ...


@dataclass(frozen=True, slots=True)
class CrmFacts:
    """What crm decides a batch by."""

    held: Held
    entries: Sequence[Entry]
    newest: Policy
    policies: Mapping[str, Policy] = field(default_factory=dict)
    existing: frozenset[RecordRef] = frozenset()
    """Records that the batch's values name and that were there before it."""
    subscribers: Sequence[Subscriber] = ()
    levels: Levels = field(default_factory=dict)

    def exists(self, ref: RecordRef) -> bool:
        """Whether a record that a value names is there, the batch's own changes included."""
        held = self.held.records.get(ref)
        return ref in self.existing if held is None else held.exists

    def gates(self, policy: Policy, now: datetime, segments: Segments | None = None) -> Callable[[RecordState], Gate]:
        """The gate of a record under one policy: launch mode and earned level are the stricter of that and the newest."""
        mode = stricter(policy.launch.mode, self.newest.launch.mode)
        told = segments or {}
        return lambda record: Gate(policy, mode, held_for(record, self.entries, now), self.newest, self.levels, told)


async def gathered(
    store: RecordStore,
    versions: PolicyVersions,
    refs: Iterable[RecordRef],
    hashes: Iterable[str] = (),
    named: Iterable[RecordRef] = (),
) -> CrmFacts:
    """The facts of a batch. Raises Retryable when a policy is not known here yet."""
    policies = {policy_hash: versions.by_hash(policy_hash) for policy_hash in set(hashes)}
    newest = versions.newest()
    held = await store.locked(refs_in_order(refs))
    entries = await store.entries(held.records.values())
    links = refs_in_order(ref for ref in named if ref not in held.records)
    existing = await store.existing(links) if links else frozenset()
    return CrmFacts(held, entries, newest, policies, existing, await store.subscribers(), versions.levels())


def announcing(outcome: Outcome[Any], facts: CrmFacts, now: datetime) -> Outcome[Any]:
    """The outcome with the calls that tell subscribers of its changes. Every stage that emits record.changed ends so."""
    calls = calls_of((outcome.next, *outcome.emits), facts.subscribers, now)
    return replace(outcome, effects=(*outcome.effects, *calls)) if calls else outcome


def advanced(facts: CrmFacts, outcome: Outcome[Any]) -> CrmFacts:
    """The facts after one input of the batch."""
    if not isinstance(outcome.state, Delta):
        return facts
    told = subscribed(facts.subscribers, outcome.state.webhooks)
    return replace(facts, held=facts.held.after(outcome.state), subscribers=told)


async def saved(store: RecordStore, outcomes: Sequence[Outcome[Any]]) -> None:
    """Store what a batch changed."""
    deltas = [outcome.state for outcome in outcomes if isinstance(outcome.state, Delta)]
    if deltas:
        await store.save(deltas)
