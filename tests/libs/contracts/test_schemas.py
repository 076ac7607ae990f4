"""Schemas are golden files, and every topic has an example."""

import json

import jsonschema
import pytest

from libs.contracts.codec import decode, encode
from libs.contracts.schemas import FOLDER, files, schema_of
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


def test_no_two_topics_share_a_name() -> None:
    assert len(BY_NAME) == len(TOPICS)
