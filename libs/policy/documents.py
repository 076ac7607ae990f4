"""YAML files as values with the place of each, so that a problem can name file, line and column.

Only what YAML 1.2 calls true, false, null and numbers is read so: `NO` is a country and `on` a word.
"""

import re
from dataclasses import dataclass, field
from typing import Any

import yaml

from libs.policy.problems import Problem

Path = tuple[str | int, ...]

_MOST_VALUES = 100_000
_DEEPEST = 30


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's core schema."""


_Loader.yaml_implicit_resolvers = {}
for tag, pattern, first in (
    ("bool", r"true|false", "tf"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:e[-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a value starts (1-based); `text_column` is the column of the first character of a scalar's text on its line."""

    line: int
    column: int
    text_line: int
    text_column: int
    scalar: bool = True


@dataclass(slots=True)
class Document:
    """One file: its value, and the places of all keys and values by path."""

    file: str
    value: Any = None
    keys: dict[Path, Place] = field(default_factory=dict)
    values: dict[Path, Place] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)
    size: int = 0

    def place(self, path: Path) -> Place:
        """The place of the nearest enclosing thing that stands in the file: a scalar's own, else that of its key."""
        for length in range(len(path), 0, -1):
            held, key = self.values.get(path[:length]), self.keys.get(path[:length])
            if held is not None:
                return held if held.scalar or key is None else key
        return self.values.get((), Place(1, 1, 1, 1))


def read_document(file: str, text: str) -> Document:
    """The file's value with all places; what is wrong with it as YAML is in `problems`."""
    document = Document(file)
    try:
        root = yaml.compose(text, Loader=_Loader)
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
        document.problems.append(Problem(file, line, column, f"not YAML: {error.problem or error.context}"))
        return document
    except (yaml.YAMLError, RecursionError) as error:
        document.problems.append(Problem(file, 1, 1, f"not YAML: {str(error).splitlines()[0]}"))
        return document
    if root is None:
        document.problems.append(Problem(file, 1, 1, "the file is empty"))
        return document
    try:
        document.value = _built(document, root, (), text.splitlines())
    except _TooMuchError:
        document.problems.append(Problem(file, 1, 1, "the file is too deep or, with its aliases, too large"))
    return document


class _TooMuchError(Exception):
    """An alias that holds itself, or many that hold each other."""


def _built(document: Document, node: yaml.Node, path: Path, lines: list[str]) -> Any:
    document.size += 1
    if document.size > _MOST_VALUES or len(path) > _DEEPEST:
        raise _TooMuchError
    document.values[path] = _place(node, lines)
    if isinstance(node, yaml.MappingNode):
        return _mapping(document, node, path, lines)
    if isinstance(node, yaml.SequenceNode):
        return [_built(document, item, (*path, index), lines) for index, item in enumerate(node.value)]
    return _scalar(document, node, path)


def _mapping(document: Document, node: yaml.MappingNode, path: Path, lines: list[str]) -> dict[str, Any]:
    built: dict[str, Any] = {}
    for key_node, value_node in node.value:
        place = _place(key_node, lines)
        if not isinstance(key_node, yaml.ScalarNode) or key_node.tag.endswith("merge"):
            document.problems.append(Problem(document.file, place.line, place.column, "a key must be a plain word"))
            continue
        key = str(key_node.value)
        if key in built:
            document.problems.append(Problem(document.file, place.line, place.column, f"{key} is given twice"))
        document.keys[(*path, key)] = place
        built[key] = _built(document, value_node, (*path, key), lines)
    return built


def _scalar(document: Document, node: yaml.Node, path: Path) -> Any:
    kind = node.tag.rpartition(":")[2]
    text = str(node.value)
    if kind == "null":
        return None
    if kind == "bool":
        return text == "true"
    if kind == "int":
        return int(text)
    if kind == "float":
        return float(text)
    if kind != "str":
        place = document.values[path]
        document.problems.append(Problem(document.file, place.line, place.column, f"no tags, please: {node.tag}"))
    return text


def _place(node: yaml.Node, lines: list[str]) -> Place:
    line, column = node.start_mark.line + 1, node.start_mark.column + 1
    if not isinstance(node, yaml.ScalarNode):
        return Place(line, column, line, column, scalar=False)
    style = node.style
    if style in ("|", ">"):
        for number, text in enumerate(lines[line:], start=line + 1):
            if text.strip():
                return Place(line, column, number, len(text) - len(text.lstrip()) + 1)
    return Place(line, column, line, column + (1 if style in ("'", '"') else 0))
