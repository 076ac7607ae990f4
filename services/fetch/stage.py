"""Fetch's commands: an object is asked for, or the call for it has ended. The call itself is an effect (`calls.py`)."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from pydantic import ValidationError

from libs.contracts.base import Model
from libs.contracts.events import Command, SubmissionReceived
from libs.contracts.fetch import FETCH, FetchOrder
from libs.contracts.outcome import Effect, Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, SUBMISSION_RECEIVED
from libs.runtime.errors import Rejected
from libs.runtime.stage import Stage
from services.fetch.domain.wanted import Wanted, is_asked_anew, missing_submission

NAME = "fetch.commands"
VERSION = "1"
CALL = "call"
"""The effect: one HTTP GET, whose answer it keeps as a submission."""
CALLED = "called"
"""The command that says how the effect ended."""


class WantedStore(Protocol):
    """Where wanted objects are kept."""

    async def locked(self, keys: Sequence[str]) -> Mapping[str, Wanted]:
        """The objects of these keys that were asked for before, locked until the transaction ends."""
        ...

    async def save(self, moved: Iterable[Wanted]) -> None:
        """Store the objects as they are now."""
        ...


class CallResult(Model):
    """What the effect says when the provider answered: the answer is kept, or the provider has deleted the object."""

    outcome: Literal["fetched", "gone"]
    reason: str = ""


class Called(Model):
    """Arguments of the command `called`; `error` when the call was given up."""

    result: CallResult | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """The objects that a batch is about."""

    by_key: Mapping[str, Wanted]


def commands_stage(store: WantedStore) -> Stage[Command, Facts]:
    """The stage, on a store."""

    async def gather(commands: Sequence[Command]) -> Facts:
        return Facts(await store.locked(sorted({command.key for command in commands})))

    def advance(facts: Facts, outcome: Outcome[Any]) -> Facts:
        moved = outcome.state
        return Facts({**facts.by_key, moved.key: moved}) if isinstance(moved, Wanted) else facts

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        moved = {outcome.state.key: outcome.state for outcome in outcomes if isinstance(outcome.state, Wanted)}
        if moved:
            await store.save(moved.values())

    return Stage(
        NAME, "fetch", VERSION, COMMANDS["fetch"], (SUBMISSION_RECEIVED,), gather, decide, advance, save, batch_max=200
    )


def decide(command: Command, facts: Facts, now: datetime) -> Outcome[SubmissionReceived]:
    """A call for a new object, or what follows from a call's end. Raises Rejected for any other command."""
    held = facts.by_key.get(command.key)
    try:
        if command.name == FETCH:
            return _asked(command, FetchOrder.model_validate(command.arguments), held, now)
        if command.name == CALLED and held is not None:
            return _called(held, Called.model_validate(command.arguments), now)
    except ValidationError:
        raise Rejected(RejectionReason.INVALID, f"not the arguments of {command.name!r}") from None
    raise Rejected(RejectionReason.INVALID, f"fetch knows no command {command.name!r} for this key")


def _asked(command: Command, order: FetchOrder, held: Wanted | None, now: datetime) -> Outcome[SubmissionReceived]:
    if order.submission_id != command.key:
        raise Rejected(RejectionReason.INVALID, "the key is not that of the object asked for")
    if held is not None and not is_asked_anew(held, order):
        return Outcome(answer={"state": held.state})
    effect = Effect(CALL, command.key, order.model_dump(mode="json"), done=CALLED)
    return Outcome(effects=(effect,), state=Wanted(command.key, order, "open", now), answer={"state": "open"})


def _called(held: Wanted, said: Called, now: datetime) -> Outcome[SubmissionReceived]:
    """The effect kept an answer itself; that there is none is told here. An answer outweighs another call's failure."""
    if said.result is not None and said.result.outcome == "fetched":
        return Outcome(state=held.settled("fetched", now))
    if held.state == "fetched":
        return Outcome()
    outcome: Literal["gone", "given_up"] = "given_up" if said.result is None else "gone"
    reason = (said.error if said.result is None else said.result.reason) or "the provider gave no reason"
    told = missing_submission(held.order, outcome, reason, now)
    return Outcome(emits=(told,), state=held.settled(outcome, now, reason))
