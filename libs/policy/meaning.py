"""What a condition's tree means: its value for given facts, in three values as CEL has them.

`&&` and `||` bear an error on one side when the other side decides; an error (None here) is what CEL says when a fact
that is needed is not known. The same answers as `Condition.holds`, which a property test holds it to.
"""

from collections.abc import Callable, Mapping

from pydantic import JsonValue

from libs.policy.facts import FACTS
from libs.policy.syntax import Call, Const, Items, Name, Node, Quantified, Unread

TRUE, FALSE, UNKNOWN = 1, 2, 4
ANY = TRUE | FALSE | UNKNOWN
"""Sets of truth values as bits: what a tree may still come to."""

_COMPARED: dict[str, Callable[[int], bool]] = {
    "_<_": lambda order: order < 0, "_<=_": lambda order: order <= 0,
    "_>_": lambda order: order > 0, "_>=_": lambda order: order >= 0,
}  # fmt: skip
_TEXT: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda text, part: part in text, "startsWith": str.startswith, "endsWith": str.endswith,
}  # fmt: skip


class UnreadError(ValueError):
    """The tree holds something that this module has no meaning for."""


class _NoValueError(ValueError):
    """CEL's error value: a null or a wrong type where a value was needed."""


def value_of(node: Node, facts: Mapping[str, JsonValue]) -> bool | None:
    """Whether the tree holds; None as CEL's error. Raises UnreadError for what is not understood."""
    try:
        value = _value(node, facts)
    except _NoValueError:
        return None
    return value if isinstance(value, bool) else None


def as_bit(value: bool | None) -> int:
    """One truth value as a set of it alone."""
    return UNKNOWN if value is None else TRUE if value else FALSE


def either(left: int, right: int) -> int:
    """What `left || right` may come to, for every pair of values that the sides may have."""
    true = (left | right) & TRUE
    false = left & right & FALSE
    unknown = UNKNOWN if (left & UNKNOWN and right & (FALSE | UNKNOWN)) or (right & UNKNOWN and left & FALSE) else 0
    return true | false | unknown


def both(left: int, right: int) -> int:
    """What `left && right` may come to."""
    return negated(either(negated(left), negated(right)))


def negated(bits: int) -> int:
    """What `!x` may come to."""
    return (FALSE if bits & TRUE else 0) | (TRUE if bits & FALSE else 0) | (bits & UNKNOWN)


def _value(node: Node, facts: Mapping[str, JsonValue]) -> JsonValue:
    match node:
        case Const(value):
            return value
        case Name(name):
            held = facts.get(name)
            return [] if held is None and FACTS.get(name) == "texts" else held
        case Items(items):
            return [_value(item, facts) for item in items]
        case Quantified():
            return _truth(_quantified(node, facts))
        case Unread():
            raise UnreadError
    if node.function in ("_&&_", "_||_", "!_"):
        return _truth(_connected(node, facts))
    return _called(node.function, [_value(arg, facts) for arg in node.args])


def _connected(node: Call, facts: Mapping[str, JsonValue]) -> int:
    sides = [as_bit(value_of(arg, facts)) for arg in node.args]
    if node.function == "!_":
        return negated(sides[0])
    return both(*sides) if node.function == "_&&_" else either(*sides)


def _quantified(node: Quantified, facts: Mapping[str, JsonValue]) -> int:
    items = _value(node.items, facts)
    if not isinstance(items, list):
        raise _NoValueError
    found = as_bit(node.every)
    for item in items:
        holds = as_bit(value_of(node.holds, {**facts, node.variable: item}))
        found = both(found, holds) if node.every else either(found, holds)
    return found


def _truth(bit: int) -> bool:
    if bit == UNKNOWN:
        raise _NoValueError
    return bit == TRUE


def _called(function: str, args: list[JsonValue]) -> JsonValue:
    if function in ("_==_", "_!=_"):
        return _same(*args) is (function == "_==_")
    if function in _COMPARED:
        return _COMPARED[function](_order(*args))
    if function == "@in":
        if not isinstance(args[1], list):
            raise _NoValueError
        return any(_same(args[0], item) for item in args[1])
    if function == "size" and isinstance(args[0], str | list):
        return len(args[0])
    if function in _TEXT:
        if not (isinstance(args[0], str) and isinstance(args[1], str)):
            raise _NoValueError
        return _TEXT[function](args[0], args[1])
    if function == "size":
        raise _NoValueError
    raise UnreadError


def _same(left: JsonValue, right: JsonValue) -> bool:
    """CEL's equality: a yes is no 1, and numbers are equal across their types."""
    return isinstance(left, bool) is isinstance(right, bool) and left == right


def _order(left: JsonValue, right: JsonValue) -> int:
    for kinds in ((bool,), (int, float), (str,)):
        if isinstance(left, kinds) and isinstance(right, kinds) and isinstance(left, bool) is isinstance(right, bool):
            return (left > right) - (left < right)  # type: ignore[operator]
    raise _NoValueError
