"""The one entrance for people's commands, due timers and finished effects: `<service>.command.v1`."""

import asyncio
import json
from dataclasses import dataclass
from datetime import datetime

import asyncpg
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.codec import Encoded, encode
from libs.contracts.events import Command
from libs.contracts.keys import subject_of
from libs.contracts.topics import COMMANDS
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.errors import Retryable
from libs.runtime.state import DATABASE_AWAY

WAIT_SECONDS = 2.0
"""A person waits so long for the outcome; then the answer is 202 and a link."""
POLL_SECONDS = 0.01


@dataclass(frozen=True, slots=True)
class CommandResult:
    """What became of a command. `done` False: not decided yet, ask again by `command_id`."""

    command_id: str
    done: bool
    answer: JsonValue = None
    refused: str | None = None


def command_record(
    service: str,
    name: str,
    key: str,
    actor: Actor,
    arguments: JsonValue,
    now: datetime,
    *,
    command_id: str,
    seen_hash: str | None = None,
    cause: str = "",
) -> Encoded:
    """The Kafka record of a command; the same `command_id` is decided once."""
    command = Command(
        event_id=command_id,
        caused_by=cause,
        decided_at=now,
        command_id=command_id,
        target=service,
        name=name,
        key=key,
        actor=actor,
        arguments=arguments,
        seen_hash=seen_hash,
    )
    return encode(COMMANDS[service], command, key, source=service, subject_key_id=subject_of(command))


class Commands:
    """Sends commands to the own service and waits for their outcome in its database."""

    def __init__(self, producer: Producer, pool: asyncpg.Pool | None) -> None:
        self._producer = producer
        self._pool = pool

    async def send(
        self,
        service: str,
        name: str,
        key: str,
        actor: Actor,
        arguments: JsonValue,
        seen_hash: str | None = None,
        command_id: str | None = None,
    ) -> CommandResult:
        """The outcome, after at most 2 s. A caller's own `command_id` makes a repeated request harmless.

        Raises Retryable when the broker does not take the command.
        """
        command_id = command_id or clock.new_id()
        record = command_record(
            service, name, key, actor, arguments, clock.now(), command_id=command_id, seen_hash=seen_hash
        )
        await self._producer.send_and_wait(record)
        try:
            return await self.outcome(command_id, WAIT_SECONDS)
        except Retryable:
            return CommandResult(command_id, done=False)  # it was taken, and is decided once the database is back

    async def outcome(self, command_id: str, wait_seconds: float = 0.0) -> CommandResult:
        """What became of a command so far. Raises Retryable when the database is away."""
        try:
            return await self._outcome(command_id, wait_seconds)
        except DATABASE_AWAY as error:
            raise Retryable(f"Postgres: {type(error).__name__}") from error

    async def _outcome(self, command_id: str, wait_seconds: float) -> CommandResult:
        deadline = clock.monotonic() + wait_seconds
        pause = POLL_SECONDS
        while self._pool is not None:
            row = await self._pool.fetchrow(
                # two halves, each with an index of its own: by `verdict <> 'redelivered'` the table would be read through
                "select verdict, answer from outcome where event_id = $1 and verdict in ('decided', 'refused') "
                "union all select verdict, answer from outcome where event_id = $1 and verdict = 'dead' limit 1",
                command_id,
            )
            if row is not None:
                return _result(command_id, row["verdict"], row["answer"])
            if clock.monotonic() >= deadline:
                break
            await asyncio.sleep(pause)
            pause = min(0.05, pause * 1.5)
        return CommandResult(command_id, done=False)


def _result(command_id: str, verdict: str, answer: str | None) -> CommandResult:
    value: JsonValue = None if answer is None else json.loads(answer)
    if verdict == "refused":
        refused = value.get("refused") if isinstance(value, dict) else None
        return CommandResult(command_id, done=True, answer=value, refused=str(refused or "refused"))
    if verdict == "dead":
        return CommandResult(command_id, done=True, refused="it could not be decided and became a dead letter")
    return CommandResult(command_id, done=True, answer=value)
