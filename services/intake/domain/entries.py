"""A body as a flat list of named values, whatever its shape: nested objects, label/value lists, pairs, JSON in a text, lines."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import pairwise

from pydantic import JsonValue

from services.intake.domain import shapes
from services.intake.domain.aliases import field_of, is_container, is_somebody_elses, joined_of, words_of
from services.intake.domain.vocabulary import ASIDE, BY_THE_LEAD, OTHER_PAIRS, OTHER_PEOPLE, PEOPLE, VAGUE

MAX_ENTRIES = 1_000
MAX_DEPTH = 16
MAX_STEPS = 20_000
"""How many objects and lists of one body are opened."""
MAX_TEXTS_OF_LINES = 40
"""How many of its texts are read line by line."""
MAX_INNER_JSON = 3
"""How often JSON inside a text inside JSON is opened."""
BY_LINE = 0.9
"""How sure a value is that stood on a line of free text."""
_BARE = ("value", "address", "number")
_SEVERAL = ("email", "phone")
"""What a person may have several of, as in `emails: [{"value": "…", "primary": true}, …]`."""
_LEGEND = {"page": "page", "pageview": "page", "currentpage": "page"}


@dataclass(frozen=True, slots=True)
class Entry:
    """One value. `names` are what it may be called, the most telling first; `where` is its path in the body."""

    names: tuple[str, ...]
    value: JsonValue
    where: str
    is_answer: bool = False
    """It stood in a list of questions and answers: worth keeping in the message when it is no known field."""
    parents: tuple[str, ...] = ()
    """The keys of the objects around it."""
    confidence: float = 1.0
    """How sure its place alone leaves us."""


def entries_of(value: JsonValue, where: str = "") -> list[Entry]:
    """All values of a body, in order; at most 1,000, no deeper than 16."""
    found: list[Entry] = []
    for entry in _Walk().walk(value, where, (), 0):
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


def is_aside(entry: Entry) -> bool:
    """Whether an entry stands in an object about the form, the transport, a former state, or somebody who is not the lead."""
    return any(_is_aside(parent) for parent in entry.parents)


def is_other_person(entry: Entry) -> bool:
    """Whether its own label makes a value an agent's, an owner's, a recipient's."""
    return any(_names_another(words_of(name)) for name in entry.names[:2])


def _is_aside(key: str) -> bool:
    words = words_of(key)
    return "".join(words) in ASIDE or _names_another(words)


def _names_another(words: tuple[str, ...]) -> bool:
    if words and words[0] in ("to", "cc", "bcc") and len(words) <= 2:
        return True
    if words[-1:] in (("to",), ("cc",), ("bcc",)) and len(words) == 2 and words[0] not in ("reply", "replyto"):
        return True
    if not OTHER_PEOPLE.isdisjoint(words) or "".join(words) in OTHER_PEOPLE:
        return True
    pairs = list(pairwise(words))
    by = len(words) <= 3 and any(second == "by" and first not in BY_THE_LEAD for first, second in pairs)
    return by or any(pair in OTHER_PAIRS for pair in pairs)


class _Walk:
    """One walk over a body, within what one body may cost."""

    def __init__(self) -> None:
        self._steps = MAX_STEPS
        self._lines = MAX_TEXTS_OF_LINES

    def walk(self, value: JsonValue, where: str, parents: tuple[str, ...], depth: int) -> Iterator[Entry]:
        """The entries of a value, in order."""
        self._steps -= 1
        if depth > MAX_DEPTH or self._steps < 0:
            return
        if isinstance(value, dict):
            yield from self._object(value, where, parents, depth)
        elif isinstance(value, list) and shapes.is_pairs(value):
            for index, pair in enumerate(value[:MAX_ENTRIES]):
                if isinstance(pair, list):
                    yield from self._labelled((str(pair[0]),), pair[1], f"{where}[{index}][1]", parents, depth)
        elif isinstance(value, list):
            for index, item in enumerate(value[:MAX_ENTRIES]):
                yield from self.walk(item, f"{where}[{index}]", parents, depth + 1)

    def _object(self, value: dict[str, JsonValue], where: str, parents: tuple[str, ...], depth: int) -> Iterator[Entry]:
        if shapes.is_our_message(value) and depth > 0:
            return
        if (rows := shapes.table_of(value)) is not None:
            yield from self.walk(rows[0] if len(rows) == 1 else list(rows), where, parents, depth + 1)
            return
        linked = bool(parents) and parents[-1].endswith(("_id", "Id"))
        labelled = None if linked else shapes.label_and_value(value)
        if labelled is not None:
            names, held = labelled
            inner = f"{where}.{held}" if where else held
            yield from self._labelled(_by_parent(names, parents), value[held], inner, parents, depth)
            return
        kind = shapes.kind_beside(value) if parents else None
        for key, item in value.items():
            inner = f"{where}.{key}" if where else key
            if kind and isinstance(item, str) and field_of(key):
                yield Entry((f"{kind} {key}", key), item, inner, parents=parents)
            elif kind and isinstance(item, str) and key in _BARE and (field_of(parents[-1]) or ("",))[0] in _SEVERAL:
                yield Entry((f"{kind} {parents[-1]}", parents[-1]), item, inner, parents=parents)
            else:
                yield from self._member(key, item, inner, parents, depth)

    def _member(self, key: str, item: JsonValue, where: str, parents: tuple[str, ...], depth: int) -> Iterator[Entry]:
        """What stands under one key: an object or a list of them, JSON or lines in a text, or a plain value."""
        if isinstance(item, str) and len(item) > 8:
            opened = shapes.json_inside(item) if parents.count(_OPENED) < MAX_INNER_JSON and self._steps > 0 else None
            if opened is not None:
                yield from self.walk({key: opened}, where.rpartition(".")[0], (*parents, _OPENED), depth + 1)
                return
            yield from self._in_lines(item, where, parents)
        if isinstance(item, dict) or _holds_more(item):
            tracks = isinstance(item, dict) and joined_of(key) == "campaign" and ("source" in item or "medium" in item)
            yield from self.walk(item, where, (*parents, "utm" if tracks else key), depth + 1)
        else:
            asked = key.rstrip(" *").endswith(("?", "？"))
            yield Entry(_names(key, parents), item, where, is_answer=asked, parents=parents)

    def _labelled(
        self, names: tuple[str, ...], value: JsonValue, where: str, parents: tuple[str, ...], depth: int
    ) -> Iterator[Entry]:
        if isinstance(value, dict) or _holds_more(value):
            yield from self.walk(value, where, (*parents, names[0]), depth + 1)
        else:
            yield Entry(names, value, where, is_answer=True, parents=parents)

    def _in_lines(self, text: str, where: str, parents: tuple[str, ...]) -> Iterator[Entry]:
        if "\n" not in text or self._lines <= 0:
            return
        self._lines -= 1
        for label, value, number in shapes.labelled_lines(text):
            if value:
                yield Entry((label,), value, f"{where} (line {number})", parents=parents, confidence=BY_LINE)


def _holds_more(value: JsonValue) -> bool:
    return isinstance(value, list) and any(isinstance(one, dict | list) for one in value)


def _by_parent(names: tuple[str, ...], parents: tuple[str, ...]) -> tuple[str, ...]:
    """{"label": "work", "value": "…"} under `emails` is a work e-mail."""
    if parents and parents[-1] and not any(field_of(name) for name in names):
        above = field_of(parents[-1])
        if above and above[0] in ("email", "phone"):
            return (f"{names[0]} {parents[-1]}", parents[-1])
    return names


def _names(key: str, parents: tuple[str, ...]) -> tuple[str, ...]:
    """The key with its parent, and the key alone where that is telling enough."""
    parents = tuple(parent for parent in parents if parent != _OPENED)
    if not parents:
        return (key,)
    if is_somebody_elses(key):
        return (key,)
    together = f"{parents[-1][:80]} {key}"
    if is_somebody_elses(together):
        return (key,) if joined_of(parents[-1]) in PEOPLE and all(map(is_container, parents)) else (together,)
    if joined_of(parents[-1]) in ("utm", "utms", "utmparams", "utmparameters"):
        return (key,) if joined_of(key).startswith("utm") else (f"utm {key}",)
    if joined_of(parents[-1]) in _LEGEND and joined_of(key) in ("url", "uri", "href", "location", "fullurl"):
        return ("page url",)
    if all(is_container(parent) for parent in parents) or joined_of(key) not in VAGUE:
        return (together, key)
    return (together,)


_OPENED = "\x00json"
"""Stands among the parents where JSON was opened inside a text."""
