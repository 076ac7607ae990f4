"""The history read from a real broker: all of it, once, and without anybody noticing."""

import asyncio
import json
from collections import Counter
from collections.abc import Coroutine, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiokafka.admin import AIOKafkaAdminClient
from typer.testing import CliRunner

from bench.history.course import OFFERS, SMALL_CAPS, Course, Edit, files, policy, ran
from cli.__main__ import app
from cli.errors import CliError
from embedded.testing import infrastructure
from libs.contracts.codec import encode
from libs.contracts.events import Event
from libs.contracts.topics import (
    AUDIT_CHANGE,
    LEAD_FEEDBACK,
    LEAD_ROUTED,
    POLICY_PUBLISHED,
    SLA_CHANGED,
    TRIAGE_DECIDED,
    Topic,
)
from libs.runtime.broker import Producer, ensure_topics, read_topics
from libs.runtime.settings import RuntimeSettings
from tests.whatif.test_one_rule import HIGHER, LOW_CONFIDENCE
from whatif.compare import compared
from whatif.needed import needed_by
from whatif.read import History, read_history, read_share
from whatif.store import Cache
from whatif.table import Table

HELD = (LEAD_ROUTED, LEAD_FEEDBACK, SLA_CHANGED, TRIAGE_DECIDED, AUDIT_CHANGE)
SENIOR: Edit = (
    "routing.yaml", "when: record.owner != null", "when: record.owner != null && lead.city != 'Atlantis'"
)  # fmt: skip
"""Asks for a fact that no other policy asks for."""
Told = list[tuple[Topic[Any], Event, str]]


@dataclass
class Topics:
    """A broker that holds a course, and what it was told."""

    kafka: str
    course: Course
    told: Told


@pytest.fixture(scope="module")
def topics(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Topics]:
    told: Told = []
    course = ran(4, 400, [(0.0, ()), (0.3, SMALL_CAPS), (0.6, OFFERS)], [policy(HIGHER)], sink=told)
    with infrastructure(tmp_path_factory.mktemp("kafka"), frozenset({"kafka"})) as addresses:
        settings = RuntimeSettings(kafka=addresses.kafka, database_url="-", tenant_secret="0" * 64, api_token="0" * 32)
        asyncio.run(ensure_topics(settings))
        asyncio.run(
            put(addresses.kafka, [*told, *((POLICY_PUBLISHED, one, "cli") for one in course.history().publications)])
        )
        yield Topics(addresses.kafka, course, told)


async def put(kafka: str, told: Told) -> None:
    producer = Producer(kafka)
    await producer.start()
    for topic, event, stage in told:
        key = str(getattr(event, "lead_id", None) or getattr(event, "policy_hash", "member:m"))
        await producer.send_and_wait(encode(topic, event, key, source=stage))
    await producer.stop()


def needed(course: Course) -> Any:
    return needed_by([*course.by_hash.values(), policy(HIGHER)])


async def read(topics: Topics, cache: Cache | None = None, said: list[str] | None = None) -> History:
    return await read_history(topics.kafka, needed(topics.course), cache, (said if said is not None else []).append)


def rows(table: Table) -> Counter[str]:
    """The rows as a bag: where a record stood does not matter."""
    numbers = {name: held.tolist() for name, held in table.numbers.items() if name not in ("partition", "offset")}
    columns = {name: held.told() for name, held in table.columns.items()} | numbers
    return Counter(json.dumps(row, default=str) for row in zip(*columns.values(), strict=True))


async def test_the_topics_tell_the_whole_history(topics: Topics) -> None:
    found, known = await read(topics), topics.course.history()
    for name in ("routed", "touches", "met", "decisions", "records"):
        assert rows(getattr(found, name)) == rows(getattr(known, name)), name
        assert len(getattr(found, name)), name
    assert [one.policy_hash for one in found.publications] == [one.policy_hash for one in known.publications]
    assert (found.unreadable, compared(found, None).kinds) == (0, compared(known, None).kinds)
    assert compared(found, policy(HIGHER)).flows == compared(known, policy(HIGHER)).flows


async def test_what_was_read_is_kept_and_only_the_rest_is_read_again(topics: Topics, tmp_path: Path) -> None:
    first, again = await read(topics, Cache(tmp_path)), await read(topics, Cache(tmp_path))
    assert first.read == len(topics.told)
    assert again.read == 0
    topic, event, stage = topics.told[0]
    await put(topics.kafka, [(topic, event.model_copy(update={"event_id": "one-more"}), stage)])
    more = await read(topics, Cache(tmp_path))
    assert more.read == 1
    assert rows(again.routed) == rows(first.routed) == rows(more.routed)


async def test_a_policy_that_asks_for_more_is_read_anew(topics: Topics, tmp_path: Path) -> None:
    await read(topics, Cache(tmp_path))
    wider = needed(topics.course) | needed_by([policy(SENIOR)])
    assert not needed(topics.course).covers(wider)
    found = await read_history(topics.kafka, wider, Cache(tmp_path), lambda _: None)
    assert found.read > 0
    assert "lead.city" in found.routed.columns
    assert (await read(topics, Cache(tmp_path))).read == 0, "the wider answer serves the narrower question"


@pytest.mark.parametrize("harm", ["cut", "another topic"])
async def test_what_is_kept_is_only_believed_when_it_is_of_this_topic(
    topics: Topics, tmp_path: Path, harm: str
) -> None:
    known = await read(topics, Cache(tmp_path))
    _cut(tmp_path) if harm == "cut" else _of_another_topic(tmp_path)
    said: list[str] = []
    found = await read(topics, Cache(tmp_path), said)
    assert found.read > 0
    assert rows(found.routed) == rows(known.routed)
    assert any("another topic" in line for line in said) == (harm == "another topic")


def _cut(folder: Path) -> None:
    for path in folder.glob("v*/lead.routed*.npz"):
        whole = path.read_bytes()
        path.write_bytes(whole[: len(whole) // 2])


def _of_another_topic(folder: Path) -> None:
    cache = Cache(folder)
    for number, kept in cache.held(LEAD_ROUTED.name).items():
        kept.event_id = "somebody else's"
        cache.keep(LEAD_ROUTED.name, number, kept)


async def test_several_readers_share_the_partitions(topics: Topics, tmp_path: Path) -> None:
    asked = needed(topics.course)
    counts = await asyncio.gather(
        *(
            _after(wait, read_share(topics.kafka, "whatif-test", asked, Cache(tmp_path), lambda _: None))
            for wait in (0, 0, 1)
        )
    )
    assert sum(count > 0 for count in counts) > 1, "one reader had it all"
    assert sum(counts) >= len(topics.told)
    found, known = await read(topics, Cache(tmp_path)), await read(topics)
    assert found.read == 0
    assert rows(found.routed) == rows(known.routed)
    assert rows(found.records) == rows(known.records)


async def _after(seconds: float, reading: Coroutine[Any, Any, int]) -> int:
    await asyncio.sleep(seconds)
    return await reading


async def test_nobody_notices(topics: Topics) -> None:
    before = await _state(topics.kafka)
    await read(topics)
    assert await _state(topics.kafka) == before


async def _state(kafka: str) -> tuple[Sequence[Any], int]:
    """Who reads, and how much there is."""
    admin = AIOKafkaAdminClient(bootstrap_servers=kafka)
    await admin.start()
    groups = await admin.list_consumer_groups()
    await admin.close()
    count = 0
    async for _ in read_topics(kafka, [topic.name for topic in (*HELD, POLICY_PUBLISHED)]):
        count += 1
    return sorted(groups), count


@pytest.fixture
def command(topics: Topics, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The command line as it is typed."""
    monkeypatch.setenv("SIGNALBOX_KAFKA", topics.kafka)
    monkeypatch.setenv("SIGNALBOX_API_TOKEN", "t" * 32)

    def typed(*words: str) -> Any:
        result = CliRunner().invoke(app, ["whatif", *words, "--data", str(tmp_path)])
        if result.exception is not None and not isinstance(result.exception, SystemExit):
            raise result.exception
        return result

    return typed


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    held = tmp_path / "policy"
    held.mkdir()
    for name, text in files(HIGHER, LOW_CONFIDENCE).items():
        (held / name).write_text(text)
    return held


def test_the_command_tells_what_would_differ_and_writes_it_down(command: Any, folder: Path, tmp_path: Path) -> None:
    found = json.loads(command("--policy", str(folder), "--json").stdout)
    changed = found["kinds"]["by the policy"]
    assert found["differences"] > changed > 5
    html, leads = tmp_path / "report.html", tmp_path / "leads.csv"
    told = command("--policy", str(folder), "--html", str(html), "--leads", str(leads)).output
    assert f"{changed} go elsewhere by the policy" in told
    assert len(leads.read_text().splitlines()) == len(found["moved"]) + 1
    assert html.read_text().startswith("<!doctype html>")
    flow = found["flows"][0]
    shown = command("--policy", str(folder), "--show", f"{flow['was']}→{flow['now']}").output
    assert f"of {flow['direct'] + flow['knock_on']} leads" in shown


def test_the_newest_policy_over_its_own_leads_changes_nothing(command: Any, topics: Topics) -> None:
    since = topics.course.policies[-1][0]
    told = command("--policy", "published", "--from", f"{since:%Y-%m-%dT%H:%M:%S}").output
    assert "Nothing would differ." in told


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ((), "nothing is asked"),
        (("--shadow",), "no policy is tried"),
        (("--shadow", "--policy", "published"), "named twice"),
        (("--policy", "nonsense"), "no such policy"),
        (("--mode", "suggested", "--from", "2031-01-01"), "no lead was routed in that time"),
        (("--mode", "suggested", "--from", "2026-09-02", "--to", "2026-09-01"), "ends before it begins"),
        (("--mode", "suggested", "--show", "here→there"), "no lead goes from here to there"),
        (("--mode", "suggested", "--show", "here"), "is no flow"),
        (("--mode", "suggested", "--leads", "/nowhere/leads.csv"), "can't be written"),
        (("--mode", "suggested", "--html", "/nowhere/report.html"), "can't be written"),
    ],
)
def test_what_can_not_be_asked_is_said(command: Any, words: tuple[str, ...], why: str) -> None:
    with pytest.raises(CliError, match=why):
        command(*words)
