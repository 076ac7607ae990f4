"""Bytes to values: whatever a sender's Content-Type says or fails to say. Never an error; problems are named beside the value."""

import zlib
from dataclasses import dataclass
from typing import Literal

from pydantic import JsonValue

from libs.contracts.strict_json import StrictJsonError, parse_strict
from services.intake.domain.forms import decoded, multipart_pairs, nested, parameters, urlencoded_pairs
from services.intake.domain.xml_bodies import XmlError, parse_xml

MAX_INFLATED_BYTES = 4 * 1024 * 1024
"""A compressed body may grow to four times the largest plain one, and no more."""

MAX_LINES = 5_000
MAX_OBJECTS = 20_000
"""A JSON body of more objects and lists is no lead's, and would cost more than its bytes say."""
Format = Literal["json", "form", "multipart", "xml", "text", "empty", "unreadable"]
_LINES = (
    "application/x-ndjson",
    "application/ndjson",
    "application/jsonl",
    "application/x-jsonlines",
    "application/json-lines",
)


@dataclass(frozen=True, slots=True)
class Body:
    """What a body says. `problems` name what was normalised or wrong; `value` is None when nothing could be read."""

    format: Format
    value: JsonValue
    problems: tuple[str, ...] = ()


def parse_body(body: bytes, content_type: str, content_encoding: str = "") -> Body:
    """The body's value by its type: JSON (and +json), a JSON value a line, urlencoded, multipart, XML, or text that holds one."""
    problems: set[str] = set()
    plain = _inflated(body, content_encoding, problems)
    if plain is None:
        return Body("unreadable", None, tuple(sorted(problems)))
    if not plain.strip():
        return Body("empty", None, tuple(sorted(problems)))
    kind = content_type.partition(";")[0].strip().lower()
    charset = parameters(content_type).get("charset", "")
    if kind == "multipart/form-data" or (kind.startswith("multipart/") and "boundary" in content_type):
        return _made("multipart", nested(multipart_pairs(plain, content_type, problems), problems), problems)
    if kind == "application/json" or kind.endswith("+json"):
        return _json(plain, charset, problems)
    if kind in ("application/xml", "text/xml") or kind.endswith("+xml"):
        return _xml(plain, problems)
    if kind in _LINES:
        return _json_lines(plain, charset, problems)
    return _guessed(plain, kind, charset, problems)


def _guessed(plain: bytes, kind: str, charset: str, problems: set[str]) -> Body:
    """Of urlencoded, text or unknown type: JSON when it reads as JSON, a form when it looks like one, else text."""
    if plain.lstrip()[:1] in (b"{", b"["):
        found = _json(plain, charset, set(problems))
        if found.format == "json":
            wrong = ("content_type",) if kind == "application/x-www-form-urlencoded" else ()
            return Body("json", found.value, tuple(sorted({*found.problems, *wrong})))
        lines = _json_lines(plain, charset, set(problems)) if plain.strip().count(b"\n") else found
        if (
            lines.format == "json"
            and lines.value
            and None not in (lines.value if isinstance(lines.value, list) else [])
        ):
            return lines
        if kind != "application/x-www-form-urlencoded":
            return found
    if plain.lstrip().startswith(b"<?xml"):
        return _xml(plain, problems)
    if kind == "application/x-www-form-urlencoded" or _looks_like_form(plain):
        return _made("form", nested(urlencoded_pairs(plain.strip(), charset, problems), problems), problems)
    return Body("text", decoded(plain, charset, problems), tuple(sorted(problems)))


def _looks_like_form(plain: bytes) -> bool:
    return b"=" in plain and not any(blank in plain.strip() for blank in (b" ", b"\n", b"\t"))


def _json(plain: bytes, charset: str, problems: set[str]) -> Body:
    if charset and charset.lower() not in ("utf-8", "utf8", "us-ascii"):
        plain = decoded(plain, charset, problems).encode()
    if plain.count(b"{") + plain.count(b"[") > MAX_OBJECTS:
        return Body("unreadable", None, (*sorted(problems), f"json: more than {MAX_OBJECTS} objects and lists"))
    try:
        parsed = parse_strict(plain)
    except (StrictJsonError, RecursionError) as error:
        reason = str(error) if isinstance(error, StrictJsonError) else "nested too deep"
        return Body("unreadable", None, (*sorted(problems), f"json: {reason}"))
    return Body("json", parsed.value, tuple(sorted({*problems, *parsed.normalised})))


def _json_lines(plain: bytes, charset: str, problems: set[str]) -> Body:
    """A value a line; None for a line that can't be read, so that it does not sink the rest."""
    values: list[JsonValue] = []
    for number, line in enumerate(plain.splitlines(), 1):
        if number > MAX_LINES:
            problems.add("too_many_lines")
            break
        if line.strip():
            found = _json(line, charset, set())
            values.append(found.value)
            problems.update(
                found.problems if found.format == "json" else (f"line {number} is no JSON",) if number < 100 else ()
            )
    return Body("json", values, tuple(sorted(problems)))


def _xml(plain: bytes, problems: set[str]) -> Body:
    try:
        return Body("xml", parse_xml(plain), tuple(sorted(problems)))
    except (XmlError, RecursionError) as error:
        reason = str(error) if isinstance(error, XmlError) else "nested too deep"
        return Body("unreadable", None, (*sorted(problems), f"xml: {reason}"))


def _made(kind: Literal["form", "multipart"], tree: dict[str, JsonValue], problems: set[str]) -> Body:
    if not tree:
        return Body("unreadable", None, tuple(sorted(problems | {"no_fields"})))
    return Body(kind, tree, tuple(sorted(problems)))


def _inflated(body: bytes, content_encoding: str, problems: set[str]) -> bytes | None:
    """The plain bytes; None when they can't be had within the cap."""
    if content_encoding in ("", "identity"):
        return body
    if content_encoding not in ("gzip", "x-gzip", "deflate"):
        problems.add("content_encoding")
        return None
    inflater = zlib.decompressobj(zlib.MAX_WBITS | 32)  # reads the gzip and the zlib header alike
    try:
        plain = inflater.decompress(body, MAX_INFLATED_BYTES)
    except zlib.error:
        problems.add("not_compressed")
        return None
    if inflater.unconsumed_tail:
        problems.add("inflates_too_far")
        return None
    if not inflater.eof:
        problems.add("compressed_body_cut_off")
        return None
    return plain
