"""A sentence with facts in it, such as a reason: `{lead.employees} people is in our range`."""

import re
from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler, JsonValue
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from libs.policy.facts import FACTS

_SLOT = re.compile(r"\{([^{}]*)\}")


class Wording:
    """A sentence whose `{fact}` slots are filled in; the facts are named as in conditions."""

    __slots__ = ("names", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.names: tuple[str, ...] = tuple(dict.fromkeys(_SLOT.findall(text)))
        for name in self.names:
            if name not in FACTS:
                raise ValueError(f"unknown fact {{{name}}}{nearest_hint(name, FACTS)}")

    def render(self, facts: Mapping[str, JsonValue]) -> str:
        """The sentence with its slots filled; what is not known reads `unknown`."""
        return _SLOT.sub(lambda slot: _shown(facts.get(slot[1])), self.text)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Wording) and other.text == self.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __repr__(self) -> str:
        return f"Wording({self.text!r})"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return core_schema.no_info_plain_validator_function(
            cls._validated, serialization=core_schema.plain_serializer_function_ser_schema(lambda held: held.text)
        )

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: CoreSchema, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        return {"type": "string", "description": "A sentence; {lead.employees} and other facts are filled in."}

    @classmethod
    def _validated(cls, value: object) -> "Wording":
        if isinstance(value, Wording):
            return value
        if not isinstance(value, str):
            raise PydanticCustomError("wording", "must be a text")
        try:
            return cls(value)
        except ValueError as error:
            raise PydanticCustomError("wording", "{problem}", {"problem": str(error)}) from error


def nearest_hint(name: str, known: Mapping[str, object] | tuple[str, ...]) -> str:
    """`; did you mean x?` for the nearest known name, or nothing."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    return f"; did you mean {near[0]}?" if near else ""


def _shown(value: JsonValue) -> str:
    if value is None or value == "":
        return "unknown"
    if isinstance(value, list):
        return ", ".join(str(item) for item in value) or "none"
    return str(value)
