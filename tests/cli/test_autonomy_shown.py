"""`autonomy list` and `show` on the real broker: levels as the topic tells them, measured by the policy that decides."""

import asyncio
import json
import re
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from cli.errors import CliError
from cli.publish import publish
from libs.contracts.change import Actor
from libs.contracts.codec import encode
from libs.contracts.events import AutonomyChanged
from libs.contracts.topics import AUTONOMY_CHANGED
from libs.runtime.broker import Producer
from libs.runtime.settings import RuntimeSettings
from tests.cli.classify_command import stack_in
from tests.cli.test_policy import FILES, run
from tests.services.router.fakes import NOW

BLOCK = """enrich:
  autonomy:
    fields: {contact: [title, seniority]}
    raise: {decided: 40, at_least: 0.9}
    drop: {over_last: 10, below: 0.6}
"""
WORKFLOWS = re.sub(r"  autonomy:\n(    .*\n)+", "", FILES["workflows.yaml"])
UNEARNED = {**FILES, "workflows.yaml": WORKFLOWS}
EARNING = {**FILES, "workflows.yaml": WORKFLOWS.replace("enrich:\n", BLOCK, 1)}
TITLE = "enrich:contact.title"


@pytest.fixture
def data(settings: RuntimeSettings, tmp_path: Path) -> Iterator[Path]:
    """A stack whose policy lets enrich earn two fields."""
    stack_in(tmp_path, settings.kafka)
    asyncio.run(publish(settings.kafka, EARNING, "ann", "enrich may earn"))
    yield tmp_path
    asyncio.run(publish(settings.kafka, FILES, "ann", "back"))


def told(kafka: str, *steps: dict[str, Any], key: str = TITLE) -> None:
    """What the router told of a key, in this order."""

    async def put() -> None:
        producer = Producer(kafka)
        await producer.start()
        for number, step in enumerate(steps):
            known = {
                "event_id": f"{key}-{number}", "key": key, "workflow": key.partition(":")[0], "record_type": "contact",
                "field": key.rpartition(".")[2], "level": "approved_writes", "since": NOW + timedelta(hours=number),
                "actor": Actor(kind="human", id="ana"), **step,
            }  # fmt: skip
            event = AutonomyChanged.model_validate(known)
            await producer.send_and_wait(encode(AUTONOMY_CHANGED, event, key, source="test"))
        await producer.stop()

    asyncio.run(put())


def rows(data: Path) -> dict[str, dict[str, Any]]:
    done = run("autonomy", "list", "--json", "--data", data)
    assert done.exit_code == 0, done.exception
    return {row["key"]: row for row in json.loads(done.stdout)}


def test_levels_are_listed_as_they_start_and_as_they_were_told(settings: RuntimeSettings, data: Path) -> None:
    fresh = rows(data)["enrich:contact.seniority"]
    assert (fresh["level"], fresh["decided"], fresh["missing"]) == ("approved_writes", 0, 40)
    told(settings.kafka, {"decided": 10, "accepted": 9}, {"decided": 40, "accepted": 39, "recent": "1" * 39 + "0"})
    row = rows(data)[TITLE]
    assert (row["decided"], row["accepted"], row["breach"]) == (40, 39, False), "the newest counts"
    assert row["low"] < 0.9 < row["high"]
    assert row["missing"] > 0
    assert "39 of 40" in run("autonomy", "list", "--data", data).output
    shown = run("autonomy", "show", TITLE, "--data", data).output
    assert f"{TITLE}: approved_writes since 2026-11-23T16:00" in shown
    assert "39 of 40 suggestions accepted since then" in shown
    assert f"{row['missing']} more accepted in a row would do" in shown
    assert "it ends below 0.6 over the last 10" in shown


def test_what_was_earned_may_be_raised_and_a_fall_stands_out(settings: RuntimeSettings, data: Path) -> None:
    told(settings.kafka, {"decided": 100, "accepted": 99, "recent": "1" * 100})
    assert rows(data)[TITLE]["missing"] == 0
    assert "it may be raised" in run("autonomy", "show", TITLE, "--data", data).output
    step = {"level": "limited_autonomous", "step": "raised", "reason": "titles are right", "recent": "1" * 100}
    told(settings.kafka, step)
    shown = run("autonomy", "show", TITLE, "--data", data).output
    assert f"{TITLE}: limited_autonomous" in shown
    assert "writing by itself needs" not in shown
    assert "last step, raised by ana: titles are right" in shown
    told(settings.kafka, {"step": "dropped", "reason": "a rollback", "recent": "1" * 100})
    row = rows(data)[TITLE]
    assert (row["level"], row["breach"], row["reason"]) == ("approved_writes", True, "a rollback")


def test_keys_that_nothing_earns_are_named_with_those_that_do(settings: RuntimeSettings, data: Path) -> None:
    told(settings.kafka, {"decided": 9}, key="enrich:contact.linkedin_url")
    assert set(rows(data)) == {TITLE, "enrich:contact.seniority"}, "what the policy lists no more is not shown"
    refused = run("autonomy", "show", "enrich:contact.linkedin_url", "--data", data).exception
    assert isinstance(refused, CliError)
    assert TITLE in refused.do
    asyncio.run(publish(settings.kafka, UNEARNED, "ann", "without"))
    assert "no workflow earns its autonomy" in run("autonomy", "list", "--data", data).output
    asyncio.run(publish(settings.kafka, EARNING, "ann", "again"))
