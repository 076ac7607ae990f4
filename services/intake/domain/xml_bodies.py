"""Simple XML as the values that JSON would hold. Entities, DTDs and outside references are refused by defusedxml."""

from xml.etree.ElementTree import Element, ParseError

from defusedxml import DefusedXmlException
from defusedxml.ElementTree import fromstring
from pydantic import JsonValue

from libs.contracts.strict_json import clean_text

MAX_DEPTH = 32
MAX_ELEMENTS = 20_000
_NAMED_BY = ("name", "label", "key", "id", "title", "question")
_PLAIN = (
    "field",
    "input",
    "item",
    "question",
    "answer",
    "value",
    "param",
    "parameter",
    "entry",
    "data",
    "property",
    "var",
)


class XmlError(ValueError):
    """The bytes are no XML that is taken; the message says why, without quoting the content."""


def parse_xml(body: bytes) -> JsonValue:
    """The root's value: children by tag, repeated ones as a list; `<field name="x">v</field>` is a label and its value, and
    `<name part="first">v</name>` is `first name`. Raises XmlError."""
    if body.count(b"<") > 2 * MAX_ELEMENTS:
        raise XmlError(f"more than {MAX_ELEMENTS} elements")
    try:
        root = fromstring(body, forbid_dtd=True)
    except DefusedXmlException:
        raise XmlError("it declares a DTD or entities") from None
    except (ParseError, ValueError, LookupError) as error:
        raise XmlError(type(error).__name__) from None
    budget = [MAX_ELEMENTS]
    value = _value(root, 0, budget)
    return value if isinstance(value, dict) else {_tag(root): value}


def _value(element: Element, depth: int, budget: list[int]) -> JsonValue:
    budget[0] -= 1
    if depth > MAX_DEPTH or budget[0] < 0:
        return None
    children = list(element)
    text = clean_text((element.text or "").strip())[0]
    if not children:
        return text
    grouped: dict[str, list[JsonValue]] = {}
    for child in children:
        if not isinstance(child.tag, str):
            continue
        name, value = _named(child, _value(child, depth + 1, budget))
        grouped.setdefault(name, []).append(value)
    tree: dict[str, JsonValue] = {name: held if len(held) > 1 else held[0] for name, held in grouped.items()}
    if text:
        tree.setdefault("text", text)
    return tree


def _named(element: Element, value: JsonValue) -> tuple[str, JsonValue]:
    """The element's name in its parent: its tag, what its attribute names when the tag says nothing, or both."""
    tag = _tag(element)
    attributes = {_local(name): text for name, text in list(element.attrib.items())[:8]}
    if not attributes or isinstance(value, dict | list):
        return tag, value
    if tag.lower() in _PLAIN:
        label = next((attributes[name] for name in _NAMED_BY if attributes.get(name)), None)
        return (clean_text(label)[0], attributes.get("value", "") or value) if label else (tag, value)
    kind = attributes.get("part") or attributes.get("type")
    return (f"{clean_text(kind)[0]} {tag}", value) if kind else (tag, value)


def _tag(element: Element) -> str:
    return _local(str(element.tag))


def _local(name: str) -> str:
    return clean_text(name.rpartition("}")[2])[0]
