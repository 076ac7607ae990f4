"""Effects that go out together: each has its own outcome, and what failed for all is tried again for all."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import asyncpg
import pytest

from libs.contracts.events import Command
from libs.contracts.outcome import Effect
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS
from libs.runtime import clock, state
from libs.runtime.batches import Done, Due, EffectBatch, run_due_batches
from libs.runtime.broker import Producer
from libs.runtime.database import migrate, open_pool
from libs.runtime.effects import MAX_ATTEMPTS, run_due_effects
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.settings import RuntimeSettings
from tests.libs.runtime import harness

SERVICE, NAME = "score", "mirror"


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


async def owed(pool: asyncpg.Pool, settings: RuntimeSettings, count: int) -> None:
    """So many effects of one outcome, with the place as argument."""
    effects = tuple(Effect(NAME, settings.env + str(n), n, done="mirrored") for n in range(count))
    async with state.locked_checkpoint(pool, "test", "t", 0) as checkpoint:
        row = state.Stored(checkpoint.next_offset, settings.env, "decided", b"", effects=effects)
        await checkpoint.advance(checkpoint.next_offset + 1, [row], clock.now())


async def told(settings: RuntimeSettings) -> dict[str, object]:
    found = await harness.events_of(settings.kafka, COMMANDS[SERVICE].name, lambda e: e.key.startswith(settings.env))
    return {event.key.removeprefix(settings.env): event.arguments for event in found if isinstance(event, Command)}


async def test_each_effect_of_a_batch_has_its_own_outcome(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    await owed(pool, settings, 5)
    batches: list[list[object]] = []

    async def run(dues: Sequence[Due]) -> list[Done | Rejected | Retryable]:
        batches.append([due.arguments for due in dues])
        answers: dict[object, Done | Rejected | Retryable] = {
            1: Done("quiet", told=False),
            2: Rejected(RejectionReason.INVALID, "no such field"),
            3: Retryable("busy", after_seconds=30),
        }
        return [answers.get(due.arguments, Done("well")) for due in dues]

    assert await run_due_effects(SERVICE, pool, producer, {}, apart=[NAME]) == 0
    assert await run_due_batches(SERVICE, pool, producer, NAME, EffectBatch(4, run)) == 5
    assert batches == [[0, 1, 2, 3], [4]]
    assert await told(settings) == {
        "0": {"result": "well", "error": None},
        "2": {"result": None, "error": "no such field"},
        "4": {"result": "well", "error": None},
    }
    (left,) = await pool.fetch("select * from effect where finished_at is null")
    assert (left["key"], left["attempts"]) == (settings.env + "3", 0)
    assert left["next_at"] > clock.now()


async def test_a_patient_batch_outlasts_any_outage(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer
) -> None:
    await owed(pool, settings, 1)
    await pool.execute("update effect set created_at = $1, attempts = 99", clock.now() - timedelta(days=9))

    async def run(dues: Sequence[Due]) -> list[Done | Rejected | Retryable]:
        raise Retryable("away", after_seconds=5)

    assert await run_due_batches(SERVICE, pool, producer, NAME, EffectBatch(10, run, patient=True)) == 1
    assert await pool.fetchval("select count(*) from effect where finished_at is null") == 1


@pytest.mark.parametrize("attempts", [0, MAX_ATTEMPTS - 1])
async def test_what_fails_for_all_is_tried_again_for_all_and_told_at_last(
    settings: RuntimeSettings, pool: asyncpg.Pool, producer: Producer, attempts: int
) -> None:
    await owed(pool, settings, 3)
    await pool.execute("update effect set attempts = $1", attempts)

    async def run(dues: Sequence[Due]) -> list[Done | Rejected | Retryable]:
        raise KeyError("jane@example.com")

    assert await run_due_batches(SERVICE, pool, producer, NAME, EffectBatch(10, run)) == 3
    left = await pool.fetchval("select count(*) from effect where finished_at is null")
    assert left == (0 if attempts else 3)
    errors = [str(arguments) for arguments in (await told(settings)).values()]
    assert ["KeyError" in error and "jane" not in error for error in errors] == [True] * (3 if attempts else 0)
