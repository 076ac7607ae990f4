"""What the list of items is narrowed by, and how many rows each narrowing has."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

ClockState = Literal["waiting", "due soon", "overdue", "escalated"]
ME, NOT_ANYBODY = "me", "nobody"
FACETS = ("kind", "queue", "clock", "claimed", "assigned", "snoozed", "segment", "source")
SEARCH_MIN, SEARCH_MAX = 2, 100


@dataclass(frozen=True, slots=True)
class Filters:
    """Conditions that all must hold; an empty one holds always. `claimed` and `assigned`: `me`, `nobody`, or a person's name.

    `snoozed`: `no` leaves out what is out of sight now, `yes` shows nothing else, `all` both.
    """

    kind: str = ""
    queue: str = ""
    clock: str = ""
    claimed: str = ""
    assigned: str = ""
    snoozed: str = "no"
    segment: str = ""
    source: str = ""
    search: str = ""
    """A part of the person's or the company's name."""
    equality: str = ""
    reach: Sequence[str] = field(default=())
    """The queues that the asker sees; empty: all."""
    person: str = ""
    """Who asks: whom `me` means."""

    def name_of(self, told: str) -> str:
        """The person whom a filter names."""
        return self.person if told == ME else told


@dataclass(frozen=True, slots=True)
class Group:
    """How many rows have these values; `kinds` are those of one item's questions."""

    kinds: tuple[str, ...]
    queue: str
    clock: str
    claimed_by: str
    assigned_to: str
    snoozed: bool
    segment: str
    source: str
    rows: int


def counts_of(groups: Iterable[Group], person: str) -> dict[str, dict[str, int]]:
    """By filter and value: how many rows it has. A row with several kinds counts once for each of them."""
    found: Mapping[str, Counter[str]] = {name: Counter() for name in FACETS}
    for one in groups:
        for kind in set(one.kinds):
            found["kind"][kind] += one.rows
        found["claimed"][_whose(one.claimed_by, person)] += one.rows
        found["assigned"][_whose(one.assigned_to, person)] += one.rows
        found["snoozed"]["yes" if one.snoozed else "no"] += one.rows
        for name in ("queue", "clock", "segment", "source"):
            found[name][getattr(one, name)] += one.rows
    return {
        name: dict(sorted((value, count) for value, count in held.items() if value)) for name, held in found.items()
    }


def _whose(name: str, person: str) -> str:
    return NOT_ANYBODY if not name else ME if name == person else name
