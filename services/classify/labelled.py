"""Labelled messages: the files of `examples/`, the policy's own sentences and words, and people's decisions."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from libs.policy.taxonomy import EVERY_LANGUAGE, Label, Taxonomy
from services.classify.domain.injection import masked

EXAMPLES = Path(__file__).parent / "examples"
UNSEEN = EXAMPLES / "unseen"
LABELS = (
    "use_case", "flag", "urgency", "intent", "buyer_role", "company_fit", "industry", "product_interest", "route",
)  # fmt: skip
PHRASES = EXAMPLES / "phrases.txt"
PHRASE_WEIGHT = 0.5
"""A short phrase counts half of a message."""
POLICY_WEIGHT = 0.5
"""A sentence of the policy counts half of a message that somebody wrote; its bare words a quarter."""
HELD_OUT_OF = 5


class ExampleError(ValueError):
    """A line that is no labelled message; says file, line and what is wrong."""


@dataclass(frozen=True, slots=True)
class Example:
    """One labelled message, as the model reads it: what talks to the machine is blank already."""

    text: str
    labels: Mapping[str, str]
    language: str = ""
    facts: Mapping[str, str] = field(default_factory=dict)
    author: str = ""
    """Who wrote it, by its file: examples of one author resemble one another."""
    weight: float = 1.0

    @property
    def held_out(self) -> bool:
        """Whether it belongs to the fifth that is measured on before the last training."""
        return hashlib.sha256(self.text.encode()).digest()[0] % HELD_OUT_OF == 0


def read_examples(folder: Path = EXAMPLES) -> list[Example]:
    """All examples of the folder's JSON lines files, in a fixed order. Raises ExampleError."""
    return [example for path in sorted(folder.glob("*.jsonl")) for example in read_file(path)]


def read_file(path: Path, weight: float = 1.0) -> list[Example]:
    """The examples of one file. Raises ExampleError, OSError."""
    found = []
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if line.strip():
            try:
                found.append(_example(json.loads(line), _author(path), weight))
            except (ValueError, KeyError, TypeError, AttributeError) as error:
                raise ExampleError(
                    f"{path.name}:{number}: no labelled message ({error}): see docs/labelling.md"
                ) from None
    return found


def phrase_examples(taxonomy: Taxonomy, path: Path = PHRASES) -> list[Example]:
    """Short phrases under the label that they stand for: a use case, or a flag of the taxonomy."""
    found, label = [], ""
    for line in path.read_text(encoding="utf-8").splitlines():
        if line.startswith("["):
            label = line.strip("[]")
        elif line and not line.startswith("#"):
            is_flag = label in taxonomy.flags
            labels = {"use_case": "unknown" if is_flag else label, "flag": label if is_flag else "none"}
            found.append(Example(line, labels, author="phrases", weight=PHRASE_WEIGHT))
    return found


def policy_examples(taxonomy: Taxonomy) -> list[Example]:
    """The sentences and words that the policy gives for its labels: what makes a label known that no file holds."""
    found = []
    for name in ("use_case", "intent", "urgency", "industry"):
        if name in taxonomy.fields:
            for label, definition in taxonomy.fields[name].labels.items():
                found += list(_taught(definition, {name: label}))
    for flag, definition in taxonomy.flags.items():
        found += list(_taught(definition, {"flag": flag}))
    return found


def _taught(label: Label, labels: Mapping[str, str]) -> Iterator[Example]:
    for sentence in label.examples:
        yield Example(sentence, labels, author="policy", weight=POLICY_WEIGHT)
    for language, words in label.words.items():
        told = " ".join(word.rstrip("*") for word in words)
        code = "" if language == EVERY_LANGUAGE else language
        yield Example(told, labels, code, author="policy", weight=POLICY_WEIGHT / 2)


def _example(row: Mapping[str, Any], author: str, weight: float) -> Example:
    labels = {name: _label(row[name]) for name in LABELS if name in row}
    facts = {name: str(value) for name, value in row.get("facts", {}).items()}
    if not labels:
        raise KeyError("no label")
    return Example(masked(row["text"]).text, labels, row.get("language", ""), facts, author, row.get("weight", weight))


def _label(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def _author(path: Path) -> str:
    """`messages_c3` and `messages_c4` are by the author `c`; files without such a name are by one author together."""
    kind, _, part = path.stem.partition("_")
    return part.rstrip("0123456789") or part if kind == "messages" and part else "first"
