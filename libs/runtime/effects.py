"""Calls to the outside, kept as rows until done: run at least once with an idempotency key, retried per row."""

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Collection, Mapping
from datetime import datetime, timedelta

import asyncpg
from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.commands import command_record
from libs.runtime.errors import Rejected, Retryable

log = logging.getLogger(__name__)

EffectRunner = Callable[[JsonValue, str], Awaitable[JsonValue]]
MAX_ATTEMPTS = 12
"""Waits double from 1 s to 10 min: about an hour in all, then the effect is finished as failed."""
LONGEST = timedelta(minutes=10)
PATIENCE = timedelta(days=1)
"""Who is told when to come back (Retry-After, a token that a person has to mend) is not given up after so many attempts,
but after so long."""


async def run_due_effects(
    service: str,
    pool: asyncpg.Pool,
    producer: Producer,
    runners: Mapping[str, EffectRunner],
    at_once: int = 1,
    apart: Collection[str] = (),
) -> int:
    """Run the effects that are due, `at_once` at a time and the oldest first; returns how many were tried.

    An error that the runner did not name is retried like a Retryable, and told at the end: one effect that can't be run
    must not end the process, and with it everything else, again and again. Effects whose name is in `apart` are left to
    their own batches (batches.py).
    """

    async def run() -> int:
        tried = 0
        while await _run_one(service, pool, producer, runners, apart):
            tried += 1
        return tried

    return sum(await asyncio.gather(*(run() for _ in range(at_once))))


async def _run_one(
    service: str,
    pool: asyncpg.Pool,
    producer: Producer,
    runners: Mapping[str, EffectRunner],
    apart: Collection[str],
) -> bool:
    now = clock.now()
    row = await pool.fetchrow(
        "update effect set attempts = attempts + 1, next_at = $1::timestamptz + interval '1 minute' "
        "where effect_id = (select effect_id from effect where finished_at is null and next_at <= $1 "
        "and name <> all($2) order by next_at limit 1 for update skip locked) returning *",
        now, list(apart),
    )  # fmt: skip
    if row is None:
        return False
    arguments = None if row["arguments"] is None else json.loads(row["arguments"])
    result: JsonValue = None
    failed: str | None = None
    try:
        result = await runners[row["name"]](arguments, row["effect_id"])
    except Rejected as error:
        failed = error.message
    except Retryable as error:
        if may_try_again(row, error, now):
            return await put_off(pool, row, now, error.after_seconds)
        failed = f"given up after {row['attempts']} attempts: {error}"
    except Exception as error:
        log.exception("effect %s of %s", row["name"], row["key"])
        if row["attempts"] < MAX_ATTEMPTS:
            return await put_off(pool, row, now)
        failed = f"given up after {row['attempts']} attempts: {type(error).__name__}"
    await finish(service, pool, producer, row, result, failed)
    return True


def may_try_again(row: asyncpg.Record, error: Retryable, now: datetime) -> bool:
    """Whether an effect that failed for now is kept, or given up."""
    if error.after_seconds is None:
        return int(row["attempts"]) < MAX_ATTEMPTS
    return bool(now - row["created_at"] <= PATIENCE)


async def put_off(pool: asyncpg.Pool, row: asyncpg.Record, now: datetime, after_seconds: float | None = None) -> bool:
    """Put the effect off; an attempt that was told when to come back does not count."""
    if after_seconds is None:
        wait, counted = min(LONGEST, timedelta(seconds=2 ** (row["attempts"] - 1))), 0
    else:
        wait, counted = min(PATIENCE, timedelta(seconds=max(0.0, after_seconds))), 1
    await pool.execute(
        "update effect set next_at = $2, attempts = attempts - $3 where effect_id = $1",
        row["effect_id"], now + wait, counted,
    )  # fmt: skip
    return True


async def finish(
    service: str,
    pool: asyncpg.Pool,
    producer: Producer,
    row: asyncpg.Record,
    result: JsonValue,
    error: str | None,
    told: bool = True,
) -> None:
    """Send the result back as a command, then mark the row; the other way round a crash would lose the result."""
    if row["done"] and told:
        record = command_record(
            service, row["done"], row["key"], Actor(kind="rule", id=f"effect:{row['name']}"),
            {"result": result, "error": error}, clock.now(),
            command_id=ids.derived_id("effect", service, row["effect_id"]), cause=row["effect_id"].partition(":")[0],
        )  # fmt: skip
        await producer.send_and_wait(record)
    await pool.execute(
        "update effect set finished_at = $2, result = $3::jsonb, error = $4 where effect_id = $1",
        row["effect_id"], clock.now(), json.dumps(result), error,
    )  # fmt: skip
    if error:
        log.error("effect %s of %s failed: %s", row["name"], row["key"], error)
