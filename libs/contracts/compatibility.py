"""Whether readers of one shape can read what writers of another wrote: a comparison of two JSON Schemas.

The names are those of schema registries. BACKWARD: today's code reads what was ever written. FORWARD: code of before reads
what is written today, as an older service does during a roll-out. FULL is both, TRANSITIVE is with every version released.
"""

import json
from typing import Any

Schema = dict[str, Any]
_ANY: frozenset[str] = frozenset({"null", "boolean", "integer", "number", "string", "array", "object"})
_AT_LEAST = {"minimum": "-inf", "exclusiveMinimum": "-inf", "minLength": "0", "minItems": "0", "minProperties": "0"}
_AT_MOST = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_SAME = ("pattern", "format", "multipleOf", "const", "uniqueItems")
_NOTED = ("title", "description", "default", "examples")
_BY_NAME = ("properties", "$defs")


def bare(schema: Any) -> Any:
    """The schema without what only tells people something: what two versions are compared by."""
    if isinstance(schema, list):
        return [bare(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        key: {name: bare(one) for name, one in value.items()} if key in _BY_NAME else bare(value)
        for key, value in schema.items()
        if key not in _NOTED
    }


def unreadable(written: Schema, read: Schema) -> list[str]:
    """What a reader of schema `read` might refuse, or leave out, of what `written` allows; by path, empty when nothing.

    Readers ignore unknown fields, so a written field that the reader does not know is told as "left out": that is loss
    when an old event is read, and how it should be when old code reads a new one (see `refused`).
    """
    problems: list[str] = []
    _Comparison(written, read, problems).compare(written, read, "")
    return problems


def refused(written: Schema, read: Schema) -> list[str]:
    """As `unreadable`, but of what would be refused alone: unknown fields are ignored by readers."""
    return [problem for problem in unreadable(written, read) if not problem.endswith(_LEFT_OUT)]


_LEFT_OUT = "is left out"


class _Comparison:
    """One walk through both schemas; a pair of definitions is compared once, so that recursive ones end."""

    def __init__(self, written: Schema, read: Schema, problems: list[str]) -> None:
        self._written, self._read, self._problems = written, read, problems
        self._seen: set[tuple[str, str]] = set()

    def compare(self, written: Schema, read: Schema, path: str) -> None:
        pair = (written.get("$ref", ""), read.get("$ref", ""))
        if any(pair):
            if pair in self._seen and all(pair):
                return
            self._seen.add(pair)
            written, read = _resolved(written, self._written), _resolved(read, self._read)
        if not (_chooses(written) or _chooses(read)):
            self._plain(written, read, path)
            return
        for choice in _choices(written):
            self._one_of(choice, _choices(read), path)

    def _one_of(self, written: Schema, read: list[Schema], path: str) -> None:
        """A choice is readable when one of the reader's is right for it; else the nearest one's problems are told."""
        tries: list[list[str]] = []
        for choice in read:
            found: list[str] = []
            other = _Comparison(self._written, self._read, found)
            other._seen = set(self._seen)
            other.compare(written, choice, path)
            if not found:
                return
            tries.append(found)
        nearest: list[str] = min(tries, key=lambda found: (_of_type(found), len(found)))
        self._problems.extend(nearest)

    def _plain(self, written: Schema, read: Schema, path: str) -> None:
        extra = _types(written) - _types(read)
        if extra and not (extra == {"integer"} and "number" in _types(read)):
            self._say(path, f"{'/'.join(sorted(extra))} {_WRONG_TYPE}")
            return
        self._values(written, read, path)
        self._bounds(written, read, path)
        self._properties(written, read, path)
        self._items(written, read, path)

    def _values(self, written: Schema, read: Schema, path: str) -> None:
        if "enum" in read:
            values = written.get("enum", [written["const"]] if "const" in written else None)
            if values is None:
                self._say(path, "any value, where only some are read")
            for value in values or ():
                if value not in read["enum"]:
                    self._say(path, f"{value!r} is no value that is read")
        for key in _SAME:
            if (
                key in read
                and read[key] != written.get(key)
                and not (key == "const" and written.get("enum") == [read[key]])
            ):
                self._say(path, f"{key} {read[key]!r} was not written so")

    def _bounds(self, written: Schema, read: Schema, path: str) -> None:
        for key, least in _AT_LEAST.items():
            if key in read and float(written.get(key, least)) < float(read[key]):
                self._say(path, f"less than {key} {read[key]}")
        for key in _AT_MOST:
            if key in read and float(written.get(key, "inf")) > float(read[key]):
                self._say(path, f"more than {key} {read[key]}")

    def _properties(self, written: Schema, read: Schema, path: str) -> None:
        held, known = written.get("properties", {}), read.get("properties", {})
        always = set(written.get("required", ()))
        for name in read.get("required", ()):
            if name not in always:
                self._say(f"{path}/{name}", "is read always and not written always")
        others = read.get("additionalProperties", True)
        for name, one in held.items():
            if name in known:
                self.compare(one, known[name], f"{path}/{name}")
            elif others is False:
                self._say(f"{path}/{name}", "is refused: no other fields are read")
            elif isinstance(others, dict):
                self.compare(one, others, f"{path}/{name}")
            else:
                self._say(f"{path}/{name}", _LEFT_OUT)
        self._rest(written, others, path)

    def _rest(self, written: Schema, others: Any, path: str) -> None:
        """Fields that no schema names, as in a mapping."""
        rest = written.get("additionalProperties", "properties" not in written)
        if "object" not in _types(written) or rest is False or others is True:
            return
        if isinstance(rest, dict) and isinstance(others, dict):
            self.compare(rest, others, f"{path}/*")
        else:
            self._say(f"{path}/*", "other fields than those that are read")

    def _items(self, written: Schema, read: Schema, path: str) -> None:
        if "array" not in _types(written):
            return
        first, expected = written.get("prefixItems", []), read.get("prefixItems", [])
        rest, others = written.get("items", True), read.get("items", True)
        for place in range(max(len(first), len(expected))):
            held = first[place] if place < len(first) else rest
            wanted = expected[place] if place < len(expected) else others
            self._item(held, wanted, f"{path}/{place}")
        self._item(rest, others, f"{path}/[]")

    def _item(self, held: Any, wanted: Any, path: str) -> None:
        if wanted is True or held is False:
            return
        if isinstance(held, dict) and isinstance(wanted, dict):
            self.compare(held, wanted, path)
        else:
            self._say(path, "more items than are read")

    def _say(self, path: str, what: str) -> None:
        self._problems.append(f"{path or '/'}: {what}" if what != _LEFT_OUT else f"{path or '/'} {what}")


_WRONG_TYPE = "is no type that is read"


def _of_type(problems: list[str]) -> bool:
    return any(problem.endswith(_WRONG_TYPE) for problem in problems)


def _resolved(schema: Schema, whole: Schema) -> Schema:
    while "$ref" in schema:
        name = schema["$ref"].removeprefix("#/$defs/")
        schema = {**whole["$defs"][name], **{key: value for key, value in schema.items() if key != "$ref"}}
    return schema


def _chooses(schema: Schema) -> bool:
    return "anyOf" in schema or "oneOf" in schema


def _choices(schema: Schema) -> list[Schema]:
    """The alternatives of a schema; itself when it has none. What stands beside `anyOf` holds for each."""
    beside = {key: value for key, value in schema.items() if key not in ("anyOf", "oneOf", "$defs")}
    found: list[Schema] = schema.get("anyOf", []) + schema.get("oneOf", [])
    return [{**beside, **choice} for choice in found] or [beside]


def _types(schema: Schema) -> frozenset[str]:
    held = schema.get("type")
    if isinstance(held, str):
        return frozenset({held})
    if held is not None:
        return frozenset(held)
    values = schema.get("enum", [schema["const"]] if "const" in schema else None)
    return _ANY if values is None else frozenset(_type_of(value) for value in values)


def _type_of(value: Any) -> str:
    text = json.dumps(value)
    named = {"n": "null", "t": "boolean", "f": "boolean", '"': "string", "[": "array", "{": "object"}
    return named.get(text[0], "number" if "." in text or "e" in text else "integer")
