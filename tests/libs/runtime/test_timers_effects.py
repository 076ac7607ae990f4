"""Timers, effects and commands on a real database and broker: each comes back as a command that is decided once."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import cast

import asyncpg
import pytest
from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.events import Command, Event
from libs.contracts.outcome import Effect, Outcome, Timer
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS
from libs.runtime import clock, state
from libs.runtime.broker import Producer
from libs.runtime.commands import Commands, command_record
from libs.runtime.database import migrate, open_pool
from libs.runtime.effects import MAX_ATTEMPTS, PATIENCE, run_due_effects
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import Stage
from libs.runtime.timers import fire_due_timers
from tests.libs.runtime import harness
from tests.libs.runtime.leads import AT

HUMAN = Actor(kind="human", id="dana")
SERVICE = "score"


@pytest.fixture
async def pool(settings: RuntimeSettings) -> AsyncIterator[asyncpg.Pool]:
    await migrate(settings, SERVICE, None)
    opened = await open_pool(settings, SERVICE)
    yield opened
    await opened.close()


@pytest.fixture
async def producer(settings: RuntimeSettings) -> AsyncIterator[Producer]:
    made = Producer(settings.kafka)
    await made.start()
    yield made
    await made.stop()


async def stored(pool: asyncpg.Pool, cause: str, **given: object) -> None:
    """Store an outcome's timers and effects, as a stage's transaction does."""
    async with state.locked_checkpoint(pool, "test", "t", 0) as checkpoint:
        row = state.Stored(checkpoint.next_offset, cause, "decided", b"", **given)  # type: ignore[arg-type]
        await checkpoint.advance(checkpoint.next_offset + 1, [row], AT)


async def commands(settings: RuntimeSettings, key: str) -> list[Command]:
    found = await harness.events_of(settings.kafka, COMMANDS[SERVICE].name, lambda e: e.key == key)
    return [event for event in found if isinstance(event, Command)]


async def test_a_due_timer_becomes_one_command(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    key, past = settings.env + "due", clock.now() - timedelta(seconds=1)
    await stored(pool, "cause", timers=(Timer("remind", key, past, {"n": 1}),))
    assert await fire_due_timers(SERVICE, pool, producer) == 1
    assert await fire_due_timers(SERVICE, pool, producer) == 0
    (command,) = await commands(settings, key)
    assert (command.name, command.arguments, command.actor.kind) == ("remind", {"n": 1}, "rule")


async def test_a_timer_is_replaced_cancelled_and_not_early(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    past, later = clock.now() - timedelta(seconds=1), clock.now() + timedelta(hours=1)
    name = settings.env
    await stored(pool, "a", timers=(Timer("t", name + "moved", past), Timer("t", name + "cancelled", past)))
    await stored(pool, "b", timers=(Timer("t", name + "moved", later), Timer("t", name + "cancelled", None)))
    assert await fire_due_timers(SERVICE, pool, producer) == 0
    left = await pool.fetch("select key, due_at from timer")
    assert [(row["key"], row["due_at"]) for row in left] == [(name + "moved", later)]


async def test_a_worker_whose_clock_is_wrong_fires_nothing_early(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    """One that is behind waits for its own clock; another worker fires in its place."""
    now, key = clock.now(), settings.env + "skew"
    await stored(pool, "cause", timers=(Timer("t", key + "soon", now + timedelta(minutes=5)), Timer("t", key, now)))
    behind, ahead = now - timedelta(minutes=10), now + timedelta(minutes=10)
    assert await fire_due_timers(SERVICE, pool, producer, behind) == 0
    assert await fire_due_timers(SERVICE, pool, producer, ahead) == 1
    assert [row["key"] for row in await pool.fetch("select key from timer")] == [key + "soon"]


async def test_an_effect_runs_until_it_is_done_and_its_result_returns(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    key, keys = settings.env + "effect", list[str]()
    await stored(pool, "cause", effects=(Effect("fetch", key, {"url": "x"}, done="fetched"),))

    async def away_once(arguments: JsonValue, idempotency_key: str) -> JsonValue:
        keys.append(idempotency_key)
        if len(keys) == 1:
            raise Retryable("away")
        return {"got": arguments}

    assert await run_due_effects(SERVICE, pool, producer, {"fetch": away_once}) == 1
    assert await run_due_effects(SERVICE, pool, producer, {"fetch": away_once}) == 0
    await pool.execute("update effect set next_at = $1", clock.now())
    assert await run_due_effects(SERVICE, pool, producer, {"fetch": away_once}) == 1
    assert keys == ["cause:0", "cause:0"]
    (command,) = await commands(settings, key)
    assert (command.name, command.arguments) == ("fetched", {"result": {"got": {"url": "x"}}, "error": None})


@pytest.mark.parametrize("attempts", [0, MAX_ATTEMPTS - 1])
async def test_an_effect_that_can_not_succeed_is_told(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer, attempts: int
) -> None:
    key = f"{settings.env}-{attempts}"
    await stored(pool, "cause", effects=(Effect("send", key, None, done="sent"),))
    await pool.execute("update effect set attempts = $1", attempts)

    async def refused(arguments: JsonValue, idempotency_key: str) -> JsonValue:
        raise Retryable("away") if attempts else Rejected(RejectionReason.INVALID, "no such address")

    await run_due_effects(SERVICE, pool, producer, {"send": refused})
    (command,) = await commands(settings, key)
    assert isinstance(command.arguments, dict)
    assert ("given up" if attempts else "no such address") in str(command.arguments["error"])


@pytest.mark.parametrize("attempts", [0, MAX_ATTEMPTS + 3])
async def test_an_effect_that_is_told_when_to_come_back_waits_so_long_and_is_given_up_by_its_age(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer, attempts: int
) -> None:
    key = f"{settings.env}-told-when-{attempts}"
    await stored(pool, "cause", effects=(Effect("send", key, None, done="sent"),))
    await pool.execute("update effect set attempts = $1, created_at = $2", attempts, clock.now())

    async def limited(arguments: JsonValue, idempotency_key: str) -> JsonValue:
        raise Retryable("too fast", after_seconds=1800.0)

    assert await run_due_effects(SERVICE, pool, producer, {"send": limited}) == 1
    row = await pool.fetchrow("select attempts, next_at, finished_at from effect")
    assert row is not None
    assert (row["attempts"], row["finished_at"]) == (attempts, None)
    assert timedelta(minutes=29) < row["next_at"] - clock.now() <= timedelta(minutes=30)
    long_ago = clock.now() - PATIENCE - timedelta(minutes=1)
    await pool.execute("update effect set next_at = $1, created_at = $1", long_ago)
    assert await run_due_effects(SERVICE, pool, producer, {"send": limited}) == 1
    (command,) = await commands(settings, key)
    assert "given up" in str(command.arguments)
    assert "too fast" in str(command.arguments)


async def test_several_effects_run_side_by_side_and_each_once(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    await stored(pool, "cause", effects=tuple(Effect("send", f"{settings.env}-{n}", n) for n in range(10)))
    ran, together = list[JsonValue](), asyncio.Barrier(3)

    async def counted(arguments: JsonValue, idempotency_key: str) -> JsonValue:
        ran.append(arguments)
        if len(ran) <= together.parties:
            await together.wait()
        return None

    async with asyncio.timeout(20):
        assert await run_due_effects(SERVICE, pool, producer, {"send": counted}, at_once=3) == 10
    assert sorted(map(str, ran)) == sorted(map(str, range(10)))


def decided(event: Command, facts: None, now: datetime) -> Outcome[Event]:
    if event.name == "refuse":
        raise Rejected(RejectionReason.INVALID, "not like this")
    return Outcome(answer={"did": event.name})


async def nothing(events: Sequence[Event]) -> None:
    """Facts of a stage that needs none."""


async def kept(outcomes: Sequence[Outcome[Event]]) -> None:
    """No state beside the outcome."""


COMMANDED = Stage("score.commands", SERVICE, "1", COMMANDS[SERVICE], (), nothing, decided, save=kept)


async def test_a_command_is_answered_refused_or_left_open(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    sender = Commands(producer, pool)
    async with harness.running(settings, [COMMANDED], pools={SERVICE: pool}):
        await harness.send_records(
            settings.kafka, [command_record(SERVICE, "warm", "w", HUMAN, None, AT, command_id=settings.env)]
        )
        while not (await sender.outcome(settings.env, 2)).done:
            pass
        done = await sender.send(SERVICE, "act", "k", HUMAN, None, command_id=settings.env + "1")
        again = await sender.send(SERVICE, "act", "k", HUMAN, None, command_id=settings.env + "1")
        refused = await sender.send(SERVICE, "refuse", "k", HUMAN, None)
    still_open = await sender.send(SERVICE, "act", "k", HUMAN, None)
    assert (done.done, done.answer, done.refused) == (True, {"did": "act"}, None)
    assert again == done
    assert (refused.done, refused.refused) == (True, "not like this")
    assert replace(still_open, command_id="") == replace(
        still_open, command_id="", done=False, answer=None, refused=None
    )


@pytest.mark.parametrize("attempts", [0, MAX_ATTEMPTS - 1])
async def test_an_effect_that_breaks_is_retried_and_then_told_and_ends_nothing(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer, attempts: int
) -> None:
    key = f"{settings.env}-breaks-{attempts}"
    await stored(pool, "cause", effects=(Effect("send", key, None, done="sent"),))
    await pool.execute("update effect set attempts = $1", attempts)

    async def broken(arguments: JsonValue, idempotency_key: str) -> JsonValue:
        raise KeyError("jane@example.com")

    assert await run_due_effects(SERVICE, pool, producer, {"send": broken}) == 1
    told = [str(command.arguments) for command in await commands(settings, key)]
    assert ["given up" in text and "KeyError" in text and "jane" not in text for text in told] == [True] * bool(
        attempts
    )


async def test_the_outcome_of_a_command_is_found_by_indexes_alone(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    """A person who waits asks up to sixty times; the table has a row for every input of 90 days."""
    await pool.execute(
        'insert into outcome (stage, topic, partition, "offset", event_id, verdict, records, decided_at) '
        "select 's', 't', 0, n, 'e' || n, case when n % 10 = 0 then 'dead' else 'decided' end, '', $1 "
        "from generate_series(1, 20000) n",
        AT,
    )
    async with pool.acquire() as connection:
        only = Commands(producer, cast(asyncpg.Pool, connection))
        async with connection.transaction():
            found = [(await only.outcome(f"e{n}")).done for n in (7, 10, 99_999)]
            read = await connection.fetchval(
                "select seq_tup_read from pg_stat_xact_user_tables where relname = 'outcome' and schemaname = $1",
                SERVICE,
            )
    assert found == [True, True, False]
    assert read == 0
