"""Labelled messages: the files of `examples/`, the policy's own sentences and words, and people's decisions."""

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
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
    for number, line in enumerate(path.read_bytes().split(b"\n"), start=1):  # a message may hold other line separators
        if line.strip():
            try:
                found.append(_example(json.loads(line), _author(path), weight))
            except ValueError as error:
                raise ExampleError(f"{path.name}:{number}: no labelled message: {_told(error)}") from None
    return found


def within(example: Example, taxonomy: Taxonomy) -> Example:
    """The example without labels that the taxonomy does not have: what a person typed once is no label to learn."""
    kept = {name: label for name, label in example.labels.items() if _is_known(name, label, taxonomy)}
    return replace(example, labels=kept)


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


def _example(row: Any, author: str, weight: float) -> Example:
    """Raises ValueError that says what the row lacks."""
    if not isinstance(row, dict) or not isinstance(row.get("text"), str):
        raise ValueError("it needs to be an object with a `text`")
    labels = {name: _label(name, row[name]) for name in LABELS if name in row}
    if not labels:
        raise ValueError(f"it has no label; labels are {', '.join(LABELS)}")
    stated, language, counts = row.get("facts", {}), row.get("language", ""), row.get("weight", weight)
    if not isinstance(stated, dict) or not isinstance(language, str) or not isinstance(counts, int | float):
        raise ValueError("`facts` is an object, `language` a text, `weight` a number")
    facts = {name: str(value) for name, value in stated.items()}
    return Example(masked(row["text"]).text, labels, language, facts, author, counts)


def _label(name: str, value: object) -> str:
    if not isinstance(value, bool | str) or value == "":
        raise ValueError(f"{name} is {json.dumps(value)}; what is not said is `unknown`, no flag is `none`")
    return str(value).lower() if isinstance(value, bool) else value


def _told(error: ValueError) -> str:
    if isinstance(error, json.JSONDecodeError):
        return f"no JSON at character {error.pos + 1} ({error.msg})"
    return "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)


def _is_known(name: str, label: str, taxonomy: Taxonomy) -> bool:
    if name == "flag":
        return label == "none" or label in taxonomy.flags
    return name == "route" or (name in taxonomy.fields and label in taxonomy.fields[name].labels)


def _author(path: Path) -> str:
    """`messages_c3` and `messages_c4` are by the author `c`; files without such a name are by one author together."""
    kind, _, part = path.stem.partition("_")
    return part.rstrip("0123456789") or part if kind == "messages" and part else "first"
