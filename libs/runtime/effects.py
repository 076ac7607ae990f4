"""Calls to the outside, kept as rows until done: run at least once with an idempotency key, retried per row."""

import json
import logging
from collections.abc import Awaitable, Callable, Mapping
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


async def run_due_effects(
    service: str, pool: asyncpg.Pool, producer: Producer, runners: Mapping[str, EffectRunner]
) -> int:
    """Run the effects that are due, one at a time; returns how many were tried.

    An error that the runner did not name is retried like a Retryable, and told at the end: one effect that can't be run
    must not end the process, and with it everything else, again and again.
    """
    tried = 0
    while await _run_one(service, pool, producer, runners):
        tried += 1
    return tried


async def _run_one(service: str, pool: asyncpg.Pool, producer: Producer, runners: Mapping[str, EffectRunner]) -> bool:
    now = clock.now()
    row = await pool.fetchrow(
        "update effect set attempts = attempts + 1, next_at = $1::timestamptz + interval '1 minute' "
        "where effect_id = (select effect_id from effect where finished_at is null and next_at <= $1 "
        "order by next_at limit 1 for update skip locked) returning *",
        now,
    )
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
        failed = str(error)
        if row["attempts"] < MAX_ATTEMPTS:
            return await _later(pool, row, now)
    except Exception as error:
        log.exception("effect %s of %s", row["name"], row["key"])
        failed = type(error).__name__
        if row["attempts"] < MAX_ATTEMPTS:
            return await _later(pool, row, now)
    if failed is not None and row["attempts"] >= MAX_ATTEMPTS:
        failed = f"given up after {row['attempts']} attempts: {failed}"
    await _finish(service, pool, producer, row, result, failed)
    return True


async def _later(pool: asyncpg.Pool, row: asyncpg.Record, now: datetime) -> bool:
    wait = min(LONGEST, timedelta(seconds=2 ** (row["attempts"] - 1)))
    await pool.execute("update effect set next_at = $2 where effect_id = $1", row["effect_id"], now + wait)
    return True


async def _finish(
    service: str, pool: asyncpg.Pool, producer: Producer, row: asyncpg.Record, result: JsonValue, error: str | None
) -> None:
    """Send the result back as a command, then mark the row; the other way round a crash would lose the result."""
    if row["done"]:
        record = command_record(
            service, row["done"], row["key"], Actor(kind="rule", id=f"effect:{row['name']}"),
            {"result": result, "error": error}, clock.now(),
            command_id=ids.derived_id("effect", service, row["effect_id"]), cause=row["effect_id"].partition(":")[0],
        )  # fmt: skip
        await producer.send(record)
    await pool.execute(
        "update effect set finished_at = $2, result = $3::jsonb, error = $4 where effect_id = $1",
        row["effect_id"], clock.now(), json.dumps(result), error,
    )  # fmt: skip
    if error:
        log.error("effect %s of %s failed: %s", row["name"], row["key"], error)
