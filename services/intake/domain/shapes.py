"""Shapes that hold names and values: labelled objects, pairs, JSON inside a text, and lines such as `Name: Ana Ruiz`."""

import re
from collections.abc import Iterator

from pydantic import JsonValue

from libs.contracts.strict_json import StrictJsonError, parse_strict
from libs.identity.words import word_set
from services.intake.domain.aliases import field_of

MAX_LINES = 200
MAX_TEXT = 20_000
_LABELS = (
    "label",
    "question",
    "title",
    "name",
    "key",
    "field",
    "column_name",
    "column_id",
    "ref",
    "id",
    "Name",
    "Label",
)
_VALUES = (
    "value",
    "answer",
    "string_value",
    "values",
    "raw_value",
    "response",
    "Value",
    "text",
    "email",
    "phone_number",
)
_LINE = re.compile(r"[ \t>*•-]{0,8}([^\W\d_][^:=\n]{0,58}?)[ \t*]{0,4}[:=：][ \t*]{0,4}([^\n]*)")
_TELLING = word_set("email phone name first_name last_name company")
_COLUMNS = ("columns", "headers", "header", "fields", "labels", "keys", "names", "questions")
_ROWS = ("rows", "values", "row", "data", "answers", "records")
_A_RECORDS = word_set("email phone company first_name last_name")
_KINDS = word_set("work office business home personal private other primary secondary mobile")
_SPEAKERS = ("from", "author", "sender", "role", "kind", "direction", "author_type", "type", "sender_type")
_OURS = word_set(
    """agent operator bot assistant outbound messagetovisitor admin system automated support staff team_member teammate
    representative out"""
)


def label_and_value(value: dict[str, JsonValue]) -> tuple[tuple[str, ...], str] | None:
    """The labels of an object such as {"label": "Work e-mail", "value": "…"}, and the key of its value; None for another."""
    if len(value) > 16:
        return None
    held = next((key for key in _VALUES[:7] if key in value), None)
    if held is None:
        asked = value.get("q")
        return ((asked,), "a") if isinstance(asked, str) and asked and "a" in value else None
    names = dict.fromkeys(str(value[key]) for key in _LABELS if isinstance(value.get(key), str) and value[key])
    if not names or any(field_named(key) in _A_RECORDS for key in value if key not in _LABELS and key != held):
        return None  # {"name": "Ana", "email": "…", "value": 900} is a person, not an answer
    return tuple(names), held


def is_labelled_list(items: list[JsonValue]) -> bool:
    """Whether a list holds answers of one person: labelled objects, pairs, or objects of one name each."""
    if not items:
        return False
    if all(isinstance(item, dict) and label_and_value(item) is not None for item in items[:50]):
        return True
    if is_pairs(items):
        return True
    single = [next(iter(item)) for item in items[:50] if isinstance(item, dict) and len(item) == 1]
    alone = len(single) == len(items[:50]) == len(set(single))
    return alone and len({field_named(key) for key in single} - {None}) > 1


def is_pairs(items: list[JsonValue]) -> bool:
    """Whether a list holds [name, value] pairs, at least one of them a field's name."""
    pairs = [item for item in items[:50] if isinstance(item, list) and len(item) == 2 and isinstance(item[0], str)]
    return len(pairs) == len(items[:50]) and any(field_of(str(pair[0])) for pair in pairs)


def table_of(value: dict[str, JsonValue]) -> list[JsonValue] | None:
    """The rows of {"columns": […], "rows": [[…], …]} as objects; None for anything else."""
    names = next((held for key in _COLUMNS if isinstance(held := value.get(key), list) and held), None)
    rows = next((held for key in _ROWS if isinstance(held := value.get(key), list) and held), None)
    if names is None or rows is None or not all(isinstance(name, str) for name in names):
        return None
    listed = [row for row in rows if isinstance(row, list)] if isinstance(rows[0], list) else [rows]
    if any(len(row) != len(names) for row in listed) or not any(field_of(str(name)) for name in names):
        return None
    return [dict(zip((str(name) for name in names), row, strict=True)) for row in listed]


def kind_beside(value: dict[str, JsonValue]) -> str | None:
    """What sort of address or number an object holds: {"type": "work", "email": "…"}, {"primary": true, …}."""
    for key in ("type", "label", "kind", "category", "tag"):
        held = value.get(key)
        if isinstance(held, str) and held.lower() in _KINDS:
            return held.lower()
    return "primary" if value.get("primary") is True else None


def is_our_message(value: dict[str, JsonValue]) -> bool:
    """Whether an object is what an agent or a machine said in a conversation."""
    return any(isinstance(held := value.get(key), str) and held.lower() in _OURS for key in _SPEAKERS)


def json_inside(text: str, quoted: bool = False) -> JsonValue:
    """The object or list, or with `quoted` the text, that a text holds as JSON; None when it holds none."""
    ends = text.lstrip()[:1] + text.rstrip()[-1:]
    if ends not in ("{}", "[]") and not (quoted and ends == '""'):
        return None
    try:
        parsed = parse_strict(text.encode(), max_depth=32).value
    except (StrictJsonError, RecursionError):
        return None
    return parsed if isinstance(parsed, dict | list) or quoted else None


def labelled_lines(text: str) -> list[tuple[str, str, int]]:
    """Label, value and line number of a text's `Label: value` lines; empty unless two of them name different fields.

    A message goes on to the end of the text, or to the next line that names a field.
    """
    if "\n" not in text or not any(mark in text for mark in ":=："):
        return []
    found: list[tuple[str, str, int]] = []
    for number, line in enumerate(text[:MAX_TEXT].replace("\r\n", "\n").split("\n")[:MAX_LINES], 1):
        matched = _LINE.fullmatch(line.rstrip())
        known = field_of(matched.group(1)) if matched else None
        if matched and (known or not found or field_named(found[-1][0]) != "message"):
            found.append((matched.group(1).strip(), matched.group(2).strip(), number))
        elif found and line.strip() and (not found[-1][1] or field_named(found[-1][0]) == "message"):
            label, value, first = found[-1]
            found[-1] = (label, f"{value}\n{line.strip()}".strip(), first)
    fields = {field_named(label) for label, value, _ in found if value}
    return found if len(fields & _TELLING) >= 2 else []


def field_named(label: str) -> str | None:
    """The field a label names."""
    known = field_of(label)
    return known[0] if known else None


def addresses_in(text: str, limit: int = 20) -> Iterator[str]:
    """What stands around each @ of a text, at most `limit`; whether it is an address is for others to say."""
    place = -1
    for _ in range(limit):
        place = text.find("@", place + 1)
        if place < 0:
            return
        before = _BEFORE.search(text[max(0, place - 64) : place])
        after = _AFTER.match(text[place + 1 : place + 255])
        if before and after:
            yield f"{before.group()}@{after.group()}".strip(".-'")


_BEFORE = re.compile(r"[\w.!#$%&'*+/=?^`{|}~-]+\Z")
_AFTER = re.compile(r"[\w-]+(?:\.[\w-]+)+")
