"""Strict JSON: what is refused, and that its shortcuts see what the slow way would see."""

import json
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.strict_json import MAX_DEPTH, MAX_DIGITS, Parsed, StrictJsonError, parse_strict


@pytest.mark.parametrize(
    "body",
    [
        b"1e309", b"-1e309", b"1E+999", b"9" * 299 + b"e10", b"9" * 299 + b"E+10", b"1" * 310 + b".0", b"[1e4000]",
        b"1" * 401, b"-" + b"1" * 401, b"NaN", b"Infinity", b"[" * 65 + b"]" * 65, b'{"a":"\x00"}', b'"\xff"', b"", b'"\\',
        b"[" * 100_000, b'[["' + b'\\"' * 100 + b"[" * 100,
    ],
)  # fmt: skip
def test_refused(body: bytes) -> None:
    with pytest.raises(StrictJsonError):
        parse_strict(body)


@pytest.mark.parametrize(
    ("body", "value", "normalised"),
    [
        (b"1e308", 1e308, ()), (b"1" * 400, int("1" * 400), ()), (b"[" * 64 + b"]" * 64, None, ()),
        (b'"' + b"[" * 500 + b'\\"{"', "[" * 500 + '"{', ()),
        (b'{"a":1,"a":2}', {"a": 2}, ("duplicate_key",)), (b'["\\u0000"]', ["\ufffd"], ("nul",)),
        (b'{"\\ud800":1,"\\udfff":2}', {"\ufffd": 2}, ("duplicate_key", "surrogate")),
        (b'"\\ud83d\\ude00"', "\U0001f600", ()), (b'\xef\xbb\xbf{"a":"\\\\u0000"}', {"a": "\\u0000"}, ()),
    ],
)  # fmt: skip
def test_taken(body: bytes, value: object, normalised: tuple[str, ...]) -> None:
    found = parse_strict(body)
    assert found.normalised == normalised
    assert value is None or found.value == value


PIECES = st.sampled_from(
    [*'[]{}",:\\', "\\u0000", "\\ud800", '"a"', "1", "1e99", "9" * 301, "1e400", " ", "[[[[", "]]]]"]
)


@given(st.lists(PIECES, max_size=40).map("".join))
def test_the_same_as_the_plain_parser_wherever_both_take_it(text: str) -> None:
    try:
        plain = json.loads(text)
    except ValueError:
        plain = ...
    try:
        found: Parsed | None = parse_strict(text.encode())
    except StrictJsonError:
        found = None
    if found is not None:
        assert plain is not ...
        if not found.normalised:
            assert found.value == plain
    elif plain is not ...:
        assert _has_too_much(plain, 0)


def _has_too_much(value: object, depth: int) -> bool:
    if isinstance(value, list | dict):
        inner = value if isinstance(value, list) else value.values()
        return depth >= MAX_DEPTH or any(_has_too_much(item, depth + 1) for item in inner)
    if isinstance(value, float):
        return not math.isfinite(value)
    return isinstance(value, int) and abs(value) >= 10**MAX_DIGITS
