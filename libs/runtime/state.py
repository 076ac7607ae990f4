"""State of a stateful stage: outcomes and the checkpoint live in the same database transaction as what the stage stores."""

import json
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, cast

import asyncpg
from pydantic import JsonValue

from libs.contracts.outcome import Effect, Timer
from libs.runtime.errors import Retryable

_connection: ContextVar[asyncpg.Connection] = ContextVar("signalbox_transaction")

Verdict = Literal["decided", "redelivered", "dead", "refused"]
DATABASE_AWAY = (
    OSError,
    TimeoutError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.OperatorInterventionError,
    asyncpg.InsufficientResourcesError,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    asyncpg.IdleInTransactionSessionTimeoutError,
    asyncpg.LockNotAvailableError,
)
"""What says that the database is not ready, and nothing about the input."""


def transaction() -> asyncpg.Connection:
    """The connection of the database transaction that the stage loop opened around the current batch.

    Raises LookupError outside one: a store is used by gather and save only.
    """
    return _connection.get()


@contextmanager
def bind(connection: asyncpg.Connection) -> Iterator[None]:
    """Make `connection` what `transaction()` returns in this block."""
    token = _connection.set(connection)
    try:
        yield
    finally:
        _connection.reset(token)


@dataclass(frozen=True, slots=True)
class Stored:
    """An input's outcome as a row. `records` are packed (see stored.py)."""

    offset: int
    event_id: str
    verdict: Verdict
    records: bytes
    answer: JsonValue = None
    effects: tuple[Effect, ...] = ()
    timers: tuple[Timer, ...] = ()


@dataclass(slots=True)
class Checkpoint:
    """How far one stage got on one partition, locked until the transaction ends."""

    stage: str
    topic: str
    partition: int
    next_offset: int

    async def outcomes(self, offsets: Sequence[int]) -> dict[int, tuple[str, bytes]]:
        """The event id and the stored records of inputs below the checkpoint, by offset."""
        rows = await transaction().fetch(
            'select "offset", event_id, records from outcome '
            'where stage = $1 and topic = $2 and partition = $3 and "offset" = any($4)',
            self.stage, self.topic, self.partition, list(offsets),
        )  # fmt: skip
        return {row["offset"]: (row["event_id"], row["records"]) for row in rows}

    async def known(self, event_ids: Sequence[str]) -> set[str]:
        """Which of these events this stage has decided before, at whatever offset. Dead letters do not count."""
        rows = await transaction().fetch(
            "select distinct event_id from outcome where event_id = any($1) and stage = $2 "
            "and verdict in ('decided', 'refused')",
            list(event_ids), self.stage,
        )  # fmt: skip
        return {row["event_id"] for row in rows}

    async def advance(self, next_offset: int, stored: Sequence[Stored], now: datetime) -> None:
        """Store the outcomes with their effects and timers, and move the checkpoint."""
        connection = transaction()
        if stored:
            await connection.execute(
                'insert into outcome (stage, topic, partition, "offset", event_id, verdict, records, answer, decided_at) '
                "select $1, $2, $3, o, e, v, r, a::jsonb, $4 "
                "from unnest($5::bigint[], $6::text[], $7::text[], $8::bytea[], $9::text[]) as t(o, e, v, r, a)",
                self.stage, self.topic, self.partition, now,
                [row.offset for row in stored], [row.event_id for row in stored], [row.verdict for row in stored],
                [row.records for row in stored],
                [None if row.answer is None else json.dumps(row.answer) for row in stored],
            )  # fmt: skip
        for row in stored:
            await _store_timers(connection, row)
            await _store_effects(connection, row, now)
        await self.move(next_offset)

    async def move(self, next_offset: int) -> None:
        """Move the checkpoint alone, when what was stored stands elsewhere in this transaction."""
        await transaction().execute(
            "update checkpoint set next_offset = $4 where stage = $1 and topic = $2 and partition = $3",
            self.stage, self.topic, self.partition, next_offset,
        )  # fmt: skip
        self.next_offset = next_offset


async def _store_timers(connection: asyncpg.Connection, row: Stored) -> None:
    for timer in row.timers:
        if timer.due_at is None:
            await connection.execute("delete from timer where name = $1 and key = $2", timer.name, timer.key)
            continue
        await connection.execute(
            "insert into timer (name, key, due_at, arguments, cause) values ($1, $2, $3, $4::jsonb, $5) "
            "on conflict (name, key) do update set due_at = excluded.due_at, arguments = excluded.arguments, "
            "cause = excluded.cause",
            timer.name, timer.key, timer.due_at, json.dumps(timer.arguments), row.event_id,
        )  # fmt: skip


async def _store_effects(connection: asyncpg.Connection, row: Stored, now: datetime) -> None:
    for ordinal, effect in enumerate(row.effects):
        await connection.execute(
            "insert into effect (effect_id, name, key, arguments, done, next_at, created_at) "
            "values ($1, $2, $3, $4::jsonb, $5, $6, $6) "
            "on conflict do nothing",
            f"{row.event_id}:{ordinal}", effect.name, effect.key, json.dumps(effect.arguments), effect.done, now,
        )  # fmt: skip


@asynccontextmanager
async def locked_checkpoint(pool: asyncpg.Pool, stage: str, topic: str, partition: int) -> AsyncIterator[Checkpoint]:
    """One database transaction with the checkpoint row locked. Raises Retryable when the database is away."""
    try:
        async with pool.acquire(timeout=10) as connection, connection.transaction():
            await connection.execute(
                "insert into checkpoint (stage, topic, partition, next_offset) values ($1, $2, $3, 0) on conflict do nothing",
                stage, topic, partition,
            )  # fmt: skip
            next_offset = await connection.fetchval(
                "select next_offset from checkpoint where stage = $1 and topic = $2 and partition = $3 for update",
                stage, topic, partition,
            )  # fmt: skip
            with bind(cast(asyncpg.Connection, connection)):
                yield Checkpoint(stage, topic, partition, next_offset)
    except DATABASE_AWAY as error:
        raise Retryable(f"Postgres: {type(error).__name__}") from error
