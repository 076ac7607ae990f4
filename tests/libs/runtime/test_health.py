"""Health tells loops that are stuck from loops that ended, idle ones from long work."""

import asyncio

import httpx
import pytest
from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.runtime import clock
from libs.runtime.consumer import GroupConsumer
from libs.runtime.emit import Emitter
from libs.runtime.health import STALE_SECONDS, Health
from libs.runtime.http import new_app
from libs.runtime.keys import NoKeys
from libs.runtime.line import Line
from libs.runtime.owner import Owner
from libs.runtime.settings import RuntimeSettings
from libs.runtime.telemetry import Meter
from tests.libs.runtime import harness
from tests.libs.runtime.partition import STAGE


def beaten() -> Health:
    health = Health()
    health.trouble("owner", "waits")
    health.trouble("tick", "waits", beats=False)
    return health


def test_a_loop_that_is_not_heard_of_is_stuck_unless_its_rounds_may_take_any_time() -> None:
    health = beaten()
    with pytest.MonkeyPatch.context() as patch:
        late_at = clock.monotonic() + STALE_SECONDS + 1
        patch.setattr(clock, "monotonic", lambda: late_at)
        assert health.stuck() == ["owner"]
    assert set(health.problems()) == {"owner", "tick"}


def test_a_loop_that_ended_is_neither_stuck_nor_in_trouble() -> None:
    health = beaten()
    health.gone("owner")
    health.gone("tick")
    with pytest.MonkeyPatch.context() as patch:
        late_at = clock.monotonic() + STALE_SECONDS + 1
        patch.setattr(clock, "monotonic", lambda: late_at)
        assert health.stuck() == []
    assert health.problems() == {}


async def test_owners_whose_partitions_went_away_are_no_longer_waited_for(settings: RuntimeSettings) -> None:
    """Else the process that gave its partitions to another would be ended for being stuck."""
    health, line = Health(), Line(Emitter(harness.policies()), {}, {}, clock.now, NoKeys())

    def owner(tp: TopicPartition, consumer: AIOKafkaConsumer) -> Owner:
        return Owner(STAGE, tp, line, consumer, settings, health, Meter())

    group = GroupConsumer(settings, STAGE.service, {STAGE.consumes.name: owner}, health)
    await group.start()
    async with asyncio.timeout(30):
        while len(health._beats) < settings.partitions:  # noqa: ASYNC110 - the owners tell nobody
            await asyncio.sleep(0.05)
    await group.stop()
    assert health._beats == {}


async def test_a_warning_is_told_and_keeps_the_service_from_nothing() -> None:
    health = Health(ready=True)
    app = new_app("t", "t" * 16, health)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://t") as client:
        assert (await client.get("/health/ready")).json() == {"ready": True, "problems": {}}
        health.warn("ads", "the token is refused")
        answer = await client.get("/health/ready")
        assert (answer.status_code, answer.json()["warnings"]) == (200, {"ads": "the token is refused"})
        health.mended("ads")
        assert "warnings" not in (await client.get("/health/ready")).json()
