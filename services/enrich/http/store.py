"""What the HTTP side keeps in Postgres: answers until they expire, and what paid APIs have cost so far."""

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Protocol

import asyncpg
from pydantic import JsonValue

from libs.runtime.errors import Retryable
from libs.runtime.state import DATABASE_AWAY

GET = "SELECT answer::text FROM http_answer WHERE provider = $1 AND asked = $2 AND expires_at > $3"
PUT = """
INSERT INTO http_answer (provider, asked, answer, expires_at) VALUES ($1, $2, $3::jsonb, $4)
ON CONFLICT (provider, asked) DO UPDATE SET answer = excluded.answer, expires_at = excluded.expires_at
"""
FORGET = """
DELETE FROM http_answer WHERE (provider, asked) IN
    (SELECT provider, asked FROM http_answer WHERE expires_at < $1 LIMIT 100 FOR UPDATE SKIP LOCKED)
"""
SPEND = """
INSERT INTO http_spend AS held (provider, period, spent) VALUES ($1, $2, $3)
ON CONFLICT (provider, period) DO UPDATE SET spent = held.spent + excluded.spent
WHERE $4::numeric IS NULL OR held.spent + excluded.spent <= $4::numeric
RETURNING spent
"""
GIVE_BACK = "UPDATE http_spend SET spent = greatest(0, spent - $3) WHERE provider = $1 AND period = ANY($2::text[])"


class Cache(Protocol):
    """Where answers are kept while they count."""

    async def get(self, provider: str, asked: str, now: datetime) -> JsonValue | None:
        """The answer; None when there is none that still counts."""
        ...

    async def put(self, provider: str, asked: str, answer: JsonValue, now: datetime, keeps: timedelta) -> None:
        """Keep an answer for so long."""
        ...


class Purse(Protocol):
    """What may still be spent."""

    async def spend(self, provider: str, cost: float, caps: Mapping[str, float | None]) -> str:
        """Count a call's cost in each period. Returns the period whose cap it would pass, and then counts nothing; empty:
        go."""
        ...

    async def give_back(self, provider: str, cost: float, periods: Mapping[str, float | None]) -> None:
        """The call was not made."""
        ...


class Unkept:
    """Keeps nothing and counts nothing: for asking once, by hand."""

    async def get(self, provider: str, asked: str, now: datetime) -> JsonValue | None:
        """Nothing."""

    async def put(self, provider: str, asked: str, answer: JsonValue, now: datetime, keeps: timedelta) -> None:
        """Forgets it."""

    async def spend(self, provider: str, cost: float, caps: Mapping[str, float | None]) -> str:  # noqa: ARG002
        """There is no cap."""
        return ""

    async def give_back(self, provider: str, cost: float, periods: Mapping[str, float | None]) -> None:
        """Nothing was taken."""


class AnswerTable:
    """Answers in Postgres, shared by all workers. Raises Retryable when the database is away."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def get(self, provider: str, asked: str, now: datetime) -> JsonValue | None:
        """The answer; None when there is none that still counts."""
        try:
            text = await self._pool.fetchval(GET, provider, asked, now)
        except DATABASE_AWAY as error:
            raise Retryable(f"kept answers can't be read: {type(error).__name__}") from error
        answer: JsonValue | None = None if text is None else json.loads(text)
        return answer

    async def put(self, provider: str, asked: str, answer: JsonValue, now: datetime, keeps: timedelta) -> None:
        """Keep an answer for so long, and forget some that count no longer. Without the database it is not kept."""
        try:
            await self._pool.execute(PUT, provider, asked, json.dumps(answer), now + keeps)
            await self._pool.execute(FORGET, now)
        except DATABASE_AWAY:
            return


class SpendTable:
    """What was spent, in Postgres: it survives restarts, and workers can't pass a cap together."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def spend(self, provider: str, cost: float, caps: Mapping[str, float | None]) -> str:
        """Count a call's cost in each period, in one transaction. Returns the period whose cap it would pass. Raises
        Retryable when the database is away: nothing is spent that can't be counted."""
        try:
            async with self._pool.acquire() as connection:
                transaction = connection.transaction()
                await transaction.start()
                full = ""
                for period in sorted(caps):
                    cap = caps[period]
                    if (cap is not None and cost > cap) or await _counted(
                        connection, provider, period, cost, cap
                    ) is None:
                        full = period
                        break
                await (transaction.rollback() if full else transaction.commit())
        except DATABASE_AWAY as error:
            raise Retryable(f"what was spent can't be counted: {type(error).__name__}") from error
        return full

    async def give_back(self, provider: str, cost: float, periods: Mapping[str, float | None]) -> None:
        """The call was not made. Without the database it stays counted."""
        try:
            await self._pool.execute(GIVE_BACK, provider, sorted(periods), Decimal(str(cost)))
        except DATABASE_AWAY:
            return


async def _counted(
    connection: "asyncpg.pool.PoolConnectionProxy[asyncpg.Record]",
    provider: str,
    period: str,
    cost: float,
    cap: float | None,
) -> Decimal | None:
    most = None if cap is None else Decimal(str(cap))
    spent: Decimal | None = await connection.fetchval(SPEND, provider, period, Decimal(str(cost)), most)
    return spent
