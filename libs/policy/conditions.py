"""CEL conditions, behind this one module: names and types are checked when the policy is loaded, evaluation is total.

A condition is compiled twice by cel-expr-python: once with the declared types, for the check, and once untyped, for
running, because its runtime does not take a null for a typed variable and a fact that is not known is null.
"""

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from cel_expr_python import cel
from cel_expr_python.ext import ext_strings
from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from libs.policy.facts import FACTS
from libs.policy.syntax import Node, read_syntax
from libs.policy.wording import nearest_hint

_TYPES = {
    "text": "google.protobuf.StringValue",
    "whole": "google.protobuf.Int64Value",
    "number": "google.protobuf.DoubleValue",
    "flag": "google.protobuf.BoolValue",
    "texts": "list<string>",
    "counts": "map<string,int>",
}
_WHEN_NOT_KNOWN: dict[str, JsonValue] = {"texts": [], "counts": {}}
_PLACE = re.compile(r"ERROR: <input>:(\d+):(\d+): (.*)")
_UNDECLARED = re.compile(r"undeclared reference to '([^']*)'")
_WRAPPER = re.compile(r"wrapper\((\w+)\)")
_STRING = re.compile(r"""'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*\"""")
_NAME = re.compile(r"[A-Za-z_][\w.]*")


class ConditionError(ValueError):
    """A condition that does not compile: what is wrong, with the line and column (1-based) inside its text."""

    def __init__(self, problem: str, line: int, column: int) -> None:
        super().__init__(problem)
        self.problem = problem
        self.line = line
        self.column = column


class Condition:
    """A compiled CEL condition over the facts of `libs.policy.facts`."""

    __slots__ = ("_run", "names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self._run, self.names = _compiled(text)

    @property
    def syntax(self) -> Node:
        """What the condition says, as a tree."""
        return _syntax(self.text)

    def holds(self, facts: Mapping[str, JsonValue]) -> bool | None:
        """Whether the condition holds; None when it could not be evaluated, as when a fact it needs is not known."""
        values = {name: default if (held := facts.get(name)) is None else held for name, default in self.names.items()}
        try:
            answer = self._run.eval(data=values).value()
        except (RuntimeError, TypeError, ValueError):
            return None  # a value that CEL has no type for, e.g. a whole number beyond 64 bits
        return answer if isinstance(answer, bool) else None

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Condition) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Condition({self.text!r})"

    def __reduce__(self) -> tuple[type["Condition"], tuple[str]]:
        return Condition, (self.text,)

    def __deepcopy__(self, memo: dict[int, object]) -> "Condition":
        return self

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.text)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "description": "A CEL condition over lead.* and record.* facts."}

    @classmethod
    def _validated(cls, value: object) -> "Condition":
        if isinstance(value, Condition):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("condition", "a condition is a CEL text, such as \"lead.country == 'DE'\"")
        try:
            return cls(value)
        except ConditionError as error:
            place = {"problem": error.problem, "line": error.line, "column": error.column}
            raise PydanticCustomError("condition", "{problem}", place) from error


def always() -> Condition:
    """The condition that holds for every lead."""
    return Condition("true")


@lru_cache(maxsize=4096)
def _compiled(text: str) -> tuple[Any, dict[str, JsonValue]]:
    """The runnable expression and the facts that it names, each with its value when not known."""
    try:
        checked = _environment(typed=True).compile(text)
    except RuntimeError as error:
        raise _explained(str(error)) from error
    if checked.return_type().name() not in ("BOOL", "bool_wrapper"):
        raise ConditionError("a condition must be true or false", 1, 1)
    names = {name: _WHEN_NOT_KNOWN.get(kind) for name, kind in _named(text).items()}
    return _environment(typed=False).compile(text), names


@lru_cache(maxsize=4096)
def _syntax(text: str) -> Node:
    return read_syntax(_environment(typed=True).compile(text).serialize())


@lru_cache(maxsize=2)
def _environment(*, typed: bool) -> Any:
    variables = {name: cel.Type(_TYPES[kind]) if typed else cel.Type.DYN for name, kind in FACTS.items()}
    return cel.NewEnv(variables=variables, extensions=[ext_strings.ExtStrings()])


def _named(text: str) -> dict[str, str]:
    """The facts that a condition names, with their types; a method call such as `lead.title.contains` names its fact."""
    found: dict[str, str] = {}
    for token in _NAME.findall(_STRING.sub("''", text)):
        parts = token.split(".")
        for length in range(len(parts), 1, -1):
            name = ".".join(parts[:length])
            if name in FACTS:
                found[name] = FACTS[name]
                break
    return found


def _explained(message: str) -> ConditionError:
    place = _PLACE.search(message)
    if place is None:
        return ConditionError(message.splitlines()[0], 1, 1)
    line, column, problem = int(place[1]), int(place[2]), place[3].removesuffix(" (in container '')")
    if name := _UNDECLARED.search(problem):
        before, dot, _ = name[1].rpartition(".")
        start = column - len(before) if dot else column  # CEL points at the last dot of a dotted name
        return ConditionError(f"unknown fact {name[1]}{nearest_hint(name[1], FACTS)}", line, max(start, 1))
    if "wrapper(double), int" in problem:
        problem += "; write a number with a decimal point, such as 1.0"
    return ConditionError(_WRAPPER.sub(r"\1", problem), line, column)
