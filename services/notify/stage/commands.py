"""Notify's commands: what was kept is due, a message went out or did not, somebody pressed a button."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Literal

from pydantic import ValidationError

from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.contracts.events import Command, Event
from libs.contracts.outcome import Effect, Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, NOTICE_DELIVERED
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.notify.domain import plan
from services.notify.domain.known import Known, Moved
from services.notify.domain.notice import Delivery
from services.notify.domain.plan import DELIVERED, RELEASE, released
from services.notify.stage.state import State, advanced, moved_of, moving

NAME = "notify.commands"
VERSION = "1"
ANSWER = "answer"
"""The effect: triage is sent the decision, and the message says what became of it."""
ANSWERED = "answered"
"""The command that says how it ended."""
CHANNEL_TOLD = "channel_told"
"""The router's command: a channel was switched off."""
TOLD_ROLE = "revops"


class Release(Model):
    """Arguments of the timer `release`."""

    recipient: str
    channel: str
    due: datetime


class SendResult(Model):
    """What the effect `send` says. `off`: the channel was switched off by it, and why."""

    state: Literal["sent", "given_up"]
    reason: str = ""
    channel: str = ""
    off: str = ""


class Delivered(Model):
    """Arguments of the command `delivered`; `error` when the call was given up by the runtime."""

    result: SendResult | None = None
    error: str | None = None


class AnswerResult(Model):
    """What the effect `answer` says, in words without personal data."""

    delivery_id: str
    outcome: str
    decided: bool = False


class Answered(Model):
    """Arguments of the command `answered`."""

    result: AnswerResult | None = None
    error: str | None = None


def decide(event: Command, known: Known, now: datetime) -> Outcome[Event]:
    """What a command leads to. Raises Rejected for one that nobody handles."""
    try:
        match event.name:
            case plan.RELEASE:
                return _released(Release.model_validate(event.arguments), known, now)
            case plan.DELIVERED:
                return _delivered(event.key, Delivered.model_validate(event.arguments), known, now)
            case plan.PRESSED:
                return Outcome(effects=(Effect(ANSWER, event.key, event.arguments, done=ANSWERED),))
            case "answered":
                return _answered(Answered.model_validate(event.arguments), known, now)
    except ValidationError:
        raise Rejected(RejectionReason.INVALID, f"not the arguments of {event.name!r}") from None
    raise Rejected(RejectionReason.INVALID, f"notify has no command {event.name[:40]!r}")


def _released(told: Release, known: Known, now: datetime) -> Outcome[Event]:
    assert known.policy is not None
    moved = released(known.deliveries.values(), told.recipient, told.channel, told.due, known.policy, now)
    return moving(Moved(deliveries=moved)) if moved else Outcome()


def _delivered(message_id: str, told: Delivered, known: Known, now: datetime) -> Outcome[Event]:
    result = told.result or SendResult(state="given_up", reason=told.error or "it was given up without a reason")
    moved = tuple(
        one.moved(result.state, now, result.reason)
        for one in _by_id(known.deliveries)
        if one.message_id == message_id and one.state == "queued"
    )
    off: tuple[Event, ...] = ()
    if result.off:
        arguments = {"role": TOLD_ROLE, "reason": result.off}
        off = (
            Command(target="router", name=CHANNEL_TOLD, key=result.channel, actor=Actor(kind="rule", id=NAME),
                    arguments=arguments),
        )  # fmt: skip
    told_of = moving(Moved(deliveries=moved), *off)
    return replace(told_of, state=told_of.state if moved else None)


def _answered(told: Answered, known: Known, now: datetime) -> Outcome[Event]:  # noqa: ARG001 - the press is no move
    held = known.deliveries.get(told.result.delivery_id) if told.result is not None else None
    if held is None or told.result is None or not told.result.decided:
        return Outcome()
    return Outcome(state=Moved(deliveries=(replace(held, answer=told.result.outcome),)))


def _by_id(deliveries: Any) -> list[Delivery]:
    return [deliveries[name] for name in sorted(deliveries)]


def commands_stage(state: State, policies: PolicyVersions) -> Stage[Command, Known]:
    """The stage, on its state."""

    async def gather(commands: Sequence[Command]) -> Known:
        found: dict[str, Delivery] = {}
        due = [release for command in commands if (release := _release_of(command)) is not None]
        if due:
            found.update(await state.waiting([(one.recipient, one.channel, one.due) for one in due]))
        if messages := [command.key for command in commands if command.name == DELIVERED]:
            found.update(await state.of_messages(messages))
        if answered := [name for command in commands if (name := _answered_id(command))]:
            found.update(await state.of_ids(answered))
        return Known(policies.newest(), deliveries=found)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(moved_of(outcomes))

    produces = (NOTICE_DELIVERED, COMMANDS["router"])
    return Stage(NAME, "notify", VERSION, COMMANDS["notify"], produces, gather, decide, advanced, save, batch_max=100)


def _release_of(command: Command) -> Release | None:
    try:
        return Release.model_validate(command.arguments) if command.name == RELEASE else None
    except ValidationError:
        return None


def _answered_id(command: Command) -> str:
    try:
        told = Answered.model_validate(command.arguments) if command.name == ANSWERED else None
    except ValidationError:
        return ""
    return told.result.delivery_id if told is not None and told.result is not None else ""
