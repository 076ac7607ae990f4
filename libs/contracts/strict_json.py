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
_ESCAPED = re.compile(r"\\u(?:0000|[dD][89a-fA-F])")
"""Only an escape can bring a NUL or a lone surrogate into text that was UTF-8; a bare NUL is no JSON."""
_LONG_NUMBER = re.compile(r"(?<![0-9])[0-9]{300}|[0-9][eE]\+?[0-9]{2}")
"""Below this no integer is too long and no float infinite."""
_STRING = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+(?:"|\\?\Z)', re.DOTALL)
_NOT_BRACKETS = re.compile(r"[^\[\]{}]+")
_RUNS = re.compile(r"[\[{]+|[\]}]+")


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
    if text.count("[") + text.count("{") > max_depth and _is_deeper(text, max_depth):
        raise StrictJsonError(f"nested deeper than {max_depth}")
    found: set[str] = set()
    escaped = _ESCAPED.search(text) is not None
    try:
        value = _decoder(text, escaped, found).decode(text)
    except json.JSONDecodeError as error:
        raise StrictJsonError(f"not JSON: {error.msg} at line {error.lineno} column {error.colno}") from None
    return Parsed(_clean_all(value, found) if escaped else value, tuple(sorted(found)))


def _decoder(text: str, escaped: bool, found: set[str]) -> json.JSONDecoder:
    """Asks us about duplicate keys always, and about strings and numbers only where the text may hold a bad one."""

    def pairs(items: list[tuple[str, JsonValue]]) -> dict[str, JsonValue]:
        if escaped:
            items = [(_clean(key, found), _clean_all(value, found)) for key, value in items]
        merged = dict(items)
        if len(merged) != len(items):
            found.add("duplicate_key")
        return merged

    if not _LONG_NUMBER.search(text):
        return json.JSONDecoder(object_pairs_hook=pairs, parse_constant=_no_constant)
    return json.JSONDecoder(
        object_pairs_hook=pairs, parse_constant=_no_constant, parse_float=_finite, parse_int=_integer
    )


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


def _clean_all(value: JsonValue, found: set[str]) -> JsonValue:
    """Objects are clean already, by the hook."""
    if isinstance(value, str):
        return _clean(value, found)
    return [_clean_all(item, found) for item in value] if isinstance(value, list) else value


def _is_deeper(text: str, limit: int) -> bool:
    """Whether brackets outside strings nest deeper than that."""
    brackets = _NOT_BRACKETS.sub("", _STRING.sub("", text))
    depth = 0
    for run in _RUNS.finditer(brackets):
        depth += (run.end() - run.start()) if brackets[run.start()] in "[{" else run.start() - run.end()
        if depth > limit:
            return True
    return False


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
