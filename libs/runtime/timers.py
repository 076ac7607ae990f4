"""Due timers become commands. A timer fires at least once, and its command id derives from it, so it is decided once."""

import json
from datetime import datetime

import asyncpg

from libs.contracts import ids
from libs.contracts.change import Actor
from libs.runtime import clock
from libs.runtime.broker import Producer
from libs.runtime.commands import command_record

BATCH = 100


async def fire_due_timers(service: str, pool: asyncpg.Pool, producer: Producer, at: datetime | None = None) -> int:
    """Send the commands of all timers that are due; returns how many. `at`: this worker's time.

    What is due by the worker's clock has to be due by the database's too: one of several workers whose clock is ahead
    would else break the promises of all. Raises Retryable when the broker is away.
    """
    now = at or clock.now()
    async with pool.acquire() as connection, connection.transaction():
        rows = await connection.fetch(
            "select name, key, due_at, arguments, cause from timer where due_at <= least($1::timestamptz, now()) "
            "order by due_at limit $2 for update skip locked",
            now, BATCH,
        )  # fmt: skip
        for row in rows:
            command_id = ids.derived_id(
                "timer", service, row["name"], row["key"], row["cause"], row["due_at"].isoformat()
            )
            arguments = None if row["arguments"] is None else json.loads(row["arguments"])
            actor = Actor(kind="rule", id=f"timer:{row['name']}")
            record = command_record(
                service, row["name"], row["key"], actor, arguments, now, command_id=command_id, cause=row["cause"]
            )
            await producer.send_and_wait(record)
            await connection.execute("delete from timer where name = $1 and key = $2", row["name"], row["key"])
    return len(rows)
