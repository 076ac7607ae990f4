"""Whatever was ever written is read, released files never change, and what would break a reader fails here."""

import copy
import dataclasses
import json
from collections.abc import Callable
from typing import Any

import jsonschema
import pytest

from libs.contracts import released
from libs.contracts.codec import UnreadableError, decode, encode
from libs.contracts.compatibility import refused
from libs.contracts.events import Event
from libs.contracts.released import FULL_SINCE, Shape, incompatible, shapes, sums, todays
from libs.contracts.topics import BY_NAME, FOREVER, TOPICS, Topic

SHAPES = shapes()
AUDITED = BY_NAME["audit.change.v1"]


def test_released_files_are_as_they_were() -> None:
    told = (released.FOLDER / released.SUMS).read_text()
    assert sums() == told, "a released shape was changed or lost: take it back, or add a release"


def test_nothing_breaks_what_was_released() -> None:
    assert incompatible() == []


def test_every_topic_that_is_kept_for_ever_has_a_released_shape() -> None:
    kept = {topic.name for topic in TOPICS if topic.retention_days == FOREVER}
    assert kept <= {shape.topic for shape in SHAPES}, "run: python -m libs.contracts.schemas --release NAME"


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: f"{shape.release}-{shape.topic}")
def test_an_event_of_each_release_is_read(shape: Shape) -> None:
    topic = BY_NAME[shape.topic]
    jsonschema.Draft202012Validator(shape.writes).validate(shape.example)
    payload = json.dumps(shape.example).encode()
    headers = [("ce_schemaversion", str(shape.version).encode())]
    value, facts = (b"raw", [("sb_facts", payload)]) if topic.raw else (payload, [])
    event = decode(topic, value, headers + facts)
    again = json.loads(event.model_dump_json())
    assert _held(shape.example, again) == [], "something that was written is not read"


@pytest.mark.parametrize("shape", [one for one in SHAPES if one.release >= FULL_SINCE], ids=lambda one: one.topic)
def test_todays_event_is_read_by_code_of_each_release_that_may_run_beside_it(shape: Shape) -> None:
    if BY_NAME[shape.topic].retention_days == FOREVER:
        jsonschema.Draft202012Validator(shape.reads).validate(todays(BY_NAME[shape.topic]).example)


def _held(old: Any, new: Any, path: str = "") -> list[str]:
    """Where a value of the old event is not in the new one; a field may have been added, none may be gone."""
    if isinstance(old, dict) and isinstance(new, dict):
        return [told for key, value in old.items() for told in _held(value, new.get(key, ...), f"{path}/{key}")]
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        return [
            told
            for place, (one, other) in enumerate(zip(old, new, strict=True))
            for told in _held(one, other, f"{path}/{place}")
        ]
    return [] if old == new else [f"{path}: {old!r} became {new!r}"]


BREAKING: dict[str, Callable[[dict[str, Any]], Any]] = {
    "is left out": lambda reads: reads["$defs"]["FieldChange"]["properties"].pop("reason"),
    "is no type that is read": lambda reads: reads["$defs"]["FieldChange"]["properties"].update(
        reason={"type": "integer"}
    ),
    "is read always and not written always": lambda reads: reads["required"].append("shoe_size"),
    "is no value that is read": lambda reads: reads["$defs"]["RecordRef"]["properties"]["type"]["enum"].remove(
        "contact"
    ),
    "more than maxLength": lambda reads: reads["properties"]["event_id"].update(maxLength=3),
}


@pytest.mark.parametrize("problem", sorted(BREAKING))
def test_a_reader_that_would_lose_something_is_told(problem: str, monkeypatch: pytest.MonkeyPatch) -> None:
    today = copy.deepcopy(todays(AUDITED))
    BREAKING[problem](today.reads)
    monkeypatch.setattr(released, "todays", lambda _: today)
    assert any(problem in told for told in incompatible((AUDITED,), [todays(AUDITED)]))


WIDER: dict[str, tuple[Callable[[dict[str, Any]], Any], bool]] = {
    "a new optional field": (lambda writes: writes["properties"].update(later={"type": "string"}), True),
    "a new value": (lambda writes: writes["$defs"]["RecordRef"]["properties"]["type"]["enum"].append("tower"), False),
    "a new type": (lambda writes: writes["properties"].update(event_id={"type": ["string", "null"]}), False),
}


@pytest.mark.parametrize("what", sorted(WIDER))
def test_older_readers_of_what_is_kept_for_ever_are_thought_of(what: str, monkeypatch: pytest.MonkeyPatch) -> None:
    widen, fine = WIDER[what]
    today = copy.deepcopy(todays(AUDITED))
    widen(today.writes)
    before = dataclasses.replace(todays(AUDITED), release=FULL_SINCE)
    monkeypatch.setattr(released, "todays", lambda _: today)
    assert (incompatible((AUDITED,), [before]) == []) is fine
    assert incompatible((AUDITED,), [dataclasses.replace(before, release="2026-11-22")]) == []
    short = dataclasses.replace(AUDITED, retention_days=90)
    assert incompatible((short,), [before]) == [], "events that end are read by newer code only"


def test_a_release_keeps_what_changed_and_never_overwrites(tmp_path: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(released, "FOLDER", tmp_path)
    first = released.release("2027-01")
    assert {shape.topic for shape in first} == {topic.name for topic in TOPICS}
    assert released.release("2027-02") == []
    with pytest.raises(ValueError, match="never changes"):
        released.release("2027-01")
    assert sorted(shape.text for shape in shapes()) == sorted(shape.text for shape in first)
    assert (tmp_path / released.SUMS).read_text() == sums()


class Grown(Event):
    """An event in its third version: `name` was split, then `phone` became a list."""

    first: str
    last: str
    phones: list[str]


def _split(payload: dict[str, Any]) -> dict[str, Any]:
    first, _, last = payload.get("name", "").partition(" ")
    return {**{key: value for key, value in payload.items() if key != "name"}, "first": first, "last": last}


def _many(payload: dict[str, Any]) -> dict[str, Any]:
    held = payload.get("phone")
    return {**payload, "phones": [] if held is None else [held]}


GROWN = Topic("grown.v1", Grown, "k", FOREVER, upcasters=(_split, _many))


@pytest.mark.parametrize(
    ("version", "payload"),
    [
        (1, {"name": "Jane Roe", "phone": "+49"}),
        (2, {"first": "Jane", "last": "Roe", "phone": "+49"}),
        (3, {"first": "Jane", "last": "Roe", "phones": ["+49"]}),
    ],
)
def test_upcasters_take_every_version_to_the_newest(version: int, payload: dict[str, Any]) -> None:
    stored = json.dumps({"event_id": "e", "caused_by": "c", **payload}).encode()
    event = decode(GROWN, stored, [("ce_schemaversion", str(version).encode())])
    assert event == Grown(event_id="e", caused_by="c", first="Jane", last="Roe", phones=["+49"])
    record = encode(GROWN, event, "k", source="t")
    assert dict(record.headers)["ce_schemaversion"] == b"3"
    assert decode(GROWN, record.value, record.headers) == event


@pytest.mark.parametrize("version", ["0", "4", "-1", "x"])
def test_a_version_that_this_code_does_not_know_is_unreadable(version: str) -> None:
    with pytest.raises(UnreadableError):
        decode(GROWN, b'{"event_id": "e"}', [("ce_schemaversion", version.encode())])


def test_what_an_upcaster_takes_over_is_compared_by_its_own_tests() -> None:
    before = Shape(FULL_SINCE, "grown.v1", 1, {"type": "object", "properties": {"name": {"type": "string"}}}, {}, {})
    today = Shape("", "grown.v1", 3, {}, {"type": "object", "required": ["first"]}, {})
    assert refused(before.writes, today.reads) != []
