"""Audit's commands: audit.command.v1 in; out come writes for what a rollback restores, audited changes for what it can't, and
for an erasure the word to every service."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue, ValidationError

from libs.contracts.change import RecordRef, Workflow
from libs.contracts.events import Command, CrmWrite, Event
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, CRM_WRITE, SUBJECT_ERASED
from libs.contracts.undo import TAKE_BACK, UNDO, TakeBackArguments
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.audit.domain.compensate import Ordered, RollbackOrder, conflicts, writes
from services.audit.domain.erasure import AGAIN, ERASE, EraseOrder, Erasing, Repeated, again, erased
from services.audit.domain.move import Move
from services.audit.domain.rollback import Plan, differences, plan, rollback_id
from services.audit.domain.selection import Selection, SelectionTooLarge
from services.audit.domain.told import Owners, tasks, words_to_owners

WORKFLOW = Workflow(name="audit.commands", version="1")
ROLLBACK = "rollback"
REFUSAL = "audit knows `rollback`, `take_back` and `erase`, ordered by a person with a reason and what they looked at"
GATHER_SECONDS = 60.0
"""A selection may read hundreds of thousands of rows."""


class RollbackStore(Protocol):
    """What the stage reads and writes, inside the batch's transaction."""

    async def moves_for(self, selection: Selection) -> Sequence[Move]:
        """All moves of every field that the selection may touch, and the decisions behind them.

        Raises SelectionTooLarge.
        """
        ...

    async def plan_seen(self, plan_hash: str) -> Plan | None:
        """A plan that was shown to somebody."""
        ...

    async def carried_out(self, rollback_id: str) -> bool:
        """Whether this rollback was carried out before."""
        ...

    async def owners(self, records: Iterable[RecordRef]) -> Owners:
        """Whose these records are, as far as the log knows."""
        ...

    async def keep(self, ordered: Ordered) -> None:
        """Store a rollback."""
        ...


class ErasureStore(Protocol):
    """What the stage reads and writes of erasures, inside the batch's transaction."""

    async def erasing(self, erasure_id: str) -> Erasing | None:
        """An erasure that was ordered before."""
        ...

    async def order(self, one: Erasing) -> None:
        """Keep an erasure that is ordered now."""
        ...

    async def repeated(self, erasure_id: str, at: datetime) -> None:
        """Note that it was said again."""
        ...


@dataclass(frozen=True, slots=True)
class Facts:
    """What one command is decided by. `order` None: the command is none that audit knows."""

    order: RollbackOrder | None = None
    moves: Sequence[Move] = ()
    owners: Owners = field(default_factory=dict)
    seen: Plan | None = None
    done_before: bool = False
    policy_hash: str = ""
    too_large: str = ""
    taken: Selection | None = None
    """What a decision let out that its person took back."""
    erase: EraseOrder | None = None
    erasing: Erasing | None = None
    """The erasure that the command orders or repeats, when it was ordered before."""


def commands_stage(
    store: RollbackStore, erasures: ErasureStore, policies: PolicyVersions, max_fields: int
) -> Stage[Command, Facts]:
    """The stage that carries rollbacks and erasures out. One command a batch: the next one must see what this one stored."""

    async def gather(events: Sequence[Command]) -> Facts:
        if events[0].name == AGAIN:
            return Facts(erasing=await erasures.erasing(events[0].key))
        if (taken := take_back_of(events[0])) is not None:
            moves = await store.moves_for(taken)
            records = {move.change.record for move in moves}
            return Facts(
                taken=taken, moves=moves, owners=await store.owners(records), policy_hash=policies.newest().hash
            )
        if (erase := erase_order_of(events[0])) is not None:
            held = await erasures.erasing(erase.group.erasure_id)
            return Facts(erase=erase, erasing=held, policy_hash=policies.newest().hash)
        order = order_of(events[0])
        if order is None:
            return Facts()
        try:
            moves = await store.moves_for(order.selection)
        except SelectionTooLarge as error:
            return Facts(order=order, too_large=str(error))
        return Facts(
            order=order,
            moves=moves,
            owners=await store.owners({move.change.record for move in moves}),
            seen=await store.plan_seen(order.plan_hash),
            done_before=await store.carried_out(rollback_id(order.plan_hash)),
            policy_hash=policies.newest().hash,
        )

    def decide(event: Command, facts: Facts, now: datetime) -> Outcome[Event]:
        if event.name == AGAIN and facts.erasing is not None:
            return again(facts.erasing, now)
        if facts.taken is not None:
            return _taken_back(event, facts, facts.taken, now)
        if facts.erase is not None:
            return _erase(event, facts, facts.erase, now)
        if facts.order is None:
            raise Rejected(RejectionReason.INVALID, REFUSAL)
        return _rollback(event, facts, facts.order, max_fields, now)

    async def save(outcomes: Sequence[Outcome[Event]]) -> None:
        for outcome in outcomes:
            match outcome.state:
                case Ordered():
                    await store.keep(outcome.state)
                case Erasing():
                    await erasures.order(outcome.state)
                case Repeated():
                    await erasures.repeated(outcome.state.erasure_id, outcome.state.at)

    return Stage(
        WORKFLOW.name, "audit", WORKFLOW.version, COMMANDS["audit"], (CRM_WRITE, COMMANDS["router"], SUBJECT_ERASED),
        gather, decide,
        save=save, batch_max=1, gather_seconds=GATHER_SECONDS,
    )  # fmt: skip


def order_of(event: Command) -> RollbackOrder | None:
    """The order that a command holds; None for another command, another actor than a person, or bad arguments."""
    if event.name != ROLLBACK or event.actor.kind != "human":
        return None
    try:
        return RollbackOrder.model_validate(event.arguments)
    except ValidationError:
        return None


def take_back_of(event: Command) -> Selection | None:
    """What an undo in triage rolls back: all that was written for the lead in its time, by machines and by the person's yes;
    None for another command, another actor than a person, or bad arguments."""
    if event.name != TAKE_BACK or event.actor.kind != "human":
        return None
    try:
        told = TakeBackArguments.model_validate(event.arguments)
        return Selection(lead_id=event.key, since=told.since, until=told.until, people=True)
    except ValidationError:
        return None


def _taken_back(event: Command, facts: Facts, selection: Selection, now: datetime) -> Outcome[Event]:
    """The rollback of an undo: nobody looked at a plan, since it holds only what the person's own decision let out."""
    held, reason = plan(facts.moves, selection), f"{event.actor.id} took the decision back"
    if not held.items:
        return Outcome(answer={"status": "nothing"})
    said = event.actor, reason
    settled = conflicts(held, *said, workflow=WORKFLOW, policy_hash=facts.policy_hash, cause=event.event_id, now=now)
    return Outcome(
        emits=(
            *(_undoing(one) for one in writes(held, *said, facts.policy_hash)),
            *words_to_owners(held, facts.owners, *said),
        ),
        settled=settled,
        state=Ordered(held, event.command_id, reason, event.actor, now),
        answer={"status": "ordered", "rollback_id": held.rollback_id, "counts": {**held.counts}},
    )


def _undoing(write: CrmWrite) -> CrmWrite:
    changes = tuple(one.model_copy(update={"proposed_by": UNDO}) for one in write.changes)
    return write.model_copy(update={"changes": changes})


def erase_order_of(event: Command) -> EraseOrder | None:
    """The erasure that a command orders; None for another command, a machine's, or one that names nothing."""
    if event.name != ERASE or event.actor.kind not in ("human", "rule"):
        return None
    try:
        order = EraseOrder.model_validate(event.arguments)
    except ValidationError:
        return None
    return order if order.group else None


def _erase(event: Command, facts: Facts, order: EraseOrder, now: datetime) -> Outcome[Event]:
    if facts.erasing is not None:
        return Outcome(answer={"status": "ordered", "erasure_id": order.group.erasure_id, "repeated": True})
    return erased(order, event.actor, facts.policy_hash, WORKFLOW, event.event_id, now)


def _rollback(event: Command, facts: Facts, order: RollbackOrder, max_fields: int, now: datetime) -> Outcome[Event]:
    if facts.too_large:
        return Outcome(answer={"status": "refused", "code": "too_large", "message": facts.too_large})
    if facts.done_before:
        return Outcome(answer={"status": "ordered", "rollback_id": rollback_id(order.plan_hash), "repeated": True})
    held = plan(facts.moves, order.selection, order.confirmed)
    if held.plan_hash != order.plan_hash:
        return _refused("plan_changed", "the plan has changed since it was made: look at the new one", held, facts.seen)
    if held.counts["restore"] > max_fields:
        message = f"{held.counts['restore']} fields are more than the {max_fields} that one rollback may restore"
        return _refused("too_large", f"{message}: narrow the selection", held, held)
    settled = conflicts(
        held, event.actor, order.reason, workflow=WORKFLOW, policy_hash=facts.policy_hash, cause=event.event_id, now=now
    )
    said = event.actor, order.reason
    return Outcome(
        emits=(
            *writes(held, *said, facts.policy_hash),
            *tasks(held, facts.owners, *said, facts.policy_hash),
            *words_to_owners(held, facts.owners, *said),
        ),
        settled=settled,
        state=Ordered(held, event.command_id, order.reason, event.actor, now),
        answer={"status": "ordered", "rollback_id": held.rollback_id, "counts": {**held.counts}},
    )


def _refused(code: str, message: str, held: Plan, seen: Plan | None) -> Outcome[Event]:
    changed: list[JsonValue] = [] if seen is None else [*differences(seen, held)]
    return Outcome(answer={
        "status": "refused", "code": code, "message": message, "plan_hash": held.plan_hash, "counts": {**held.counts},
        "changed": changed,
    })  # fmt: skip
