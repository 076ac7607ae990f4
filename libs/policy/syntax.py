"""What a condition says, as a small tree: read from the checked expression that CEL serialises.

The bytes are a `google.protobuf.Any` with a `cel.expr.CheckedExpr`; the field numbers are those of cel-spec's
`checked.proto` and `syntax.proto`.
"""

import struct
from collections.abc import Iterator
from dataclasses import dataclass, field

Scalar = str | int | float | bool | None
Wire = dict[int, list[int | bytes]]


@dataclass(frozen=True, slots=True)
class Const:
    """A constant."""

    value: Scalar


@dataclass(frozen=True, slots=True)
class Name:
    """A fact, or the variable of the `exists` or `all` around it."""

    name: str


@dataclass(frozen=True, slots=True)
class Items:
    """A list that is written out."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Call:
    """An operator or function; a method's target is its first argument. Operators have CEL's names, e.g. `_&&_`."""

    function: str
    args: tuple["Node", ...]
    at: int = field(default=0, compare=False)
    """Where it stands in the condition, in characters from its start."""


@dataclass(frozen=True, slots=True)
class Quantified:
    """`items.exists(variable, holds)`, or `items.all(variable, holds)` with `every`."""

    variable: str
    items: "Node"
    holds: "Node"
    every: bool


@dataclass(frozen=True, slots=True)
class Unread:
    """Something this module has no word for (maps, other macros); it stands for itself alone, and for any value."""

    source: bytes
    names: frozenset[str] = frozenset()


Node = Const | Name | Items | Call | Quantified | Unread


def read_syntax(serialised: bytes) -> Node:
    """The tree of a checked expression. Raises ValueError when the bytes are not one."""
    checked = _message(_bytes(_message(serialised), 2))
    places = {_int(entry, 1): _int(entry, 2) for entry in map(_message, _all(_message(_bytes(checked, 5)), 4))}
    return _node(_bytes(checked, 4), places)


def facts_of(node: Node) -> frozenset[str]:
    """The names that a tree needs from outside."""
    match node:
        case Name(name):
            return frozenset((name,))
        case Unread():
            return node.names
        case Quantified():
            return facts_of(node.items) | (facts_of(node.holds) - {node.variable})
    return frozenset().union(*(facts_of(inner) for inner in inside(node)))


def inside(node: Node) -> tuple[Node, ...]:
    """The parts of a node."""
    match node:
        case Items(items):
            return items
        case Call():
            return node.args
        case Quantified():
            return (node.items, node.holds)
    return ()


def _node(source: bytes, places: dict[int, int]) -> Node:
    held = _message(source)
    if 3 in held:
        return Const(_constant(_message(_bytes(held, 3))))
    if 4 in held:
        return Name(_text(_message(_bytes(held, 4)), 1))
    if 6 in held:
        call = _message(_bytes(held, 6))
        args = [*_all(call, 1), *_all(call, 3)]
        return Call(_text(call, 2), tuple(_node(arg, places) for arg in args), places.get(_int(held, 2), 0))
    if 7 in held:
        return Items(tuple(_node(item, places) for item in _all(_message(_bytes(held, 7)), 1)))
    if 9 in held:
        return _quantified(source, _message(_bytes(held, 9)), places)
    return Unread(source, frozenset(_names(source)))


def _quantified(source: bytes, held: Wire, places: dict[int, int]) -> Node:
    """The macros as CEL writes them out: accumulate false with `||` (exists) or true with `&&` (all)."""
    start, step = _node(_bytes(held, 4), places), _node(_bytes(held, 6), places)
    result = _node(_bytes(held, 7), places)
    for every, function in ((False, "_||_"), (True, "_&&_")):
        if start == Const(every) and isinstance(step, Call) and step.function == function and step.args[0] == result:
            return Quantified(_text(held, 1), _node(_bytes(held, 2), places), step.args[1], every)
    return Unread(source, frozenset(_names(source)))


def _names(source: bytes) -> Iterator[str]:
    """Every name below an expression that is not read further; more than there are does no harm."""
    held = _message(source)
    if 4 in held:
        yield _text(_message(_bytes(held, 4)), 1)
    for number in (5, 6, 7, 8, 9):
        for part in _all(held, number):
            for values in _message(part).values():
                for value in values:
                    yield from _names_in(value)


def _names_in(value: int | bytes) -> Iterator[str]:
    try:
        yield from _names(value) if isinstance(value, bytes) else ()
    except (ValueError, IndexError):
        return  # a text, not a message


def _constant(held: Wire) -> Scalar:
    if 2 in held:
        return bool(_int(held, 2))
    if 3 in held:
        number = _int(held, 3)
        return number - (1 << 64) if number >= 1 << 63 else number
    if 4 in held:
        return _int(held, 4)
    if 5 in held:
        return float(struct.unpack("<d", _bytes(held, 5))[0])
    return _text(held, 6) if 6 in held else None


def _message(data: bytes) -> Wire:
    """The fields of a protobuf message by number; a repeated field has several values."""
    found: Wire = {}
    at = 0
    while at < len(data):
        tag, at = _varint(data, at)
        kind = tag & 7
        value: int | bytes
        if kind == 0:
            value, at = _varint(data, at)
        elif kind in (1, 2, 5):
            size, at = _varint(data, at) if kind == 2 else ({1: 8, 5: 4}[kind], at)
            value, at = data[at : at + size], at + size
        else:
            raise ValueError(f"no such wire type: {kind}")
        found.setdefault(tag >> 3, []).append(value)
    if at > len(data):
        raise ValueError("a message ends before its last field")
    return found


def _varint(data: bytes, at: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = data[at]
        value |= (byte & 0x7F) << shift
        at, shift = at + 1, shift + 7
        if byte < 0x80:
            return value, at


def _all(held: Wire, number: int) -> list[bytes]:
    return [value for value in held.get(number, ()) if isinstance(value, bytes)]


def _bytes(held: Wire, number: int) -> bytes:
    return (_all(held, number) or [b""])[-1]


def _int(held: Wire, number: int) -> int:
    values = [value for value in held.get(number, ()) if isinstance(value, int)]
    return values[-1] if values else 0


def _text(held: Wire, number: int) -> str:
    return _bytes(held, number).decode()
