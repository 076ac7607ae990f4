"""Webhooks, their secrets and the log of their calls in Postgres."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import asyncpg

from services.crm.domain.webhooks import Subscriber
from services.crm.rows import webhook_values

_SUBSCRIBER = "webhook_id, url, types, active, made_by"
_KEPT = timedelta(days=30)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a webhook as the log tells it."""

    message_id: str
    webhook_id: str
    type: str
    record_type: str
    record_id: str
    version: int
    state: str
    at: datetime
    http_status: int | None = None
    error: str | None = None


async def active_subscribers(connection: asyncpg.Connection) -> Sequence[Subscriber]:
    """The webhooks that are told of changes now."""
    rows = await connection.fetch(
        f"select {_SUBSCRIBER} from webhook where active and disabled_at is null order by webhook_id"  # noqa: S608 - own text
    )
    return [_subscriber(row) for row in rows]


async def save_webhooks(connection: asyncpg.Connection, webhooks: Sequence[Subscriber]) -> None:
    """Store webhooks as a command left them; whoever sets one up again, or switches it on, wipes its troubles."""
    for one in webhooks:
        if not one.url:
            await connection.execute("delete from webhook where webhook_id = $1", one.webhook_id)
            await connection.execute("delete from webhook_secret where webhook_id = $1", one.webhook_id)
            continue
        await connection.execute(
            "insert into webhook (webhook_id, url, types, active, made_by) values ($1, $2, $3, $4, $5) "
            "on conflict (webhook_id) do update set url = excluded.url, types = excluded.types, "
            "active = excluded.active, made_by = excluded.made_by, failing_since = null, disabled_at = null, "
            "disabled_for = null",
            *webhook_values(one),
        )  # fmt: skip


def _subscriber(row: asyncpg.Record) -> Subscriber:
    return Subscriber(row["webhook_id"], row["url"], tuple(row["types"]), row["active"], row["made_by"])


class PostgresWebhooks:
    """Webhooks outside the stage loop: for the API and for the calls."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def keep_secret(self, webhook_id: str, secret: str) -> str:
        """The webhook's secret: this one, or the one that it has already."""
        kept = await self._pool.fetchval(
            "insert into webhook_secret (webhook_id, secret) values ($1, $2) "
            "on conflict (webhook_id) do update set secret = webhook_secret.secret returning secret",
            webhook_id, secret,
        )  # fmt: skip
        return str(kept)

    async def target(self, webhook_id: str) -> tuple[Subscriber, str] | None:
        """Where to call and the secret; None for one that is gone or off."""
        row = await self._pool.fetchrow(
            f"select {_SUBSCRIBER}, secret from webhook join webhook_secret using (webhook_id) "  # noqa: S608 - own text
            "where webhook_id = $1 and active and disabled_at is null",
            webhook_id,
        )
        return None if row is None else (_subscriber(row), row["secret"])

    async def listed(self) -> list[dict[str, Any]]:
        """All webhooks with how they fare; never a secret."""
        rows = await self._pool.fetch(
            f"select {_SUBSCRIBER}, failing_since, disabled_at, disabled_for from webhook order by webhook_id"  # noqa: S608
        )
        return [dict(row) for row in rows]

    async def calls(self, webhook_id: str, limit: int) -> list[dict[str, Any]]:
        """The newest calls."""
        rows = await self._pool.fetch(
            "select message_id, type, record_type, record_id, version, state, attempts, http_status, error, first_at, "
            "last_at from webhook_delivery where webhook_id = $1 order by last_at desc, message_id limit $2",
            webhook_id, limit,
        )  # fmt: skip
        return [dict(row) for row in rows]

    async def log(self, call: Call, disable_after: timedelta) -> bool:
        """Write a call down, and what it says of its webhook; returns whether that was disabled by it, having failed for
        so long without one success."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into webhook_delivery (message_id, webhook_id, type, record_type, record_id, version, state, "
                "attempts, http_status, error, first_at, last_at) values ($1, $2, $3, $4, $5, $6, $7, 1, $8, $9, $10, $10) "
                "on conflict (message_id) do update set state = excluded.state, attempts = webhook_delivery.attempts + 1, "
                "http_status = excluded.http_status, error = excluded.error, last_at = excluded.last_at",
                call.message_id, call.webhook_id, call.type, call.record_type, call.record_id, call.version, call.state,
                call.http_status, call.error, call.at,
            )  # fmt: skip
            if call.state == "delivered":
                await connection.execute(
                    "update webhook set failing_since = null where webhook_id = $1 and failing_since is not null",
                    call.webhook_id,
                )
                return False
            row = await connection.fetchrow(
                "update webhook set failing_since = coalesce(failing_since, $2::timestamptz), "
                "disabled_at = case when coalesce(failing_since, $2) <= $3 then $2 end, "
                "disabled_for = case when coalesce(failing_since, $2) <= $3 then $4::text end "
                "where webhook_id = $1 and disabled_at is null returning disabled_at",
                call.webhook_id, call.at, call.at - disable_after,
                f"no call got through since {call.at - disable_after:%Y-%m-%d %H:%M} UTC or before: {call.error}",
            )  # fmt: skip
            return row is not None and row["disabled_at"] is not None

    async def prune(self, now: datetime) -> None:
        """Forget calls older than 30 days."""
        await self._pool.execute("delete from webhook_delivery where last_at < $1", now - _KEPT)
