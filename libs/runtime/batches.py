"""Effects of one name that go out many at a time: a remote system counts calls, not records."""

import json
import logging
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

import asyncpg
from pydantic import JsonValue

from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.effects import MAX_ATTEMPTS, finish, may_try_again, put_off
from libs.runtime.errors import Rejected, Retryable

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)
"""A batch that was not heard of for so long is run again: its process died."""


@dataclass(frozen=True, slots=True)
class Due:
    """One effect of a batch."""

    effect_id: str
    """The idempotency key: the same at every attempt."""
    key: str
    arguments: JsonValue
    attempts: int


@dataclass(frozen=True, slots=True)
class Done:
    """An effect that was carried out. `told`: its result returns as a command, when the effect asks for that at all."""

    result: JsonValue = None
    told: bool = True


BatchRunner = Callable[[Sequence[Due]], Awaitable[Sequence[Done | Rejected | Retryable]]]
"""What became of each effect, in order; an error that it raises counts for all of them."""


@dataclass(frozen=True, slots=True)
class EffectBatch:
    """How effects of one name are run together, at most `size` at a time."""

    size: int
    run: BatchRunner
    patient: bool = False
    """Never given up while the remote says when to come back: what is owed to it is still owed after a week."""


async def run_due_batches(service: str, pool: asyncpg.Pool, producer: Producer, name: str, batch: EffectBatch) -> int:
    """Run the effects of that name that are due, the oldest first; returns how many were tried."""
    tried = 0
    while rows := await _claimed(pool, name, batch.size):
        tried += len(rows)
        results = await _results(rows, batch)
        for row, result in zip(rows, results, strict=True):
            await _settle(service, pool, producer, row, result, batch.patient)
        if all(isinstance(result, Retryable) for result in results):
            break  # the world is not ready: the next tick asks again
    return tried


async def _claimed(pool: asyncpg.Pool, name: str, size: int) -> list[asyncpg.Record]:
    now = clock.now()
    rows = await pool.fetch(
        "update effect set attempts = attempts + 1, next_at = $1::timestamptz + $4::interval where effect_id = any("
        "array(select effect_id from effect where finished_at is null and next_at <= $1 and name = $2 "
        "order by next_at, effect_id limit $3 for update skip locked)) returning *",
        now, name, size, LEASE,
    )  # fmt: skip
    return sorted(rows, key=lambda row: (row["created_at"], row["effect_id"]))


async def _results(rows: Sequence[asyncpg.Record], batch: EffectBatch) -> Sequence[Done | Rejected | Retryable]:
    dues = [Due(row["effect_id"], row["key"], json.loads(row["arguments"] or "null"), row["attempts"]) for row in rows]
    try:
        return await batch.run(dues)
    except (Rejected, Retryable) as error:
        return [error] * len(rows)
    except Exception as error:
        log.exception("a batch of %s effects %s", len(rows), rows[0]["name"])
        return [Retryable(type(error).__name__)] * len(rows)


async def _settle(
    service: str,
    pool: asyncpg.Pool,
    producer: Producer,
    row: asyncpg.Record,
    result: Done | Rejected | Retryable,
    patient: bool,
) -> None:
    match result:
        case Done(value, told):
            await finish(service, pool, producer, row, value, None, told)
        case Rejected():
            await finish(service, pool, producer, row, None, result.message)
        case Retryable():
            now = clock.now()
            if (patient and result.after_seconds is not None) or may_try_again(row, result, now):
                await put_off(pool, row, now, result.after_seconds)
                return
            attempts = min(row["attempts"], MAX_ATTEMPTS)
            await finish(service, pool, producer, row, None, f"given up after {attempts} attempts: {result}")
