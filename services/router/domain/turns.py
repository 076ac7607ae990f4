"""Whose turn it is in a pool: who could take this lead now, and among them who is owed the most (see `fairness`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple, Protocol

from libs.contracts.lead import PoolTurn, TurnMember
from libs.policy.business_time import is_open
from libs.policy.policy import Policy
from libs.policy.routing import Pool
from libs.policy.sla import BusinessCalendar
from services.router.domain.fairness import Place, turn_among
from services.router.domain.hours import calendar_of, local_day, monday_of
from services.router.domain.known import Known
from services.router.domain.records import Load, Member


class Worded(Protocol):
    """What a turn asks of a lead."""

    def text(self, field: str) -> str:
        """A text field; empty when it is not known."""
        ...


@dataclass(frozen=True, slots=True)
class Turn:
    """The member whose turn it is, with the state after it; or nobody, and why each could not."""

    pool: str
    member: Member | None
    why: str
    places: Mapping[tuple[str, str], Place]
    loads: Mapping[str, Load]
    seen: PoolTurn


def next_turn(
    name: str, lead: Worded, policy: Policy, known: Known, now: datetime, had: frozenset[str] = frozenset()
) -> Turn:
    """Whose turn it is in a pool of the policy; not of those who `had` the lead. For an overflow pool see `turn_in`."""
    line = line_in(name, lead, policy, known, now, had)
    free = {one.member: one.weight for one in line if not one.why_not}
    if not free:
        told = ", ".join(f"{known.members[one.member].name or one.member}: {one.why_not}" for one in line)
        why = f"nobody of the pool {name} can take it ({told or 'it has no members'})"
        return Turn(name, None, why, {}, {}, PoolTurn(pool=name, members=line, picked=None))
    picked, places = turn_among(free, _places_of(name, known))
    member, load = known.members[picked], known.loads.get(picked, Load())
    why = f"turn of {member.name or picked} in the pool {name} ({len(free)} could take it)"
    stands = {(name, one): place for one, place in places.items()}
    seen = PoolTurn(pool=name, members=line, picked=picked)
    today = local_day(now, calendar_in(member, policy.pools[name], policy, known))
    return Turn(name, member, why, stands, {picked: loaded(load, today)}, seen)


def line_in(
    name: str, lead: Worded, policy: Policy, known: Known, now: datetime, had: frozenset[str] = frozenset()
) -> tuple[TurnMember, ...]:
    """Everybody in a pool by their id, with why they can't take this lead; empty: they can."""
    pool = policy.pools[name]
    members = sorted((one for one in known.members.values() if name in one.pools and not one.gone), key=_id)
    why_not = {one.record_id: _cannot_now(one, pool, policy, known, now) for one in members}
    why_not |= dict.fromkeys(had & why_not.keys(), "had it before")
    why_not |= unsuited([one for one in members if not why_not[one.record_id]], pool, lead)
    return tuple(
        TurnMember(member=one.record_id, weight=weight_of(one, pool), why_not=why_not[one.record_id]) for one in members
    )


def turn_in(
    name: str, lead: Worded, policy: Policy, known: Known, now: datetime, had: frozenset[str] = frozenset()
) -> Turn:
    """Whose turn it is in a pool or, when nobody there can take the lead, in the pool that it overflows into."""
    tried, turn = {name}, next_turn(name, lead, policy, known, now, had)
    while turn.member is None:
        after = policy.pools[turn.pool].overflow
        if after is None or after in tried or after not in policy.pools:
            return turn
        tried.add(after)
        further = next_turn(after, lead, policy, known, now, had)
        turn = replace(further, why=f"{turn.why}; {further.why}")
    return turn


def weight_of(member: Member, pool: Pool) -> int:
    """A member's weight in a pool; 0 is a member who gets nothing."""
    return pool.default_weight if member.weight is None else member.weight


def free_in(name: str, policy: Policy, known: Known, now: datetime) -> int:
    """How many members of a pool could take some lead now, whatever its language or subject."""
    pool = policy.pools[name]
    members = [one for one in known.members.values() if name in one.pools and not one.gone]
    return sum(not _cannot_now(one, pool, policy, known, now) for one in members)


def _id(member: Member) -> str:
    return member.record_id


def _places_of(name: str, known: Known) -> dict[str, Place]:
    return {member: place for (pool, member), place in known.places.items() if pool == name}


def calendar_in(member: Member, pool: Pool, policy: Policy, known: Known) -> BusinessCalendar:
    """The calendar that a member works by in a pool."""
    return calendar_of(policy, member.calendar or pool.calendar, known.exceptions.values())


def unsuited(free: Sequence[Member], pool: Pool, lead: Worded) -> dict[str, str]:
    """Who is passed over for this lead: another language, then another skill, while somebody has it or it is a must."""
    passed: dict[str, str] = {}
    language = lead.text("language").casefold()[:2]
    if language and (pool.match_language or pool.require_language):
        speaks = {one.record_id for one in free if language in {held.casefold()[:2] for held in one.languages}}
        passed |= _others(free, speaks, f"does not speak {language}", must=pool.require_language)
    wanted = {value for name in pool.match_skill if (value := lead.text(name).casefold()) not in ("", "unknown")}
    if wanted:
        able = {one.record_id for one in free if wanted <= {held.casefold() for held in one.skills}}
        left = [one for one in free if one.record_id not in passed]
        passed |= _others(left, able, f"has no skill {', '.join(sorted(wanted))}", must=pool.require_skill)
    return passed


def _others(free: Sequence[Member], fit: set[str], why: str, *, must: bool) -> dict[str, str]:
    others = [one.record_id for one in free if one.record_id not in fit]
    return dict.fromkeys(others, why) if must or len(others) < len(free) else {}


def _cannot_now(member: Member, pool: Pool, policy: Policy, known: Known, now: datetime) -> str:
    load = known.loads.get(member.record_id, Load())
    return cannot(member, pool, load, calendar_in(member, pool, policy, known), now)


def cannot(member: Member, pool: Pool, load: Load, calendar: BusinessCalendar, now: datetime) -> str:
    """Why a member can't take any lead now; empty when they can."""
    if not member.active:
        return "not active"
    if member.on_hold:
        return "on hold"
    if any(one.since <= now and (one.until is None or now < one.until) for one in member.absences):
        return "away"
    if weight_of(member, pool) <= 0:
        return "weight 0"
    if pool.only_in_hours and not is_open(now, calendar):
        return "outside working hours"
    return full_for(member, pool, load, local_day(now, calendar))


def full_for(member: Member, pool: Pool, load: Load, today: str) -> str:
    """Which cap a member has reached; empty when none."""
    (day, week), caps = counts_on(load, today), caps_of(member, pool)
    reached = (
        (day, caps.daily, f"has {day} leads today"),
        (week, caps.weekly, f"has {week} leads this week"),
        (load.open_leads, caps.untouched, f"has {load.open_leads} untouched leads"),
    )
    return next((why for count, cap, why in reached if cap is not None and count >= cap), "")


def counts_on(load: Load, today: str) -> tuple[int, int]:
    """A member's leads of that day and of its week, as they count for caps."""
    day = load.day_leads if load.day >= today else 0
    return day, load.week_leads if load.week >= monday_of(today) else 0


class Caps(NamedTuple):
    """How many leads a member may have: of a day, of a week, untouched. None: any number."""

    daily: int | None
    weekly: int | None
    untouched: int | None


def caps_of(member: Member, pool: Pool) -> Caps:
    """What holds for a member in a pool."""
    return Caps(
        _cap(member.daily_cap, pool.daily_cap),
        _cap(member.weekly_cap, pool.weekly_cap),
        _cap(member.open_cap, pool.open_leads_cap),
    )


def _cap(own: int | None, pools: int | None) -> int | None:
    """A member's own cap, also one of 0, before the pool's."""
    return pools if own is None else own


def loaded(load: Load, today: str) -> Load:
    """The load after one more lead on a day of the member's calendar (ISO).

    Days never go back: of two workers whose clocks differ, or two pools with other time zones, the later day counts, and
    no cap begins again around midnight.
    """
    latest, monday = max(load.day, today), max(load.week, monday_of(today))
    day = (load.day_leads if load.day == latest else 0) + 1
    week = (load.week_leads if load.week == monday else 0) + 1
    return Load(load.open_leads + 1, latest, day, monday, week)


def released(load: Load) -> Load:
    """The load of a member when a lead was touched or taken from them."""
    return replace(load, open_leads=max(0, load.open_leads - 1))
