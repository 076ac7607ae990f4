"""Can facts be found for which some conditions hold and others do not? A witness, a proof that there are none, or neither.

A search over the cells of the facts (`libs.policy.cells`) that leaves a branch as soon as a demand can't be met in it.
A witness is confirmed by the conditions themselves, run by CEL. Tests that are not understood are, for a proof,
free to come out in any way: so "none" is never said wrongly, and "neither" is said when it can't be known.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pydantic import JsonValue

from libs.policy.cells import cells_of, understood
from libs.policy.conditions import Condition
from libs.policy.facts import FACTS, FLAGS
from libs.policy.meaning import ANY, FALSE, TRUE, UNKNOWN, UnreadError, as_bit, both, either, negated, value_of
from libs.policy.syntax import Call, Const, Name, Node, facts_of

STEPS = 20_000
"""Branches that a search looks at before it gives up."""


@dataclass(frozen=True, slots=True)
class Demand:
    """What a condition is to come to."""

    condition: Condition
    wanted: int

    @classmethod
    def true(cls, condition: Condition) -> "Demand":
        """It holds."""
        return cls(condition, TRUE)

    @classmethod
    def not_true(cls, condition: Condition) -> "Demand":
        """It does not hold, or a fact that it needs is not known."""
        return cls(condition, FALSE | UNKNOWN)

    def met(self, facts: Mapping[str, JsonValue]) -> bool:
        """Asked of CEL itself."""
        return bool(as_bit(self.condition.holds(facts)) & self.wanted)


@dataclass(frozen=True, slots=True)
class Answer:
    """`facts` meet all demands; without them `none` says whether that is proved to be impossible."""

    facts: dict[str, JsonValue] | None = None
    none: bool = False


def solved(demands: Sequence[Demand], steps: int = STEPS) -> Answer:
    """Facts that meet all demands, or the proof that no facts do; an empty answer when neither was found."""
    search = _Search(demands, steps, proving=False)
    found = search.run()
    if found is not None:
        return Answer(found)
    if search.exhausted and search.complete:
        return Answer(none=True)
    proof = _Search(demands, steps, proving=True)
    return Answer(none=proof.run() is None and proof.exhausted)


@dataclass
class _Variable:
    """A fact with its cells; or, in a proof, a test that is not understood with the ways in which it may come out."""

    name: str
    values: Sequence[Any]


@dataclass
class _Search:
    demands: Sequence[Demand]
    steps: int
    proving: bool
    exhausted: bool = True
    complete: bool = True
    _atoms: list[Node] = field(default_factory=list)
    _needs: list[tuple[int, ...]] = field(default_factory=list)
    _variables: list[_Variable] = field(default_factory=list)
    _any: list[int] = field(default_factory=list)
    _known: dict[tuple[int, ...], int] = field(default_factory=dict)

    def run(self) -> dict[str, JsonValue] | None:
        trees = [(self._tree(demand.condition.syntax), demand.wanted) for demand in self.demands]
        names = frozenset().union(*(facts_of(demand.condition.syntax) for demand in self.demands))
        trees += [(self._tree(tree), TRUE) for tree in _related(names)]
        self._prepare()
        return self._searched(trees, [None] * len(self._variables))

    def _tree(self, node: Node) -> Any:
        """The same tree with each test as its number."""
        if isinstance(node, Const):
            return ("const", as_bit(node.value if isinstance(node.value, bool) else None))
        if isinstance(node, Call) and node.function in ("_&&_", "_||_", "!_"):
            return (node.function, *(self._tree(arg) for arg in node.args))
        if node not in self._atoms:
            self._atoms.append(node)
        return ("atom", self._atoms.index(node))

    def _prepare(self) -> None:
        kinds: dict[str, str] = dict(FACTS)
        names = sorted({name for atom in self._atoms for name in facts_of(atom) if name in kinds})
        cells = {name: cells_of(name, kinds[name], self._atoms) for name in names}
        sure = [understood(a, kinds) and all(cells[name].complete for name in facts_of(a)) for a in self._atoms]
        self.complete = all(sure)
        place = {}
        for name in names:
            alone = all(sure[number] for number, atom in enumerate(self._atoms) if name in facts_of(atom))
            place[name] = len(self._variables)
            self._variables.append(
                _Variable(name, self._merged(name, cells[name].values) if alone else cells[name].values)
            )
        for number, atom in enumerate(self._atoms):
            if self.proving and not sure[number]:
                self._needs.append((len(self._variables),))
                self._variables.append(_Variable("", (TRUE, FALSE, UNKNOWN)))
            else:
                self._needs.append(tuple(place[name] for name in sorted(facts_of(atom)) if name in place))
            self._any.append(self._outcomes(number))

    def _merged(self, name: str, values: Sequence[JsonValue]) -> list[JsonValue]:
        """One value for each way in which the tests of this fact come out."""
        mine = [atom for atom in self._atoms if name in facts_of(atom)]
        found: dict[tuple[int, ...], JsonValue] = {}
        for value in values:
            found.setdefault(tuple(as_bit(value_of(atom, {name: value})) for atom in mine), value)
        return list(found.values())

    def _outcomes(self, number: int) -> int:
        needs = self._needs[number]
        if len(needs) != 1:
            return ANY
        bits = 0
        for index in range(len(self._variables[needs[0]].values)):
            bits |= self._bit(number, (index,))
        return bits

    def _bit(self, number: int, chosen: tuple[int, ...]) -> int:
        key = (number, *chosen)
        if key not in self._known:
            picked = [self._variables[need] for need in self._needs[number]]
            values = {one.name: one.values[index] for one, index in zip(picked, chosen, strict=True)}
            try:
                self._known[key] = int(values[""]) if "" in values else as_bit(value_of(self._atoms[number], values))
            except UnreadError:
                self._known[key] = ANY
        return self._known[key]

    def _bits(self, tree: Any, chosen: list[int | None], open_: list[int]) -> int:
        """What a tree may still come to; the tests that are still open are added to `open_`."""
        if tree[0] == "const":
            return int(tree[1])
        if tree[0] == "atom":
            picked = [chosen[need] for need in self._needs[tree[1]]]
            if any(one is None for one in picked):
                open_.append(tree[1])
                return self._any[int(tree[1])]
            return self._bit(tree[1], tuple(one for one in picked if one is not None))
        sides = [self._bits(side, chosen, open_) for side in tree[1:]]
        return negated(sides[0]) if tree[0] == "!_" else both(*sides) if tree[0] == "_&&_" else either(*sides)

    def _searched(self, trees: list[tuple[Any, int]], chosen: list[int | None]) -> dict[str, JsonValue] | None:
        self.steps -= 1
        if self.steps < 0:
            self.exhausted = False
            return None
        undecided: list[int] = []
        for tree, wanted in trees:
            open_: list[int] = []
            bits = self._bits(tree, chosen, open_)
            if not bits & wanted:
                return None
            if bits & ~wanted and open_ and (not undecided or len(open_) < len(undecided)):
                undecided = open_
        if not undecided:
            return self._confirmed(chosen)
        branch = next(need for need in self._needs[undecided[0]] if chosen[need] is None)
        for index in range(len(self._variables[branch].values)):
            chosen[branch] = index
            found = self._searched(trees, chosen)
            if found is not None or not self.exhausted:
                chosen[branch] = None
                return found
        chosen[branch] = None
        return None

    def _confirmed(self, chosen: list[int | None]) -> dict[str, JsonValue] | None:
        """The facts, when the conditions themselves say so; in a proof, that it can't be excluded."""
        held = zip(self._variables, chosen, strict=True)
        facts = {one.name: one.values[index] for one, index in held if index is not None and one.name}
        if self.proving or all(demand.met(facts) for demand in self.demands):
            return facts
        self.complete = False  # a test that is not understood came out otherwise
        return None


def _related(names: frozenset[str]) -> list[Node]:
    """What is true of every lead: `lead.flag.spam` is whether `lead.flags` holds it."""
    found: list[Node] = []
    for flag in FLAGS:
        if {f"lead.flag.{flag}", "lead.flags"} <= names:
            told: Node = Call("_==_", (Name(f"lead.flag.{flag}"), Const(value=True)))
            listed: Node = Call("@in", (Const(flag), Name("lead.flags")))
            found.append(
                Call("_||_", (Call("_&&_", (told, listed)), Call("_&&_", (Call("!_", (told,)), Call("!_", (listed,))))))
            )
    return found
