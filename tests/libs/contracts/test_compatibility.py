"""Two shapes that are told to fit do fit: whatever one allows, a validator of the other takes."""

from typing import Any

import jsonschema
from hypothesis import event, given, settings
from hypothesis import strategies as st

from libs.contracts.compatibility import Schema, bare, refused, unreadable

NAMES = ("a", "b", "c")
WORDS = ("x", "y", "z")

plain: st.SearchStrategy[Schema] = st.one_of(
    st.sampled_from([{"type": kind} for kind in ("string", "integer", "number", "boolean", "null")]),
    st.builds(
        lambda values: {"type": "string", "enum": values}, st.lists(st.sampled_from(WORDS), min_size=1, unique=True)
    ),
    st.builds(lambda value: {"const": value}, st.sampled_from(WORDS)),
    st.builds(
        lambda least, more: {"type": "integer", "minimum": least, "maximum": least + more},
        st.integers(0, 3),
        st.integers(0, 3),
    ),
    st.builds(lambda most: {"type": "string", "maxLength": most}, st.integers(0, 3)),
)


@st.composite
def objects(draw: st.DrawFn, inner: st.SearchStrategy[Schema]) -> Schema:
    held = draw(st.dictionaries(st.sampled_from(NAMES), inner, max_size=3))
    always = draw(st.lists(st.sampled_from(sorted(held)), unique=True)) if held else []
    made: Schema = {"type": "object", "properties": held, "required": always}
    if draw(st.booleans()):
        made["additionalProperties"] = draw(st.one_of(st.just(False), inner))
    return made


schemas = st.recursive(
    plain,
    lambda inner: st.one_of(
        objects(inner),
        st.builds(lambda one: {"type": "array", "items": one}, inner),
        st.builds(lambda some: {"anyOf": some}, st.lists(inner, min_size=1, max_size=3)),
        st.builds(lambda one: {"type": "object", "additionalProperties": one}, inner),
    ),
    max_leaves=6,
)


@st.composite
def changed(draw: st.DrawFn, schema: Schema) -> Schema:
    """The schema with one thing done to it somewhere, so that most pairs are near one another."""
    made = dict(schema)
    if "properties" in made and made["properties"] and draw(st.booleans()):
        name = draw(st.sampled_from(sorted(made["properties"])))
        made["properties"] = {**made["properties"], name: draw(changed(made["properties"][name]))}
        return made
    if "anyOf" in made and draw(st.booleans()):
        return {"anyOf": [*made["anyOf"], draw(schemas)] if draw(st.booleans()) else made["anyOf"][:1]}
    if "enum" in made:
        return {**made, "enum": sorted({*made["enum"], draw(st.sampled_from(WORDS))})}
    if "required" in made:
        return {**made, "required": draw(st.lists(st.sampled_from(NAMES), unique=True))}
    return draw(schemas)


def values(schema: Schema) -> st.SearchStrategy[Any]:
    """Values that the schema allows."""
    if "anyOf" in schema:
        return st.one_of([values(one) for one in schema["anyOf"]])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    if "const" in schema:
        return st.just(schema["const"])
    kind = schema["type"]
    if kind == "array":
        return st.lists(values(schema["items"]), max_size=2)
    if kind == "object":
        return fields(schema)
    return {
        "string": st.text(max_size=schema.get("maxLength", 5))
        | st.sampled_from([w for w in WORDS if len(w) <= schema.get("maxLength", 5)] or [""]),
        "integer": st.integers(schema.get("minimum"), schema.get("maximum")),
        "number": st.floats(allow_nan=False, allow_infinity=False),
        "boolean": st.booleans(),
        "null": st.none(),
    }[kind]


def fields(schema: Schema) -> st.SearchStrategy[dict[str, Any]]:
    known = {name: values(one) for name, one in schema.get("properties", {}).items()}
    always = {name: one for name, one in known.items() if name in schema.get("required", ())}
    named = st.fixed_dictionaries(always, optional={name: one for name, one in known.items() if name not in always})
    others = schema.get("additionalProperties", "properties" not in schema)
    if not isinstance(others, dict):
        return named
    rest = st.dictionaries(st.sampled_from(("d", "e")), values(others), max_size=1)
    return st.builds(lambda one, more: {**more, **one}, named, rest)


@settings(max_examples=600, deadline=None)
@given(st.data())
def test_what_is_told_to_fit_fits(data: st.DataObject) -> None:
    written = data.draw(schemas)
    read = data.draw(st.one_of(changed(written), schemas))
    told = refused(written, read)
    event("fits" if not told else "does not")
    if not told:
        value = data.draw(values(written))
        jsonschema.Draft202012Validator(read).validate(value)


@settings(max_examples=200, deadline=None)
@given(schemas)
def test_a_schema_fits_itself(schema: Schema) -> None:
    assert refused(schema, schema) == []
    assert unreadable(schema, schema) == []


def test_recursive_definitions_end_and_are_compared() -> None:
    node = {"type": "object", "properties": {"name": {"type": "string"}, "next": {"$ref": "#/$defs/Node"}}}
    other = {"type": "object", "properties": {"name": {"type": "integer"}, "next": {"$ref": "#/$defs/Node"}}}
    whole, changed_ = ({"$ref": "#/$defs/Node", "$defs": {"Node": one}} for one in (node, other))
    assert unreadable(whole, whole) == []
    assert unreadable(whole, changed_) == ["/name: string is no type that is read"]


def test_what_only_people_read_is_no_difference() -> None:
    schema = {
        "title": "T",
        "type": "object",
        "properties": {"title": {"type": "string", "description": "d", "default": ""}},
    }
    assert bare(schema) == {"type": "object", "properties": {"title": {"type": "string"}}}
