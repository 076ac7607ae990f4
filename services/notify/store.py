"""Notify's state in Postgres: for the stages, and outside them for calls, the API and Slack's requests."""

import json
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg

from libs.contracts.events import Question
from libs.runtime.state import transaction
from services.notify.domain.known import Moved
from services.notify.domain.notice import Asked, Delivery, Member, Notice
from services.notify.domain.plan import bell_of
from services.notify.rows import (
    DELIVERY,
    MEMBER,
    asked_values,
    delivery_values,
    member_values,
    notice_values,
)

_DELIVERY = ", ".join(DELIVERY)
_SET = ", ".join(f"{name} = excluded.{name}" for name in DELIVERY[6:])
_REMEMBERED = timedelta(minutes=15)
"""Longer than a request of Slack's would be accepted."""
_KEPT = timedelta(days=30)
_OVERDUE = timedelta(minutes=10)


class PostgresState:
    """See `State`."""

    async def members(self, member_ids: Sequence[str], roles: Sequence[str]) -> Mapping[str, Member]:
        """See `State`."""
        rows = await transaction().fetch(
            "select data from member where member_id = any($1) or jsonb_exists_any(data -> 'roles', $2)",
            list(member_ids), list(roles),
        )  # fmt: skip
        found = [MEMBER.validate_json(row["data"]) for row in rows]
        return {one.member_id: one for one in found}

    async def asked(self, lead_ids: Sequence[str]) -> Mapping[str, Asked]:
        """See `State`."""
        rows = await transaction().fetch(
            "select * from question where lead_id = any($1) order by lead_id for update", list(lead_ids)
        )
        return {row["lead_id"]: _asked(row) for row in rows}

    async def told(self, notice_ids: Sequence[str]) -> frozenset[str]:
        """See `State`."""
        rows = await transaction().fetch(
            "select distinct notice_id from delivery where notice_id = any($1)", list(notice_ids)
        )
        return frozenset(row["notice_id"] for row in rows)

    async def of_messages(self, message_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """See `State`."""
        return await self._locked("message_id = any($1)", list(message_ids))

    async def of_ids(self, delivery_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """See `State`."""
        return await self._locked("delivery_id = any($1)", list(delivery_ids))

    async def waiting(self, places: Sequence[tuple[str, str, datetime]]) -> Mapping[str, Delivery]:
        """See `State`."""
        who, channels, due = (list(column) for column in zip(*places, strict=True))
        return await self._locked(
            "state in ('held', 'collected') and exists (select from unnest($1::text[], $2::text[], $3::timestamptz[]) "
            "as place(who, channel, due) where place.who = delivery.recipient and place.channel = delivery.channel "
            "and delivery.due_at <= place.due)",
            who, channels, due,
        )  # fmt: skip

    async def _locked(self, where: str, *arguments: Any) -> Mapping[str, Delivery]:
        rows = await transaction().fetch(
            f"select {_DELIVERY} from delivery where {where} order by delivery_id for update",  # noqa: S608 - own text
            *arguments,
        )
        return {row["delivery_id"]: Delivery(**dict(row)) for row in rows}

    async def save(self, moved: Iterable[Moved]) -> None:
        """See `State`."""
        changed = list(moved)
        await _each(
            "insert into member (member_id, version, data) values ($1, $2, $3::jsonb) on conflict (member_id) do update "
            "set version = excluded.version, data = excluded.data",
            [member_values(one) for held in changed for one in held.members],
        )
        await _each(
            "insert into question (lead_id, version, question_hash, question) values ($1, $2, $3, $4::jsonb) "
            "on conflict (lead_id) do update set version = excluded.version, question_hash = excluded.question_hash, "
            "question = excluded.question",
            [asked_values(one) for held in changed for one in held.asked],
        )
        await _each(
            "insert into notice (notice_id, lead_id, data) values ($1, $2, $3::jsonb) on conflict do nothing",
            [notice_values(one) for held in changed for one in held.notices],
        )
        places = ", ".join(f"${number}" for number in range(1, len(DELIVERY) + 1))
        await _each(
            f"insert into delivery ({_DELIVERY}) values ({places}) on conflict (delivery_id) do update set {_SET}",  # noqa: S608
            [delivery_values(one) for held in changed for one in held.deliveries],
        )


async def _each(statement: str, values: Sequence[tuple[object, ...]]) -> None:
    if values:
        await transaction().executemany(statement, values)


@dataclass(frozen=True, slots=True)
class Held:
    """One delivery of a message with all that its words are made of."""

    delivery: Delivery
    notice: Notice | None
    """None: it was erased."""
    asked: Asked | None
    member: Member | None


class PostgresBook:
    """What calls and the API read and write outside the stages."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def message(self, message_id: str) -> list[Held]:
        """What a message is made of, oldest first, of what is still to be sent."""
        rows = await self._pool.fetch(
            f"select {', '.join('d.' + name for name in DELIVERY)}, n.data as notice, m.data as member, "  # noqa: S608
            "q.version, q.question_hash, q.question from delivery d left join notice n using (notice_id) "
            "left join member m on m.member_id = d.recipient left join question q on q.lead_id = d.lead_id "
            "where d.message_id = $1 and d.state = 'queued' order by d.at, d.delivery_id",
            message_id,
        )
        return [_held(row) for row in rows]

    async def delivery(self, delivery_id: str) -> Delivery | None:
        """One delivery."""
        row = await self._pool.fetchrow(
            f"select {_DELIVERY} from delivery where delivery_id = $1",  # noqa: S608 - own text
            delivery_id,
        )
        return None if row is None else Delivery(**dict(row))

    async def member_of_slack(self, user: str) -> str | None:
        """The id of the one active member who is that user of Slack."""
        rows = await self._pool.fetch(
            "select member_id from member where data ->> 'slack' = $1 and (data ->> 'active')::boolean limit 2", user
        )
        return rows[0]["member_id"] if len(rows) == 1 else None

    async def was_sent(self, message_id: str) -> bool:
        """Whether the channel took it, before this process could say so."""
        found = await self._pool.fetchval(
            "select true from sending where message_id = $1 and sent_at is not null", message_id
        )
        return bool(found)

    async def sent(self, message_id: str, channel: str, now: datetime) -> None:
        """The channel took a message; whatever was wrong with it is over."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into sending (message_id, channel, attempts, sent_at, last_at) values ($1, $2, 1, $3, $3) "
                "on conflict (message_id) do update set attempts = sending.attempts + 1, sent_at = $3, last_at = $3, "
                "error = ''",
                message_id, channel, now,
            )  # fmt: skip
            await connection.execute("update channel set failing_since = null where name = $1", channel)

    async def failed(
        self, message_id: str, channel: str, error: str, now: datetime, disable_after: timedelta | None
    ) -> bool:
        """An attempt failed. `disable_after`: how long the channel may fail without one success; None: the failure was
        the message's own. Returns whether the channel was switched off by it."""
        async with self._pool.acquire() as connection, connection.transaction():
            await connection.execute(
                "insert into sending (message_id, channel, attempts, error, last_at) values ($1, $2, 1, $3, $4) "
                "on conflict (message_id) do update set attempts = sending.attempts + 1, error = $3, last_at = $4",
                message_id, channel, error, now,
            )  # fmt: skip
            if disable_after is None:
                return False
            await connection.execute("insert into channel (name) values ($1) on conflict do nothing", channel)
            off = await connection.fetchval(
                "update channel set failing_since = coalesce(failing_since, $2::timestamptz), "
                "disabled_at = case when coalesce(failing_since, $2) <= $3 then $2 end, "
                "disabled_for = case when coalesce(failing_since, $2) <= $3 then $4::text end "
                "where name = $1 and disabled_at is null returning disabled_at",
                channel, now, now - disable_after, error,
            )  # fmt: skip
            return off is not None

    async def switched_on(self, channel: str) -> None:
        """A channel is tried again."""
        await self._pool.execute("delete from channel where name = $1", channel)

    async def channels(self) -> dict[str, dict[str, Any]]:
        """How channels fare that failed lately, by name."""
        rows = await self._pool.fetch(
            "select * from channel where failing_since is not null or disabled_at is not null"
        )
        return {row["name"]: dict(row) for row in rows}

    async def deliveries(
        self, filters: Mapping[str, str], limit: int, after: tuple[datetime, str] | None
    ) -> list[dict[str, Any]]:
        """The newest deliveries with their attempts; `filters` by the columns lead_id, recipient, channel, state, kind."""
        where, arguments = ["true"], list[Any]()
        for name, value in filters.items():
            arguments.append(value)
            where.append(f"d.{name} = ${len(arguments)}")
        if after is not None:
            arguments += after
            at, last = len(arguments) - 1, len(arguments)
            where.append(f"(d.at < ${at} or (d.at = ${at} and d.delivery_id > ${last}))")
        rows = await self._pool.fetch(
            f"select {', '.join('d.' + name for name in DELIVERY)}, coalesce(s.attempts, 0) as attempts, s.error, "  # noqa: S608
            f"s.sent_at from delivery d left join sending s using (message_id) where {' and '.join(where)} "
            f"order by d.at desc, d.delivery_id limit {int(limit)}",
            *arguments,
        )
        return [dict(row) for row in rows]

    async def once(self, signature: str, now: datetime, act: Callable[[], Awaitable[None]]) -> bool:
        """Do it, and remember the request; False for one that was taken before. What fails may come again."""
        async with self._pool.acquire() as connection, connection.transaction():
            fresh = await connection.fetchval(
                "insert into slack_request (signature, at) values ($1, $2) on conflict do nothing returning true",
                signature, now,
            )  # fmt: skip
            if fresh:
                await act()
            return bool(fresh)

    async def hang_bells(self, now: datetime) -> int:
        """Hang the bells of what is overdue and has none, as after a rebuild, which makes no timers; returns how many."""
        rows = await self._pool.fetch(
            "select distinct recipient, channel, due_at from delivery where state in ('held', 'collected') "
            "and due_at < $1", now - _OVERDUE,
        )  # fmt: skip
        bells = [bell_of(row["recipient"], row["channel"], row["due_at"].astimezone(UTC)) for row in rows]
        await self._pool.executemany(
            "insert into timer (name, key, due_at, arguments, cause) values ($1, $2, $3, $4::jsonb, $5) "
            "on conflict do nothing",
            [(one.name, one.key, one.due_at, json.dumps(one.arguments), f"overdue {now.isoformat()}") for one in bells],
        )
        return len(bells)

    async def prune(self, now: datetime) -> None:
        """Forget requests that would be too old by now, and calls of long ago."""
        await self._pool.execute("delete from slack_request where at < $1", now - _REMEMBERED)
        await self._pool.execute("delete from sending where last_at < $1", now - _KEPT)


def _asked(row: asyncpg.Record) -> Asked:
    question = None if row["question"] is None else Question.model_validate_json(row["question"])
    return Asked(row["lead_id"], row["version"], row["question_hash"], question)


def _held(row: asyncpg.Record) -> Held:
    delivery = Delivery(**{name: row[name] for name in DELIVERY})
    notice = None if row["notice"] is None else Notice.model_validate(json.loads(row["notice"]))
    member = None if row["member"] is None else MEMBER.validate_json(row["member"])
    return Held(delivery, notice, None if row["question_hash"] is None else _asked(row), member)
