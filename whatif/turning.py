"""A pool's turn on simulated time. Who could not take a lead for reasons outside of routing (away, out of hours, on hold)
could not then either; caps are counted anew where the loads are others. The turn itself is the router's own function."""

from dataclasses import dataclass, field
from typing import NamedTuple

from libs.policy.policy import Policy
from services.router.domain.fairness import places_after, turn_among
from services.router.domain.hours import local_day
from services.router.domain.known import Known
from services.router.domain.records import Load, Member
from services.router.domain.turns import calendar_in, full_for, turn_in, unsuited
from whatif.feeds import instant
from whatif.table import Column, Table
from whatif.team import Team
from whatif.world import World

_CAPS = ("leads today", "leads this week", "untouched leads")
_SUITED = ("does not speak", "has no skill")
_QUARTER = 15 * 60 * 1_000_000
"""Time zones change their distance from UTC, and days begin, at quarters of an hour."""


class Line(NamedTuple):
    """A recorded line: who was in it, who was free with which weight, and whom a cap kept out."""

    members: frozenset[str]
    free: dict[str, int]
    able: dict[str, int]
    """The free, and those who were passed over for their language or skill: that depends on who else is able."""
    capped: dict[str, int]


class Asked(NamedTuple):
    """A turn to be taken: in which pool by which policy, and what the record says of the same moment."""

    row: int
    at: int
    pool: str
    policy: Policy
    was: Policy | None
    """The policy by which it was decided; None: the record says nothing of this turn."""
    had: frozenset[str] = frozenset()
    """Members who had the lead before."""


@dataclass
class Turned:
    """Who got it and in which pool; nobody: None, and where it waits then."""

    pool: str
    member: str | None
    when_empty: str = ""


@dataclass
class Turning:
    """The turns of one simulation."""

    table: Table
    team: Team
    world: World
    apart: set[str] = field(default_factory=set)
    """Members whose load is another than it was."""
    parted: set[str] = field(default_factory=set)
    """Pools whose turns are others than they were."""
    turns: int = 0
    unexplained: int = 0
    """Recorded turns that the turn function gives to somebody else, though nothing that it asks is known to differ."""
    from_records: int = 0
    """Turns whose line was made from members' records, since that pool was not asked then."""
    _lines: dict[int, Line] = field(default_factory=dict)
    _days: dict[tuple[str, str, int], str] = field(default_factory=dict)
    _same: dict[tuple[str, str, str], bool] = field(default_factory=dict)

    def take(self, asked: Asked) -> Turned:
        """The turn; the world's places and loads are moved on."""
        self.turns += 1
        line = self._recorded(asked)
        if line is None:
            return self._by_members(asked)
        free = line.free if self.apart.isdisjoint(line.members) else self._recounted(asked, line)
        if not free:
            overflows = free is not line.free
            return self._by_members(asked) if overflows else self._nobody(asked, self._turn_pool(asked.row))
        return self._picked(asked, self._turn_pool(asked.row), free, same=free is line.free)

    def _picked(self, asked: Asked, pool: str, free: dict[str, int], *, same: bool) -> Turned:
        places = self.world.places.setdefault(pool, {})
        picked, after = turn_among(free, places)
        recorded = self.table.columns["picked"].at(asked.row)
        if same and pool not in self.parted:
            if recorded is not None and picked != recorded:
                self.unexplained += 1
                picked = str(recorded)
                after = places_after(picked, free, places)
        else:
            self.parted.add(pool)
        places.update(after)
        self.world.take(picked, self.today(picked, pool, asked))
        self.world.deal(pool, picked, free)
        return Turned(pool, picked)

    def recorded(self, world: World, row: int) -> None:
        """A recorded turn as it was, dealt in a world."""
        columns = self.table.columns
        free = self._line(int(columns["line"].codes[row])).free
        world.deal(self._turn_pool(row), str(columns["picked"].at(row)), free)

    def as_it_was(self, row: int) -> bool:
        """Whether everybody in a routing's recorded line has the load that they had then."""
        code = int(self.table.columns["line"].codes[row])
        return self.apart.isdisjoint(self._line(code).members)

    def _line(self, code: int) -> Line:
        if code not in self._lines:
            self._lines[code] = _line(self.table.columns["line"], code)
        return self._lines[code]

    def _turn_pool(self, row: int) -> str:
        return str(self.table.columns["turn_pool"].at(row))

    def _recorded(self, asked: Asked) -> Line | None:
        """The recorded line, when it is that of the same turn: the same pool with the same rules."""
        columns = self.table.columns
        turned, code = columns["turn_pool"].at(asked.row), int(columns["line"].codes[asked.row])
        if (
            not isinstance(turned, str)
            or asked.was is None
            or not self._same_pools(asked.policy, asked.was, asked.pool)
        ):
            return None
        if turned != asked.pool and (columns["pool"].at(asked.row) not in (asked.pool, None) or self.apart):
            return None  # another pool was asked, or the line of the first pool asked is not known
        if turned != asked.pool and turned not in _chain(asked.policy, asked.pool):
            return None
        return self._line(code)

    def _same_pools(self, one: Policy, other: Policy, pool: str) -> bool:
        """Whether two policies say the same of a pool, those that it overflows into, and everybody's hours."""
        key = (one.hash, other.hash, pool)
        if key not in self._same:
            chain = _chain(one, pool)
            same = chain == _chain(other, pool) and all(one.pools.get(name) == other.pools.get(name) for name in chain)
            self._same[key] = one is other or (same and one.sla.calendars == other.sla.calendars)
        return self._same[key]

    def _recounted(self, asked: Asked, line: Line) -> dict[str, int]:
        """Who is free when the caps are counted by this world's loads; the line's own when nothing changes."""
        able, name = dict(line.able), self._turn_pool(asked.row)
        pool, members = asked.policy.pools[name], self.team.known.members
        for one in self.apart & line.members:
            weight = line.able.get(one) or line.capped.get(one)
            if weight is None:
                continue
            load = self.world.loads.get(one, Load())
            if full_for(members.get(one) or Member(one, 0), pool, load, self.today(one, name, asked)):
                able.pop(one, None)
            else:
                able[one] = weight
        if able.keys() == line.able.keys():
            return line.free
        passed = unsuited([members.get(one) or Member(one, 0) for one in able], pool, _Words(self.table, asked.row))
        free = {one: weight for one, weight in able.items() if one not in passed}
        return line.free if free == line.free else free

    def today(self, one: str, pool: str, asked: Asked) -> str:
        """The date by the calendar that a member works by in a pool."""
        member = self.team.known.members.get(one) or Member(one, 0)
        held = asked.policy.pools.get(pool)
        name = (member.calendar or (held.calendar if held else None)) or ""
        key = (asked.policy.hash, name, asked.at // _QUARTER)
        day = self._days.get(key)
        if day is None:
            assert held is not None
            day = local_day(instant(asked.at), calendar_in(member, held, asked.policy, self.team.known))
            self._days[key] = day
        return day

    def _by_members(self, asked: Asked) -> Turned:
        """The turn by the members as their records were then."""
        self.from_records += 1
        if asked.pool not in asked.policy.pools:
            return Turned(asked.pool, None, TRIAGE_QUEUE)
        words, known = _Words(self.table, asked.row), self._known(asked)
        turn = turn_in(asked.pool, words, asked.policy, known, instant(asked.at), asked.had)
        if turn.member is None:
            return self._nobody(asked, turn.pool)
        self.parted.add(turn.pool)
        self.world.places.setdefault(turn.pool, {}).update({one: place for (_, one), place in turn.places.items()})
        self.world.loads.update(turn.loads)
        free = {one.member: one.weight for one in turn.seen.members if not one.why_not}
        self.world.deal(turn.pool, turn.member.record_id, free)
        return Turned(turn.pool, turn.member.record_id)

    def _nobody(self, asked: Asked, pool: str) -> Turned:
        return Turned(pool, None, asked.policy.pools[pool].when_empty)

    def _known(self, asked: Asked) -> Known:
        chain = _chain(asked.policy, asked.pool)
        places = {(pool, one): place for pool in chain for one, place in self.world.places.get(pool, {}).items()}
        known = self.team.known
        return Known(members=known.members, exceptions=known.exceptions, places=places, loads=self.world.loads)


@dataclass(frozen=True, slots=True)
class _Words:
    """What a turn asks of a lead: its language, and what skills are matched with."""

    table: Table
    row: int

    def text(self, field: str) -> str:
        held = self.table.columns[f"lead.{field}"].at(self.row)
        return held if isinstance(held, str) else ""


TRIAGE_QUEUE = "triage"


def _chain(policy: Policy, pool: str) -> tuple[str, ...]:
    """A pool and those that it overflows into, in order."""
    chain: list[str] = []
    after: str | None = pool
    while after is not None and after not in chain and after in policy.pools:
        chain.append(after)
        after = policy.pools[after].overflow
    return tuple(chain)


def _line(column: Column, code: int) -> Line:
    held = column.values[code]
    listed = [one for one in held if isinstance(one, list)] if isinstance(held, list) else []
    entries = [(str(one), int(str(weight)), str(why)) for one, weight, why in listed]
    free = {one: weight for one, weight, why in entries if not why}
    able = {one: weight for one, weight, why in entries if not why or why.startswith(_SUITED)}
    capped = {one: weight for one, weight, why in entries if why.endswith(_CAPS)}
    return Line(frozenset(one for one, _, _ in entries), free, able, capped)
