"""Every shape that an event ever had on a topic: what was written, what was read, and an event of it; kept for ever.

A folder a release, a file a topic whose shape was new. What stands there is never changed (`SHA256SUMS` tells), because
events of it stand on topics that keep them for ever.
"""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from libs.contracts.compatibility import Schema, bare, refused, unreadable
from libs.contracts.topics import FOREVER, TOPICS, Topic

FOLDER = Path(__file__).parent / "released"
EXAMPLES = Path(__file__).parent / "examples"
SUMS = "SHA256SUMS"
FULL_SINCE = "2026-11-24"
"""Since this release, topics that keep events for ever are FULL_TRANSITIVE; before it nobody ran older code beside newer."""


@dataclass(frozen=True, slots=True)
class Shape:
    """An event's shape in one release. `version`: the schema version that its writers put into the header."""

    release: str
    topic: str
    version: int
    writes: Schema
    reads: Schema
    example: Any

    @property
    def text(self) -> str:
        """The file that keeps it."""
        held = {"version": self.version, "writes": self.writes, "reads": self.reads, "example": self.example}
        return json.dumps(held, sort_keys=True, separators=(",", ":")) + "\n"


def shapes() -> list[Shape]:
    """Every released shape, oldest first."""
    files = sorted(FOLDER.glob("*/*.json"))
    return [Shape(path.parent.name, path.stem, **json.loads(path.read_text())) for path in files]


def todays(topic: Topic[Any], release: str = "") -> Shape:
    """The shape that this code writes and reads."""
    writes, reads = (bare(topic.event.model_json_schema(mode=mode)) for mode in ("serialization", "validation"))
    example = json.loads((EXAMPLES / f"{topic.name}.json").read_text())
    return Shape(release, topic.name, topic.schema_version, writes, reads, example)


def incompatible(topics: tuple[Topic[Any], ...] = TOPICS, released: list[Shape] | None = None) -> list[str]:
    """What today's shapes break of the released ones, one sentence each; empty when nothing.

    All topics are BACKWARD_TRANSITIVE: whatever was released is read, and nothing of it is left out. Those that keep events for
    ever are FULL_TRANSITIVE: code of any release since FULL_SINCE reads what is written today. A shape of another schema
    version is read through upcasters, which have tests of their own, and by newer code only.
    """
    problems = []
    known = {topic.name: (topic, todays(topic)) for topic in topics}
    for shape in shapes() if released is None else released:
        if shape.topic not in known:
            problems.append(f"{shape.topic}: the topic is gone, its events of {shape.release} are not")
            continue
        topic, today = known[shape.topic]
        if shape.version != today.version:
            continue
        for problem in unreadable(shape.writes, today.reads):
            problems.append(f"{shape.topic}: as written in {shape.release}, {problem}")
        if topic.retention_days == FOREVER and shape.release >= FULL_SINCE:
            for problem in refused(today.writes, shape.reads):
                problems.append(f"{shape.topic}: as written today, for readers of {shape.release}, {problem}")
    return problems


def release(name: str) -> list[Shape]:
    """Keeps the shapes that no release has yet under this name, and returns them. Raises ValueError for a name that exists."""
    if (FOLDER / name).exists():
        raise ValueError(f"{name} is released: what it holds never changes, choose another name")
    newest = {shape.topic: shape for shape in shapes()}
    new = [shape for shape in (todays(topic, name) for topic in TOPICS) if _differs(shape, newest.get(shape.topic))]
    keep(new)
    return new


def keep(new: list[Shape]) -> None:
    """Write shapes, and the sums of all files."""
    for shape in new:
        (FOLDER / shape.release).mkdir(parents=True, exist_ok=True)
        (FOLDER / shape.release / f"{shape.topic}.json").write_text(shape.text)
    (FOLDER / SUMS).write_text(sums())


def sums() -> str:
    """What SHA256SUMS holds: the digest and the path of each file, as `sha256sum` writes them."""
    files = sorted(FOLDER.glob("*/*.json"))
    digests = (f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.relative_to(FOLDER)}" for path in files)
    return "\n".join(digests) + "\n"


def _differs(shape: Shape, before: Shape | None) -> bool:
    return before is None or (shape.version, shape.writes, shape.reads) != (before.version, before.writes, before.reads)
