"""JSON Schemas and the AsyncAPI 3 document, generated from the topics; `python -m libs.contracts.schemas` writes them."""

import json
import sys
from pathlib import Path
from typing import Any

from libs.contracts.topics import TOPICS, Topic

FOLDER = Path(__file__).parent / "schemas"
Schema = dict[str, Any]


def schema_of(topic: Topic[Any]) -> Schema:
    """The JSON Schema (2020-12) of a topic's payload as producers write it."""
    schema = topic.event.model_json_schema(mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:signalbox:{topic.name}", **schema}


def asyncapi() -> Schema:
    """The AsyncAPI 3.0 document: each topic is a channel with one message, bound to Kafka with its key and settings."""
    channels = {topic.name: _channel(topic) for topic in TOPICS}
    messages = {topic.name: _message(topic) for topic in TOPICS}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Signalbox", "version": "1", "license": {"name": "Apache-2.0"}},
        "defaultContentType": "application/json",
        "channels": channels,
        "components": {"messages": messages},
    }


def _channel(topic: Topic[Any]) -> Schema:
    kafka: Schema = {"topic": topic.name}
    configuration: Schema = {"cleanup.policy": ["compact"] if topic.compacted else ["delete"]}
    if topic.retention_days > 0:
        configuration["retention.ms"] = topic.retention_days * 86_400_000
    kafka["topicConfiguration"] = configuration
    return {
        "address": topic.name,
        "messages": {topic.event.__name__: {"$ref": f"#/components/messages/{topic.name}"}},
        "bindings": {"kafka": kafka},
    }


def _message(topic: Topic[Any]) -> Schema:
    where = "the record's header sb_facts; the value is raw bytes" if topic.raw else "the record's value"
    return {
        "name": topic.event.__name__,
        "summary": (topic.event.__doc__ or "").strip().split("\n")[0],
        "description": f"CloudEvents 1.0, Kafka binary binding. The payload is {where}.",
        "contentType": "application/json",
        "payload": {
            "schemaFormat": "application/schema+json;version=draft-2020-12",
            "schema": {"$ref": f"{topic.name}.json"},
        },
        "bindings": {"kafka": {"key": {"type": "string", "description": topic.key}}},
    }


def breaking_changes(released: Schema, current: Schema) -> list[str]:
    """What readers or stored events of the released schema could not live with, by path; empty when there is nothing.

    Refused are: a removed property or definition, another type, a newly required property, a removed enum value.
    Added optional properties and enum values are fine: consumers ignore what they do not know.
    """
    problems: list[str] = []
    _compare(released, current, "", problems)
    return problems


def _compare(old: Any, new: Any, path: str, problems: list[str]) -> None:
    if not isinstance(old, dict) or not isinstance(new, dict):
        return
    if old.get("type") != new.get("type") or old.get("$ref") != new.get("$ref"):
        problems.append(f"{path or '/'}: another type")
    for key in ("properties", "$defs"):
        for name, held in old.get(key, {}).items():
            if name not in new.get(key, {}):
                problems.append(f"{path}/{name}: removed")
            else:
                _compare(held, new[key][name], f"{path}/{name}", problems)
    written_before = set(old.get("properties", {}))
    for name in sorted(set(new.get("required", ())) - set(old.get("required", ()))):
        if name not in written_before or name not in old.get("required", ()):
            problems.append(f"{path}/{name}: newly required")
    for value in old.get("enum", ()):
        if value not in new.get("enum", ()):
            problems.append(f"{path}: {value!r} is no longer allowed")
    _compare_choices(old, new, path, problems)
    for key in ("items", "additionalProperties"):
        _compare(old.get(key), new.get(key), f"{path}/{key}", problems)


def _compare_choices(old: Schema, new: Schema, path: str, problems: list[str]) -> None:
    for choice in old.get("anyOf", ()):
        if choice not in new.get("anyOf", ()):
            problems.append(f"{path}: {json.dumps(choice)[:80]} is no longer allowed")


def files() -> dict[str, str]:
    """Every generated file by name."""
    documents = {f"{topic.name}.json": schema_of(topic) for topic in TOPICS} | {"asyncapi.json": asyncapi()}
    return {name: json.dumps(document, indent=1, sort_keys=True) + "\n" for name, document in documents.items()}


def main() -> int:
    """Write the files; 1 when a released schema would break, with what to do."""
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        path = FOLDER / name
        if path.exists() and name != "asyncapi.json":
            problems = breaking_changes(json.loads(path.read_text()), json.loads(text))
            if problems and "--release-breaking" not in sys.argv:
                sys.stderr.write(f"{name}: " + "; ".join(problems) + "\nmake it a new topic version with an upcaster\n")
                return 1
        path.write_text(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
