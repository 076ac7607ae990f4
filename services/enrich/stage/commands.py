"""Enrich's commands: `complete`, a question was missed (`late.Order`), and `answered`, its effect has ended (`late.Ended`).

`load_companies` and `forget_companies` change the company directory. What a late answer changes becomes dedupe's command
`complete`, which lets the lead in again as its next version.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue, ValidationError

from libs.contracts.events import Command
from libs.contracts.outcome import Effect, Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from libs.runtime.stage import Stage
from services.enrich.domain.directory import (
    FORGET,
    LOAD,
    DirectoryChange,
    ForgetArguments,
    LoadArguments,
    Loaded,
    listed,
)
from services.enrich.domain.late import Ended, Order, Remembered, Reply, call_of, moved, opened, reentry, settled
from services.enrich.stage.line import ASK_LATER

NAME = "enrich.commands"
VERSION = "1"
ASK = "ask"
"""The effect: a provider is asked again."""
ANSWERED = "answered"
"""The command that says how the effect ended."""


class LateStore(Protocol):
    """Where missed questions are kept; used inside the batch's database transaction."""

    async def locked(self, question_ids: Sequence[str]) -> Mapping[str, Remembered]:
        """The questions of these ids, locked until the transaction ends."""
        ...

    async def save(self, questions: Sequence[Remembered]) -> None:
        """Store the questions as they are now."""
        ...


class Directory(Protocol):
    """Where the company directory is kept; used inside the batch's database transaction."""

    async def save_loads(self, loads: Sequence[tuple[Loaded, datetime]]) -> None:
        """Add the rows, or take those of a load away, in this order."""
        ...


class PolicyVersions(Protocol):
    """Where the stage gets the policy that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...


@dataclass(frozen=True, slots=True)
class Facts:
    """The questions that a batch is about, and the policies of their leads."""

    questions: Mapping[str, Remembered]
    policies: Mapping[str, Policy]


def commands_stage(store: LateStore, directory: Directory, policies: PolicyVersions) -> Stage[Command, Facts]:
    """The stage, on its stores."""

    async def gather(commands: Sequence[Command]) -> Facts:
        held = await store.locked(sorted({command.key for command in commands}))
        orders = [one.order for one in held.values()] + [_order(command) for command in commands]
        hashes = {order.lead.policy_hash for order in orders if order is not None}
        return Facts(held, {one: policies.by_hash(one) for one in hashes})

    def advance(facts: Facts, outcome: Outcome[Any]) -> Facts:
        held = outcome.state
        if not isinstance(held, Remembered):
            return facts
        return Facts({**facts.questions, held.question_id: held}, facts.policies)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        held = {one.state.question_id: one.state for one in outcomes if isinstance(one.state, Remembered)}
        await store.save(list(held.values()))
        changes = [one.state for one in outcomes if isinstance(one.state, DirectoryChange)]
        await directory.save_loads([(change.load, change.at) for change in changes])

    produces = (COMMANDS["dedupe"],)
    return Stage(NAME, "enrich", VERSION, COMMANDS["enrich"], produces, gather, decide, advance, save, batch_max=100)


def decide(command: Command, facts: Facts, now: datetime) -> Outcome[Any]:
    """What follows from a missed question, or from what its provider said at last. Raises Rejected for any other command."""
    if command.name in (LOAD, FORGET):
        return _directory(command, now)
    held = facts.questions.get(command.key)
    order = _order(command)
    if order is not None and order.question_id == command.key:
        return _missed(held, order, facts.policies[order.lead.policy_hash])
    if command.name == ANSWERED and held is not None:
        return _answered(held, _ended(command), facts, now)
    raise Rejected(
        RejectionReason.INVALID, f"enrich knows no command {command.name!r} with these arguments for this key"
    )


def _directory(command: Command, now: datetime) -> Outcome[Any]:
    """Rows into the directory or out of it; what does not fit is told by its line."""
    try:
        if command.name == FORGET:
            gone = ForgetArguments.model_validate(command.arguments)
            load = Loaded(gone.load_id, actor=command.actor.id, removed=True)
            return Outcome(state=DirectoryChange(load, now), answer={"removed": True})
        asked = LoadArguments.model_validate(command.arguments)
    except ValidationError:
        raise Rejected(RejectionReason.INVALID, f"not the arguments of {command.name!r}") from None
    load, problems = listed(asked, command.actor.id)
    told: JsonValue = {"loaded": len(load.rows), "problems": [*problems]}
    return Outcome(state=DirectoryChange(load, now) if load.rows else None, answer=told)


def _order(command: Command) -> Order | None:
    if command.name != ASK_LATER:
        return None
    try:
        return Order.model_validate(command.arguments)
    except ValidationError:
        return None


def _ended(command: Command) -> Ended:
    try:
        return Ended.model_validate(command.arguments)
    except ValidationError:
        raise Rejected(RejectionReason.INVALID, f"not the arguments of {command.name!r}") from None


def _missed(held: Remembered | None, order: Order, policy: Policy) -> Outcome[Any]:
    """A question is asked by one effect at a time; one that is settled is not asked again."""
    if held is None:
        new = opened(order, policy)
        return Outcome(state=new, effects=(_effect(new, order),), answer={"state": "open"})
    if held.state == "open":
        return Outcome(state=moved(held, order), answer={"state": "open"})
    again = reentry(order.lead, held.answers, policy)
    return Outcome(emits=(again,) if again else (), answer={"state": held.state, "reenters": again is not None})


def _answered(held: Remembered, ended: Ended, facts: Facts, now: datetime) -> Outcome[Any]:
    order = held.order
    if order is None:
        return Outcome(answer={"state": held.state})
    if ended.result is None and now < held.until:  # the runtime's patience ended before the policy's
        return Outcome(effects=(_effect(held, order),), answer={"state": "open"})
    last = settled(held, order, ended.result or Reply(reason=ended.error or ""), now)
    again = reentry(order.lead, last.answers, facts.policies[order.lead.policy_hash])
    answer: JsonValue = {"state": last.state, "reenters": again is not None}
    return Outcome(state=last, emits=(again,) if again else (), answer=answer)


def _effect(held: Remembered, order: Order) -> Effect:
    return Effect(ASK, held.question_id, call_of(held, order).model_dump(mode="json"), done=ANSWERED)
