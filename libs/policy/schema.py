"""The JSON Schema of the policy files, for completion and checks in editors: `python -m libs.policy.schema`."""

import json
from pathlib import Path
from typing import Any

from libs.policy.load import PARTS
from libs.policy.policy import Policy

SCHEMA = Path(__file__).resolve().parents[2] / "docs" / "policy.schema.json"


def policy_schema() -> dict[str, Any]:
    """One schema that any policy file meets: that of the part whose keys it has."""
    whole = Policy.model_json_schema(ref_template="#/$defs/{model}")
    parts = {part: {**whole["properties"][part], "title": f"{part}.yaml"} for part in PARTS}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A file of the policy",
        "anyOf": list(parts.values()),
        "$defs": whole["$defs"],
    }


def schema_text() -> str:
    """The schema as it stands in docs/policy.schema.json."""
    return json.dumps(policy_schema(), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema_text(), encoding="utf-8")
