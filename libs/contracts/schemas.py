"""JSON Schemas and the AsyncAPI 3 document, generated from the topics; `python -m libs.contracts.schemas` writes them."""

import json
import sys
from pathlib import Path
from typing import Any

from libs.contracts.released import incompatible, release
from libs.contracts.topics import TOPICS, Topic

FOLDER = Path(__file__).parent / "schemas"
Schema = dict[str, Any]
WHAT_TO_DO = "take it back, give the new field a default, or give the topic an upcaster (docs/schema-evolution.md)\n"


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


def files() -> dict[str, str]:
    """Every generated file by name."""
    documents = {f"{topic.name}.json": schema_of(topic) for topic in TOPICS} | {"asyncapi.json": asyncapi()}
    return {name: json.dumps(document, indent=1, sort_keys=True) + "\n" for name, document in documents.items()}


def main() -> int:
    """Write the files; 1 when a released shape is broken, with what to do. `--release NAME` keeps today's shapes for ever."""
    problems = incompatible()
    if problems:
        sys.stderr.write("\n".join(problems) + "\n" + WHAT_TO_DO)
        return 1
    FOLDER.mkdir(exist_ok=True)
    for name, text in files().items():
        (FOLDER / name).write_text(text)
    if "--release" in sys.argv:
        name = sys.argv[sys.argv.index("--release") + 1]
        sys.stdout.write(f"{len(release(name))} shapes are kept as {name}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
