"""The corpora of attacks with their neutral twins, and of innocent messages that look a little like attacks."""

import json
from typing import Any

from tests.paths import ROOT

FOLDER = ROOT / "tests" / "corpora" / "attacks"


def attacks_of(*names: str) -> list[dict[str, Any]]:
    """The attacks of these files."""
    return [json.loads(line) for name in names for line in (FOLDER / f"{name}.jsonl").read_text().splitlines()]


ATTACKS = attacks_of("first", "second", "third", "fourth")
HELD_BACK = attacks_of("fifth")
"""Written blind and never worked on: what they show is how attacks fare that nobody has thought of."""
INNOCENT: list[str] = [json.loads(line)["text"] for line in (FOLDER / "innocent.jsonl").read_text().splitlines()] + [
    row["text"]
    for path in sorted((ROOT / "services" / "classify" / "examples").rglob("*.jsonl"))
    for row in map(json.loads, path.read_text().splitlines())
    if not row.get("attack")
]
