"""What the router keeps, in one world: who has which lead, how many, and who was given whom. Moved by the router's own steps."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from services.router.domain.fairness import Place
from services.router.domain.plan import ASKING
from services.router.domain.records import Load
from services.router.domain.turns import loaded, released

TRIAGE = "triage"


@dataclass(frozen=True)
class Outcome:
    """Where a routing left a lead. What is asked of it again and again is worked out once: few outcomes are different."""

    destination: str
    queue: str | None
    owner: str | None
    rule: str
    settled: bool
    asks: bool
    minutes: int | None = None
    """The working minutes that its rule promises for the first touch; None: its queue's."""

    @cached_property
    def place(self) -> tuple[str, str | None, str | None, bool]:
        """Where it is, however it came there."""
        return self.destination, self.queue, self.owner, self.settled

    @cached_property
    def asks_in(self) -> str | None:
        """The queue in which a person is asked; None when nobody is."""
        if self.settled or not self.asks:
            return None
        return (self.queue or TRIAGE) if self.destination in ASKING else TRIAGE

    @cached_property
    def touched_in(self) -> str | None:
        """The queue in which it waits for its first touch; None when it is nowhere, or nobody is meant to touch it."""
        return self.queue if self.settled and self.has_clock else None

    @cached_property
    def has_clock(self) -> bool:
        """Whether a first-touch clock runs: not where nobody is meant to touch it, nor before the launch."""
        over = self.settled and self.destination in ("suppressed", "disqualified")
        return not over and (self.settled or self.asks)


class Stand(NamedTuple):
    """How a lead stands."""

    outcome: Outcome
    since: int
    row: int
    """The routing that put it there."""
    pool: str | None
    """The pool whose turn gave it its owner."""
    met: bool
    """Whether its first touch has come."""
    offered: tuple[str, ...] = ()
    """The members who got it by turn, in order."""


class Wait(NamedTuple):
    """A time in which a lead waited; microseconds, `until` -1: to the end."""

    queue: str
    lead: int
    since: int
    until: int
    outcome: Outcome
    """What was promised for it."""
    row: int
    touched: bool = False
    """Whether its first touch ended it."""


@dataclass
class Dealt:
    """What a member got of a pool's turns, and what their part of them was."""

    leads: int = 0
    share: float = 0.0


@dataclass
class World:
    """One course of things."""

    stands: dict[int, Stand] = field(default_factory=dict)
    loads: dict[str, Load] = field(default_factory=dict)
    places: dict[str, dict[str, Place]] = field(default_factory=dict)
    """By pool, then member."""
    given: dict[str, str] = field(default_factory=dict)
    """By contact or company, the member whom the router gave it."""
    waits: list[Wait] = field(default_factory=list)
    dealt: dict[tuple[str, str], Dealt] = field(default_factory=dict)
    """By pool and member."""

    def begin(self) -> None:
        """From here on it is counted."""
        self.waits.clear()
        self.dealt.clear()

    def copy(self) -> "World":
        """The same, going on by itself."""
        places = {pool: dict(held) for pool, held in self.places.items()}
        return World(dict(self.stands), dict(self.loads), places, dict(self.given))

    def put(self, lead: int, outcome: Outcome, at: int, row: int, turn: str | None) -> str | None:
        """The lead stands there now; `turn` is the pool whose turn it took. Returns the member whose place it freed."""
        before = self.stands.get(lead)
        if before is None:
            self.stands[lead] = Stand(outcome, at, row, turn, False, _had(turn, outcome))
            return None
        self._ended(lead, before, at)
        same = before.outcome.owner == outcome.owner
        freed = None if same else self.release(lead)
        pool = before.pool if same and turn is None else turn
        offered = before.offered if same and turn is None else (*before.offered, *_had(turn, outcome))
        self.stands[lead] = Stand(outcome, at, row, pool, before.met, offered if pool is not None else ())
        if turn is not None and before.met and outcome.owner is not None:  # it is nobody's untouched lead
            self.loads[outcome.owner] = released(self.loads[outcome.owner])
        return freed

    def release(self, lead: int) -> str | None:
        """Its owner's place for another lead, if it took one and nobody has touched it. Returns the owner."""
        held = self.stands[lead]
        owner = held.outcome.owner if held.outcome.settled and held.pool is not None and not held.met else None
        if owner is not None and owner in self.loads:
            self.loads[owner] = released(self.loads[owner])
        return owner

    def touched(self, lead: int, at: int) -> str | None:
        """Somebody spoke to the lead. Returns the member whose place that freed."""
        held = self.stands.get(lead)
        if held is None or held.met or not held.outcome.has_clock:
            return None
        self._ended(lead, held, at, touched=True)
        freed = self.release(lead)
        self.stands[lead] = Stand(held.outcome, at, held.row, held.pool, True, held.offered)
        return freed

    def take(self, member: str, today: str) -> None:
        """A member got one more lead."""
        self.loads[member] = loaded(self.loads.get(member, Load()), today)

    def deal(self, pool: str, member: str, weights: Mapping[str, int]) -> None:
        """A turn of a pool was a member's, among those of such weights."""
        total = sum(weights.values())
        for one, weight in weights.items():
            self.dealt.setdefault((pool, one), Dealt()).share += weight / total
        self.dealt.setdefault((pool, member), Dealt()).leads += 1

    def give(self, records: Iterable[str | None], member: str) -> None:
        """Records that the router gave to nobody before have their first owner."""
        for record in records:
            if record is not None and record not in self.given:
                self.given[record] = member

    def give_again(self, records: Iterable[str | None], before: str | None, after: str | None) -> None:
        """What the router gave to one member is another's now; None: nobody's."""
        for record in records:
            if record is None or before is None or self.given.get(record) != before:
                continue
            if after is None:
                del self.given[record]
            else:
                self.given[record] = after

    def _ended(self, lead: int, held: Stand, at: int, *, touched: bool = False) -> None:
        outcome = held.outcome
        queue = outcome.asks_in if not outcome.settled else None if held.met else outcome.touched_in
        if queue is not None:
            self.waits.append(Wait(queue, lead, held.since, at, outcome, held.row, touched))

    def close(self) -> None:
        """What waits still, waits to the end."""
        for lead, held in self.stands.items():
            self._ended(lead, held, -1)


def _had(turn: str | None, outcome: Outcome) -> tuple[str, ...]:
    return (outcome.owner,) if turn is not None and outcome.owner is not None else ()
