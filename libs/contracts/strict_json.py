"""Strict JSON for bytes from outside: what Postgres or UTF-8 would refuse later is refused or normalised here, and recorded."""

import json
import math
import re
from dataclasses import dataclass
from typing import NoReturn

from pydantic import JsonValue

MAX_DEPTH = 64
MAX_DIGITS = 400
"""Longer integers are refused: Python itself stops converting at 4,300 digits, and no lead needs them."""
REPLACEMENT = "\N{REPLACEMENT CHARACTER}"
_SURROGATE = re.compile("[\ud800-\udfff]")


class StrictJsonError(ValueError):
    """The bytes are not acceptable JSON; the message says what and where, without quoting the content."""


@dataclass(frozen=True, slots=True)
class Parsed:
    """A parsed value and what had to be normalised to get it: `nul`, `surrogate`, `duplicate_key`."""

    value: JsonValue
    normalised: tuple[str, ...]


def parse_strict(body: bytes, max_depth: int = MAX_DEPTH) -> Parsed:
    """The JSON value of `body`.

    NUL and lone surrogates become U+FFFD and the last of duplicate keys counts, each recorded in `normalised`.
    Raises StrictJsonError for invalid UTF-8 or JSON, NaN and infinities (1e400 too), nesting deeper than `max_depth`,
    and integers of more than 400 digits.
    """
    try:
        text = body.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise StrictJsonError(f"not UTF-8: byte {error.start}") from None
    if text.count("[") + text.count("{") > max_depth and _depth_of(text) > max_depth:
        raise StrictJsonError(f"nested deeper than {max_depth}")
    found: set[str] = set()

    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        merged: dict[str, JsonValue] = {}
        for key, value in items:
            clean = _clean(key, found)
            if clean in merged:
                found.add("duplicate_key")
            merged[clean] = _clean(value, found) if isinstance(value, str) else value
        return merged

    try:
        value = json.loads(
            text, object_pairs_hook=pairs, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer
        )
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    return Parsed(_clean_lists(value, found), tuple(sorted(found)))


def clean_text(text: str) -> tuple[str, tuple[str, ...]]:
    """The text without NUL and lone surrogates, and which of the two were replaced."""
    found: set[str] = set()
    return _clean(text, found), tuple(sorted(found))


def _clean(text: str, found: set[str]) -> str:
    if "\x00" in text:
        found.add("nul")
        text = text.replace("\x00", REPLACEMENT)
    if _SURROGATE.search(text):
        found.add("surrogate")
        text = _SURROGATE.sub(REPLACEMENT, text)
    return text


def _clean_lists(value: JsonValue, found: set[str]) -> JsonValue:
    if isinstance(value, str):
        return _clean(value, found)
    if isinstance(value, list):
        return [_clean_lists(item, found) for item in value]
    if isinstance(value, dict):
        return {key: _clean_lists(item, found) for key, item in value.items()}
    return value


def _depth_of(text: str) -> int:
    """The deepest nesting, counted without recursion and outside strings."""
    depth = deepest = 0
    in_string = escaped = False
    for character in text:
        if in_string:
            if escaped:
                escaped = False
            elif character == "\\":
                escaped = True
            elif character == '"':
                in_string = False
        elif character == '"':
            in_string = True
        elif character in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif character in "]}":
            depth -= 1
    return deepest


def _no_constant(name: str) -> NoReturn:
    raise StrictJsonError(f"{name} is not JSON")


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise StrictJsonError("a number is too large")
    return value


def _integer(text: str) -> int:
    if len(text) > MAX_DIGITS:
        raise StrictJsonError(f"an integer has more than {MAX_DIGITS} digits")
    return int(text)
