"""Form bodies: urlencoded with a[b][c] names, and multipart with CRLF or bare LF. Bytes in, text out, never an error."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

import orjson
from pydantic import JsonValue

from libs.contracts.strict_json import clean_text

MAX_FIELDS = 5_000
MAX_DEPTH = 32
MAX_PART_HEAD = 4_096
_ESCAPES = re.compile(rb"(?:%[0-9A-Fa-f]{2})+")
_BRACKETS = re.compile(r"\[([^\[\]]*)\]")
_PARAMETER = re.compile(r';\s*([a-z0-9*_-]+)\s*=\s*(?:"((?:[^"\\]|\\.)*)"|([^;\s]*))', re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a multipart body; `filename` is None for a plain field."""

    name: str
    value: bytes
    charset: str
    filename: str | None
    content_type: str


def decoded(value: bytes, charset: str, problems: set[str]) -> str:
    """The text in its charset, else UTF-8, else Windows-1252, the last two noted in `problems` when another was named."""
    for name in (charset or "utf-8", "utf-8", "cp1252"):
        try:
            text = value.decode(name)
        except (UnicodeDecodeError, LookupError, ValueError):
            problems.add("charset")
            continue
        cleaned, found = clean_text(text)
        problems.update(found)
        return cleaned
    return value.decode("latin-1").replace("\x00", "�")


def nested(pairs: Iterable[tuple[str, JsonValue]], problems: set[str]) -> dict[str, JsonValue]:
    """Fields as a tree: a[b][c] nests, a[] and repeated names make a list."""
    tree: dict[str, JsonValue] = {}
    for count, (name, value) in enumerate(pairs):
        if count >= MAX_FIELDS:
            problems.add("too_many_fields")
            break
        _place(tree, _path(name, problems), value)
    return tree


def urlencoded_pairs(body: bytes, charset: str, problems: set[str]) -> list[tuple[str, JsonValue]]:
    """Names and values of an urlencoded body, in order. Broken escapes stay as they are."""
    named = re.search(rb"(?:^|&)_charset_=([A-Za-z0-9_.:-]{1,40})(?:&|\Z)", body)
    charset = named.group(1).decode("ascii") if named else charset
    pairs: list[tuple[str, JsonValue]] = []
    for piece in body.split(b"&", MAX_FIELDS):
        if piece:
            name, _, value = piece.partition(b"=")
            pairs.append((_unquoted(name, charset, problems), _unquoted(value, charset, problems)))
    return pairs


def multipart_pairs(body: bytes, content_type: str, problems: set[str]) -> list[tuple[str, JsonValue]]:
    """Names and values of a multipart body. A file's value says its name, type and size; its bytes stay in the submission."""
    boundary = parameters(content_type).get("boundary", "")
    if not boundary:
        problems.add("no_boundary")
        return []
    parts = _parts(body, boundary.encode("latin-1", "replace"), problems)
    charsets = _charsets_of(parts)
    pairs: list[tuple[str, JsonValue]] = []
    for part in parts:
        if part.filename is None:
            charset = part.charset or charsets.get(part.name, "")
            pairs.append((part.name, decoded(part.value, charset, problems)))
        else:
            pairs.append(
                (part.name, {"filename": part.filename, "content_type": part.content_type, "bytes": len(part.value)})
            )
    return pairs


def parameters(header: str) -> dict[str, str]:
    """The parameters of a header such as Content-Type, by lower-case name."""
    return {name.lower(): re.sub(r"\\(.)", r"\1", quoted) or bare for name, quoted, bare in _PARAMETER.findall(header)}


def _parts(body: bytes, boundary: bytes, problems: set[str]) -> list[Part]:
    pieces = re.split(rb"(?:\A|\r?\n)--" + re.escape(boundary) + rb"(--)?[ \t]*(?:\r?\n|\Z)", body, maxsplit=MAX_FIELDS)
    if len(pieces) < 3:
        problems.add("no_parts")
        return []
    if b"--" not in pieces[1::2]:
        problems.add("not_closed")
    parts = []
    for closing, piece in zip(pieces[1::2], pieces[2::2], strict=False):
        if closing:
            break
        part = _part(piece, problems)
        if part is not None:
            parts.append(part)
    return parts


def _part(piece: bytes, problems: set[str]) -> Part | None:
    split = re.split(rb"\r?\n\r?\n", piece, maxsplit=1)
    head = split[0][:MAX_PART_HEAD].decode("utf-8", "replace")
    headers = {}
    for line in head.splitlines():
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    disposition = parameters(headers.get("content-disposition", ""))
    if "name" not in disposition:
        problems.add("part_without_name")
        return None
    kind = headers.get("content-type", "")
    value = split[1] if len(split) == 2 else b""
    name, _ = clean_text(disposition["name"])
    return Part(name, value, parameters(kind).get("charset", ""), disposition.get("filename"), kind.partition(";")[0])


def _charsets_of(parts: list[Part]) -> dict[str, str]:
    """SendGrid names the charset of each field in a field `charsets`; browsers use `_charset_`."""
    for part in parts:
        if part.name == "charsets":
            try:
                held = orjson.loads(part.value)
            except orjson.JSONDecodeError:
                return {}
            return {key: name for key, name in held.items() if isinstance(name, str)} if isinstance(held, dict) else {}
        if part.name == "_charset_":
            charset = part.value.decode("ascii", "replace").strip()
            return {item.name: charset for item in parts}
    return {}


def _unquoted(value: bytes, charset: str, problems: set[str]) -> str:
    return decoded(_ESCAPES.sub(_bytes_of, value.replace(b"+", b" ")), charset, problems)


def _bytes_of(escapes: re.Match[bytes]) -> bytes:
    """The bytes of %41%42…; a run at a time, which is faster than urllib's escape by escape."""
    return bytes.fromhex(escapes.group().replace(b"%", b"").decode("ascii"))


def _path(name: str, problems: set[str]) -> list[str]:
    head, bracket, rest = name.partition("[")
    if not head or not bracket:
        return [name]
    inner = _BRACKETS.findall("[" + rest)
    if "".join(f"[{item}]" for item in inner) != "[" + rest:
        return [name]
    if len(inner) >= MAX_DEPTH:
        problems.add("too_deep")
        return [name]
    return [head, *inner]


def _place(tree: dict[str, JsonValue], path: list[str], value: JsonValue) -> None:
    here = tree
    for step in path[:-1]:
        held = here.get(step)
        if not isinstance(held, dict):
            held = {} if held is None else {"": held}
            here[step] = held
        here = held
    last = path[-1]
    if last not in here:
        here[last] = value
        return
    held = here[last]
    if isinstance(held, dict) and not isinstance(value, dict):
        held[""] = value
    elif isinstance(held, list):
        held.append(value)
    else:
        here[last] = [held, value]
