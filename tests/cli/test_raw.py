"""Raw submissions on the real broker: what is intact is counted, what was touched is named by its place."""

import hashlib

import pytest

from cli.raw import Checked, checked
from libs.contracts.codec import encode
from libs.contracts.events import SubmissionReceived
from libs.contracts.ids import submission_id
from libs.contracts.lead import Position
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime import clock
from libs.runtime.broker import Producer, read_topics
from libs.runtime.settings import RuntimeSettings


async def keep(producer: Producer, source: str, body: bytes, *, of: bytes | None = None) -> Position:
    """Put a submission on the topic; `of`: the bytes that its facts speak of."""
    digest = hashlib.sha256(body if of is None else of).hexdigest()
    event = SubmissionReceived(
        event_id=f"e-{digest[:12]}", submission_id=submission_id(source, digest), source=source,
        received_at=clock.now(), sha256=digest,
    )  # fmt: skip
    return await producer.send_and_wait(
        encode(SUBMISSION_RECEIVED, event, event.submission_id, source="test", raw=body)
    )


@pytest.fixture
async def places(settings: RuntimeSettings) -> list[Position]:
    """Three submissions of this test's own source: two intact, and one whose bytes are not those of its facts."""
    producer = Producer(settings.kafka)
    await producer.start()
    bodies = [b'{"a":1}', b"\x00\xff not text", b"touched"]
    found = [
        await keep(producer, settings.env, body, of=b"as it came" if body == b"touched" else None) for body in bodies
    ]
    await producer.stop()
    return found


async def read(settings: RuntimeSettings, noted: dict[tuple[int, int], str] | None = None) -> Checked:
    records = read_topics(settings.kafka, [SUBMISSION_RECEIVED.name])
    return await checked(records, noted or {}, settings.env)


async def test_a_touched_record_is_named_by_its_place_and_never_by_its_content(
    settings: RuntimeSettings, places: list[Position]
) -> None:
    found = await read(settings)
    assert (found.submissions, found.bytes) == (3, len(b'{"a":1}' + b"\x00\xff not text" + b"touched"))
    assert found.by_source == {settings.env: 3}
    (wrong,) = found.mismatches
    assert (wrong["partition"], wrong["offset"]) == (places[2].partition, places[2].offset)
    assert "touched" not in str(wrong)


async def test_what_audit_noted_finds_a_record_whose_facts_were_touched_too(
    settings: RuntimeSettings, places: list[Position]
) -> None:
    good = hashlib.sha256(b'{"a":1}').hexdigest()
    noted = {(places[0].partition, places[0].offset): good, (places[1].partition, places[1].offset): good}
    found = await read(settings, noted)
    assert found.compared_with_audit == 2
    assert [(one["partition"], one["offset"]) for one in found.mismatches if "audit" in one["problem"]] == [
        (places[1].partition, places[1].offset)
    ]


async def test_only_what_was_asked_for_is_counted(settings: RuntimeSettings, places: list[Position]) -> None:
    records = read_topics(settings.kafka, [SUBMISSION_RECEIVED.name])
    assert (await checked(records, {}, settings.env, clock.now())).submissions == 0
    records = read_topics(settings.kafka, [SUBMISSION_RECEIVED.name])
    told: list[int] = []
    everything = await checked(records, {}, told=told.append)
    assert everything.submissions >= 3
    assert told[-1] >= 3
