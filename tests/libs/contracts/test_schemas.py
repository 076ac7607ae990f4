"""Schemas are golden files, every topic has an example, and a breaking change fails here."""

import copy
import json

import jsonschema
import pytest

from libs.contracts.codec import decode, encode
from libs.contracts.schemas import FOLDER, breaking_changes, files, schema_of
from libs.contracts.topics import BY_NAME, TOPICS
from tests.paths import ROOT

EXAMPLES = ROOT / "libs" / "contracts" / "examples"


@pytest.mark.parametrize("name", sorted(files()))
def test_the_generated_files_are_current(name: str) -> None:
    assert (FOLDER / name).read_text() == files()[name], "run: python -m libs.contracts.schemas"


@pytest.mark.parametrize("name", sorted(BY_NAME))
def test_every_topic_has_an_example_that_is_valid_and_survives_the_codec(name: str) -> None:
    topic = BY_NAME[name]
    example = json.loads((EXAMPLES / f"{name}.json").read_text())
    jsonschema.Draft202012Validator(schema_of(topic)).validate(example)
    event = topic.event.model_validate(example)
    record = encode(topic, event, "key", source="test", raw=b"body")
    assert decode(topic, record.value, record.headers) == event
    assert json.loads(event.model_dump_json()) == example


def test_the_compatibility_check_sees_what_breaks_readers() -> None:
    released = schema_of(BY_NAME["lead.scored.v1"])
    assert breaking_changes(released, released) == []
    for path, change in (
        ("removed", lambda s: s["$defs"]["Lead"]["properties"].pop("form")),
        ("another type", lambda s: s["$defs"]["Lead"]["properties"]["version"].update(type="string")),
        ("newly required", lambda s: s["$defs"]["Lead"]["required"].append("extra")),
        ("no longer allowed", lambda s: s["$defs"]["RecordRef"]["properties"]["type"]["enum"].remove("contact")),
    ):
        broken = copy.deepcopy(released)
        change(broken)
        assert any(path in problem for problem in breaking_changes(released, broken)), path
    grown = copy.deepcopy(released)
    grown["$defs"]["Lead"]["properties"]["later"] = {"type": "string"}
    assert breaking_changes(released, grown) == []


def test_no_two_topics_share_a_name() -> None:
    assert len(BY_NAME) == len(TOPICS)
