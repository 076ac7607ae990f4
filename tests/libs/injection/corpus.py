"""The corpora of attacks with their neutral twins, and of innocent messages that look a little like attacks."""

import json
from typing import Any

from tests.paths import ROOT

FOLDER = ROOT / "tests" / "corpora" / "attacks"
ATTACKS: list[dict[str, Any]] = [
    json.loads(line)
    for name in ("first", "second", "third")
    for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()
]
INNOCENT: list[str] = [json.loads(line)["text"] for line in (FOLDER / "innocent.jsonl").read_text().splitlines()] + [
    row["text"]
    for path in sorted((ROOT / "services" / "classify" / "examples").rglob("*.jsonl"))
    for row in map(json.loads, path.read_text().splitlines())
    if not row.get("attack")
]
