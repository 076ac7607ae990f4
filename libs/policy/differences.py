"""What another version of a policy says differently, by meaning: rules added, removed, changed and asked in another order."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

from pydantic import JsonValue

from libs.policy.conditions import Condition
from libs.policy.policy import Policy
from libs.policy.reach import shown
from libs.policy.solve import Demand, solved

Kind = Literal["added", "removed", "changed", "reordered"]
NAMED = {"rules": "rule", "tables": "table", "bands": "band", "required": "requirement", "qualification": "question"}
"""Lists whose items have names, with the word for one of them."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that another version says differently."""

    part: str
    place: str
    """Where, in words: `rule inbound: when`."""
    kind: Kind
    before: JsonValue = None
    after: JsonValue = None
    leads: tuple[str, ...] = ()
    """Which leads it moves, in words, with an example; only conditions say that."""

    def __str__(self) -> str:
        told = f"{self.part}: {self.place}"
        if self.kind == "changed":
            return f"{told}: {_short(self.before)} → {_short(self.after)}"
        held = self.before if self.kind == "removed" else self.after
        return f"{told} {self.kind}" + (f": {_short(held)}" if held is not None else "")


def differences(one: Policy, other: Policy) -> tuple[Difference, ...]:
    """What `other` says differently, part by part; empty when both mean the same."""
    before, after = one.model_dump(mode="json"), other.model_dump(mode="json")
    found = []
    for part in before:
        if part != "hash":
            found += [_explained(held) for held in _between(part, (), before[part], after[part])]
    return tuple(found)


def _between(part: str, place: tuple[str, ...], before: JsonValue, after: JsonValue) -> Iterator[Difference]:
    if before == after:
        return
    if isinstance(before, dict) and isinstance(after, dict):
        yield from _keys(part, place, before, after)
    elif _are_named(before) and _are_named(after):
        yield from _items(part, place, before, after)  # type: ignore[arg-type]
    elif _are_words(before) and _are_words(after):
        yield from _words(part, place, before, after)  # type: ignore[arg-type]
    else:
        yield Difference(part, _told(place), "changed", before, after)


def _keys(
    part: str, place: tuple[str, ...], before: Mapping[str, JsonValue], after: Mapping[str, JsonValue]
) -> Iterator[Difference]:
    for key in dict.fromkeys((*before, *after)):
        inner = (*place, key)
        if key not in after:
            yield Difference(part, _told(inner), "removed", before=before[key])
        elif key not in before:
            yield Difference(part, _told(inner), "added", after=after[key])
        else:
            yield from _between(part, inner, before[key], after[key])


def _items(
    part: str,
    place: tuple[str, ...],
    before: Sequence[Mapping[str, JsonValue]],
    after: Sequence[Mapping[str, JsonValue]],
) -> Iterator[Difference]:
    """Named items by name; those that both have may stand in another order."""
    word = NAMED.get(place[-1], place[-1]) if place else "item"
    old, new = ({str(item["name"]): item for item in items} for items in (before, after))
    for name in dict.fromkeys((*old, *new)):
        inner = (*place[:-1], f"{word} {name}")
        if name not in new:
            yield Difference(part, _told(inner), "removed", before=_condition(old[name]))
        elif name not in old:
            yield Difference(part, _told(inner), "added", after=_condition(new[name]))
        else:
            yield from _keys(part, inner, old[name], new[name])
    orders = [[name for name in _asked(items) if name in old and name in new] for items in (before, after)]
    if orders[0] != orders[1]:
        yield Difference(part, _told((*place[:-1], f"{word}s")), "reordered", after=_moved(*orders))


def _words(part: str, place: tuple[str, ...], before: Sequence[str], after: Sequence[str]) -> Iterator[Difference]:
    gone, come = [one for one in before if one not in after], [one for one in after if one not in before]
    if gone:
        yield Difference(part, _told(place), "removed", before=", ".join(gone))
    if come:
        yield Difference(part, _told(place), "added", after=", ".join(come))
    if not gone and not come:
        yield Difference(part, _told(place), "reordered", after=", ".join(after))


def _asked(items: Sequence[Mapping[str, Any]]) -> list[str]:
    """Names in the order in which they are asked."""
    return [str(item["name"]) for item in sorted(items, key=lambda item: item.get("priority", 0))]


def _moved(before: list[str], after: list[str]) -> str:
    """Each item that now comes before one that it came after."""
    pairs = [(one, other) for one, other in pairwise(after) if before.index(one) > before.index(other)]
    return ", ".join(f"{one} is asked before {other}" for one, other in pairs)


def _explained(held: Difference) -> Difference:
    """A changed condition with the leads that it takes now, or no longer."""
    if held.kind != "changed" or not held.place.endswith(": when"):
        return held
    before, after = Condition(str(held.before)), Condition(str(held.after))
    now = solved([Demand.true(after), Demand.not_true(before)])
    gone = solved([Demand.true(before), Demand.not_true(after)])
    told = [f"holds now, for example: {shown(now.facts)}"] if now.facts is not None else []
    told += [f"holds no longer, for example: {shown(gone.facts)}"] if gone.facts is not None else []
    if now.none and gone.none:
        told = ["written otherwise; it holds for the same leads"]
    return Difference(held.part, held.place, held.kind, held.before, held.after, tuple(told))


def _condition(item: Mapping[str, JsonValue]) -> JsonValue:
    when, to = item.get("when"), item.get("queue") or item.get("destination")
    told = f"when {' '.join(str(when).split())}" if when else None
    return f"{told} → {to}" if told and to else told


def _told(place: tuple[str, ...]) -> str:
    return ": ".join(place)


def _are_named(value: JsonValue) -> bool:
    if not isinstance(value, list):
        return False
    names = [item.get("name") if isinstance(item, dict) else None for item in value]
    return bool(names) and None not in names and len(set(map(str, names))) == len(names)


def _are_words(value: JsonValue) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)


def _short(value: JsonValue) -> str:
    text = "nothing" if value is None else " ".join(str(value).split())
    return text if len(text) <= 400 else text[:399] + "…"
