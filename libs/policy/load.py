"""Loading the policy: text of files in, one immutable `Policy` out, or every problem with file, line and column."""

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError

from libs.policy.checks import contradictions
from libs.policy.documents import Document, read_document
from libs.policy.launch import LaunchMode
from libs.policy.policy import Policy
from libs.policy.problems import PolicyError, Problem, Severity
from libs.policy.wording import nearest_hint

__all__ = ["PARTS", "PolicyError", "Problem", "files_with_mode", "load_policy", "policy_hash", "read_files"]

PARTS = tuple(name for name in Policy.model_fields if name != "hash")
"""Each is the file `<part>.yaml`."""

_MODE = re.compile(r"^mode:[^#\n]*?(?=\s*(?:#|$))", re.MULTILINE)


def load_policy(files: Mapping[str, str]) -> Policy:
    """The policy that the files say; `files` is YAML text by path. Raises `PolicyError` with all problems found."""
    documents = documents_of(files)
    _raise_if_any([problem for document in documents.values() for problem in document.problems])
    values = {part: document.value for part, document in documents.items()}
    try:
        policy = Policy.model_validate({**values, "hash": _hash(values)})
    except ValidationError as error:
        raise PolicyError([_located(documents, detail) for detail in error.errors()]) from error
    _raise_if_any([problem_at(documents[part], path, text) for part, path, text in contradictions(policy)])
    return policy


def policy_hash(files: Mapping[str, str]) -> str:
    """Hex sha256 of what the files mean: comments, blanks and the order of keys make no difference.

    Raises `PolicyError` when a file is missing, unknown or not YAML.
    """
    documents = documents_of(files)
    _raise_if_any([problem for document in documents.values() for problem in document.problems])
    return _hash({part: document.value for part, document in documents.items()})


def read_files(directory: Path) -> dict[str, str]:
    """The texts of a policy directory's YAML files by name. Raises `OSError` when they can't be read."""
    return {path.name: path.read_text(encoding="utf-8") for path in sorted(directory.glob("*.yaml"))}


def files_with_mode(files: Mapping[str, str], mode: LaunchMode) -> dict[str, str]:
    """The same files with another launch mode set. Raises `PolicyError` when launch.yaml sets none."""
    changed = dict(files)
    for file, text in files.items():
        if file.rpartition("/")[2] == "launch.yaml":
            changed[file], count = _MODE.subn(f"mode: {mode.value}", text, count=1)
            if count:
                return changed
    raise PolicyError([Problem("launch.yaml", 1, 1, "mode is missing")])


def documents_of(files: Mapping[str, str]) -> dict[str, Document]:
    """By part; a file that is no part of a policy, or a part without a file, is a problem."""
    documents: dict[str, Document] = {}
    problems = []
    for file, text in files.items():
        part = file.rpartition("/")[2].removesuffix(".yaml")
        if part not in PARTS:
            problems.append(Problem(file, 1, 1, f"no such part of a policy{nearest_hint(part, PARTS)}"))
        elif part in documents:
            problems.append(Problem(file, 1, 1, f"{part} is already given by {documents[part].file}"))
        else:
            documents[part] = read_document(file, text)
    needed = [part for part in PARTS if Policy.model_fields[part].is_required()]
    problems += [Problem(f"{part}.yaml", 1, 1, "the file is missing") for part in needed if part not in documents]
    _raise_if_any([*problems, *(problem for document in documents.values() for problem in document.problems)])
    return documents


def _hash(values: Mapping[str, Any]) -> str:
    canonical = json.dumps(values, sort_keys=True, separators=(",", ":"), ensure_ascii=True)
    return hashlib.sha256(canonical.encode()).hexdigest()


def _raise_if_any(problems: list[Problem]) -> None:
    if problems:
        raise PolicyError(problems)


def problem_at(document: Document, path: tuple[str | int, ...], message: str, severity: Severity = "error") -> Problem:
    """A problem at the place of the nearest enclosing thing that stands in the file."""
    place = document.place(path)
    if _is_block(place):
        return Problem(document.file, place.text_line, place.text_column, message, severity)
    return Problem(document.file, place.line, place.column, message, severity)


def _located(documents: Mapping[str, Document], detail: Any) -> Problem:
    """One pydantic error as a problem in a file."""
    part, *inner = detail["loc"]
    document, path = documents[part], tuple(step for step in inner if step != "[key]")
    context, kind = detail.get("ctx", {}), detail["type"]
    if kind == "condition" and "line" in context:
        place = document.values[path]
        column = context["column"] + (place.text_column - 1 if context["line"] == 1 or _is_block(place) else 0)
        return Problem(document.file, place.text_line + context["line"] - 1, column, context["problem"])
    if kind == "extra_forbidden":
        place = document.keys.get(path) or document.place(path)
        hint = nearest_hint(str(path[-1]), _names_at(Policy, detail["loc"][:-1]))
        return Problem(document.file, place.line, place.column, f"unknown key {path[-1]}{hint}")
    if kind == "missing":
        return problem_at(document, path[:-1], f"{path[-1]} is missing")
    message = detail["msg"].removeprefix("Value error, ")
    shown = f" (got {detail['input']!r})" if isinstance(detail["input"], str | int | float) else ""
    return problem_at(document, path, f"{path[-1] if path else part}: {message}{shown}")


def _is_block(place: Any) -> bool:
    return bool(place.text_line > place.line)


def _names_at(model: Any, path: tuple[str | int, ...]) -> tuple[str, ...]:
    """The keys that may stand at a path of the policy."""
    for step in path:
        model = _inside(model, step)
    while get_origin(model) in (Annotated, Union, UnionType):
        model = get_args(model)[0]
    return tuple(model.model_fields) if isinstance(model, type) and issubclass(model, BaseModel) else ()


def _inside(model: Any, step: str | int) -> Any:
    while get_origin(model) in (Annotated, Union, UnionType):
        model = get_args(model)[0]
    if isinstance(model, type) and issubclass(model, BaseModel):
        found = model.model_fields.get(str(step))
        return found.annotation if found else None
    arguments = get_args(model)
    if get_origin(model) is dict:
        return arguments[1]
    return arguments[0] if arguments else None
