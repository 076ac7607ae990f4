"""The values that a fact need be tried with: one for each way in which the conditions at hand can tell values apart.

Numbers fall between the constants that occur, texts are one of those or another, lists hold some of them. That is
complete only for tests that `understood` knows; for any other the values are guesses, good for finding a witness and
never for a proof.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations, pairwise
from math import ceil, floor

from pydantic import JsonValue

from libs.policy.meaning import value_of
from libs.policy.syntax import Call, Const, Items, Name, Node, Quantified, Scalar, facts_of, inside

_EQUAL = ("_==_", "_!=_")
_ORDERED = ("_<_", "_<=_", "_>_", "_>=_")
_MOST_ELEMENTS = 7
"""Kinds of list elements of which all subsets are tried; of more only pairs are."""
_LONGEST = 12
OTHER = "something else"


@dataclass(frozen=True, slots=True)
class Cells:
    """Values to try; `complete` when every value there is acts as one of them in all understood tests."""

    values: tuple[JsonValue, ...]
    complete: bool = True


def understood(atom: Node, kinds: dict[str, str]) -> bool:
    """True when the cells of the atom's one fact are complete for it."""
    match atom:
        case Name(name):
            return kinds.get(name) == "flag"
        case Quantified(variable, Name(name), holds, _):
            return kinds.get(name) == "texts" and _about_one(holds, variable)
        case Call("@in", (Name(name), Items(items))):
            return kinds.get(name) != "texts" and all(isinstance(item, Const) for item in items)
        case Call("@in", (Const(), Name(name))):
            return kinds.get(name) == "texts"
        case Call(function, (Call("size", (Name(name),)), Const())) | Call(
            function, (Const(), Call("size", (Name(name),)))
        ):
            return kinds.get(name) == "texts" and function in (*_EQUAL, *_ORDERED)
        case Call(function, (Name(name), Const(value))) | Call(function, (Const(value), Name(name))):
            return function in _EQUAL or (function in _ORDERED and _ordered(kinds.get(name), value))
    return False


def _ordered(kind: str | None, value: Scalar) -> bool:
    return kind in ("whole", "number") and isinstance(value, int | float)


def _about_one(holds: Node, variable: str) -> bool:
    """A test of one list element against constants."""
    match holds:
        case Const():
            return True
        case Call("_&&_" | "_||_" | "!_", args):
            return all(_about_one(arg, variable) for arg in args)
        case Call("_==_" | "_!=_", (Name(name), Const())) | Call("_==_" | "_!=_", (Const(), Name(name))):
            return name == variable
        case Call("@in", (Name(name), Items(items))):
            return name == variable and all(isinstance(item, Const) for item in items)
    return False


def cells_of(fact: str, kind: str, atoms: Iterable[Node]) -> Cells:
    """The cells of a fact for the atoms that name it."""
    held = [atom for atom in atoms if fact in facts_of(atom)]
    constants = list(dict.fromkeys(value for atom in held for value in constants_of(atom)))
    if kind == "flag":
        return Cells((True, False, None))
    if kind == "text":
        texts = [value for value in constants if isinstance(value, str)]
        return Cells((*dict.fromkeys((*texts, None, _other(texts), "")),))
    numbers = sorted({value for value in constants if isinstance(value, int | float) and not isinstance(value, bool)})
    if kind == "texts":
        return _lists([value for value in constants if isinstance(value, str)], numbers, fact, held)
    return Cells((*(_whole(numbers) if kind == "whole" else _fractions(numbers)), None))


def constants_of(node: Node) -> Iterator[Scalar]:
    """Every constant in a tree, in order."""
    if isinstance(node, Const):
        yield node.value
    for part in inside(node):
        yield from constants_of(part)


def _other(texts: list[str]) -> str:
    found = OTHER
    while found in texts:
        found += " still"
    return found


def _whole(numbers: list[int | float]) -> list[JsonValue]:
    near = {one for number in numbers for one in range(floor(number) - 1, ceil(number) + 2)}
    return [*sorted(near or {0, 1}, key=lambda one: (one < 0, one))]


def _fractions(numbers: list[int | float]) -> list[JsonValue]:
    if not numbers:
        return [0.0, 1.0]
    between = [(low + high) / 2 for low, high in pairwise(numbers)]
    below = numbers[0] / 2 if numbers[0] > 0 else numbers[0] - 1.0
    return [*numbers, *between, numbers[-1] + 1.0, below]


def _lists(texts: list[str], numbers: list[int | float], fact: str, atoms: list[Node]) -> Cells:
    kinds: dict[tuple[object, ...], str] = {}
    for text in (*texts, _other(texts)):
        kinds.setdefault(tuple(_acts(atom, fact, text) for atom in atoms), text)
    elements = list(kinds.values())
    most = len(elements) if len(elements) <= _MOST_ELEMENTS else 2
    longest = ceil(max(numbers, default=0)) + 1
    found: list[JsonValue] = []
    for size in range(most + 1):
        for chosen in combinations(elements, size):
            lengths = range(size, max(size, min(longest, _LONGEST)) + 1) if chosen else (0,)
            found += [[*chosen, *chosen[-1:] * (length - size)] for length in lengths]
    return Cells(tuple(found), complete=most == len(elements) and longest <= _LONGEST)


def _acts(atom: Node, fact: str, text: str) -> object:
    """How an atom sees a list element; elements that all atoms see alike are one kind."""
    match atom:
        case Quantified(variable, Name(name), holds, _) if name == fact and _about_one(holds, variable):
            return value_of(holds, {variable: text})
        case Call("@in", (Const(value), Name(name))) if name == fact:
            return value == text
        case Call(function, (Call("size", _), Const())) | Call(function, (Const(), Call("size", _))) if function:
            return None
    return text
