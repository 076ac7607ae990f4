"""A body as a flat list of named values, whatever its shape: nested objects, label/value lists, repeated fields."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from libs.identity.words import word_set
from services.intake.domain.aliases import is_container, is_somebody_elses, words_of

MAX_ENTRIES = 2_000
MAX_DEPTH = 16
_LABELS = ("label", "question", "title", "name", "key", "field", "column_name", "column_id", "ref", "id")
_VALUES = ("value", "answer", "string_value", "values", "raw_value", "response")
_VAGUE = word_set(
    """name title url text content body description domain label product plan page notes position channel account web
    key type details role users interest question questions comment organization subscribe"""
)
"""Names that mean the person or the request only at the top or inside a container such as `contact` or `fields`."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One value. `names` are what it may be called, the most telling first; `where` is its path in the body."""

    names: tuple[str, ...]
    value: JsonValue
    where: str
    is_answer: bool = False
    """It stood in a list of questions and answers: worth keeping in the message when it is no known field."""


def entries_of(value: JsonValue, where: str = "") -> list[Entry]:
    """All values of a body, in order; at most 2,000, no deeper than 16."""
    found: list[Entry] = []
    for entry in _walk(value, where, (), 0):
        found.append(entry)
        if len(found) >= MAX_ENTRIES:
            break
    return found


def at(value: JsonValue, path: str) -> JsonValue:
    """The value at a dotted path (`payload.questions.0.answer`); a key that itself holds dots is tried whole first."""
    if not path:
        return value
    if isinstance(value, Mapping):
        if path in value:
            return value[path]
        for cut in range(len(path) - 1, 0, -1):
            if path[cut] == "." and path[:cut] in value:
                return at(value[path[:cut]], path[cut + 1 :])
        return None
    if isinstance(value, list):
        head, _, rest = path.partition(".")
        return at(value[int(head)], rest) if head.isdecimal() and len(head) < 6 and int(head) < len(value) else None
    return None


def _walk(value: JsonValue, where: str, parents: tuple[str, ...], depth: int) -> Iterator[Entry]:
    if depth > MAX_DEPTH:
        return
    if isinstance(value, dict):
        labelled = _labelled(value, where)
        if labelled is not None:
            yield labelled
            return
        for key, item in value.items():
            inner = f"{where}.{key}" if where else key
            if isinstance(item, dict) or (isinstance(item, list) and any(isinstance(one, dict) for one in item)):
                yield from _walk(item, inner, (*parents, key), depth + 1)
            else:
                yield Entry(_names(key, parents), item, inner)
    elif isinstance(value, list):
        for index, item in enumerate(value[:MAX_ENTRIES]):
            yield from _walk(item, f"{where}[{index}]", parents, depth + 1)


def _labelled(value: dict[str, JsonValue], where: str) -> Entry | None:
    """An object such as {"label": "Work e-mail", "value": "…"} as one entry."""
    held = next((key for key in _VALUES if key in value and not isinstance(value[key], dict)), None)
    if held is None or len(value) > 12:
        return None
    names = tuple(str(value[key]) for key in _LABELS if isinstance(value.get(key), str) and value[key])
    if not names:
        return None
    return Entry(names, value[held], f"{where}.{held}" if where else held, is_answer=True)


def _names(key: str, parents: tuple[str, ...]) -> tuple[str, ...]:
    """The key with its parent, and the key alone where that is telling enough."""
    if not parents:
        return (key,)
    together = f"{parents[-1]} {key}"
    if is_somebody_elses(together):
        return (together,)
    if all(is_container(parent) for parent in parents) or "".join(words_of(key)) not in _VAGUE:
        return (together, key)
    return (together,)
