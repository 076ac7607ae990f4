"""Whose turn it is: smooth weighted round robin over the members of a pool who can take a lead now.

Each eligible member's running weight grows by their weight; the one with the most is picked and pays the total. With
equal weights nobody is ever more than one lead away from their share. Who is away neither gains nor loses, so that
joining, leaving or returning causes no flood. As in nginx's upstream balancing (smooth weighted round robin).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from libs.contracts.lead import Lead, PoolTurn, TurnMember
from libs.policy.routing import Pool
from services.router.domain.known import Known
from services.router.domain.records import Load, Member


@dataclass(frozen=True, slots=True)
class Turn:
    """The member whose turn it is, with the state after it; or nobody, and why each could not."""

    pool: str
    member: Member | None
    why: str
    turns: Mapping[tuple[str, str], int]
    loads: Mapping[str, Load]
    seen: PoolTurn


def next_turn(name: str, pool: Pool, lead: Lead, known: Known, now: datetime) -> Turn:
    """Whose turn it is in a pool."""
    members = sorted((one for one in known.members.values() if name in one.pools and not one.gone), key=_id)
    refused = {one.record_id: why for one in members if (why := _cannot(one, pool, known, now))}
    free = [one for one in members if one.record_id not in refused]
    if not free:
        reasons = ", ".join(f"{known.members[one].name or one}: {why}" for one, why in sorted(refused.items()))
        why = f"nobody of the pool {name} can take it ({reasons or 'it has no members'})"
        return Turn(name, None, why, {}, {}, _seen(name, pool, members, refused, None))
    speakers = _speakers(free, lead.text("language")) if pool.match_language else free
    weights = {one.record_id: one.weight or pool.default_weight for one in speakers}
    running = {one: known.turns.get((name, one), 0) + weight for one, weight in weights.items()}
    picked = max(speakers, key=lambda one: (running[one.record_id], _later_first(one)))
    running[picked.record_id] -= sum(weights.values())
    load = _loaded(known.loads.get(picked.record_id, Load()), now)
    why = f"turn of {picked.name or picked.record_id} in the pool {name} ({len(speakers)} could take it)"
    refused |= {one.record_id: "speaks another language" for one in free if one not in speakers}
    seen = _seen(name, pool, members, refused, picked)
    turns = {(name, one): weight for one, weight in running.items()}
    return Turn(name, picked, why, turns, {picked.record_id: load}, seen)


def _seen(
    name: str, pool: Pool, members: Sequence[Member], refused: Mapping[str, str], picked: Member | None
) -> PoolTurn:
    line = (
        TurnMember(
            member=one.record_id, weight=one.weight or pool.default_weight, why_not=refused.get(one.record_id, "")
        )
        for one in members
    )
    return PoolTurn(pool=name, members=tuple(line), picked=None if picked is None else picked.record_id)


def _id(member: Member) -> str:
    return member.record_id


def _later_first(member: Member) -> tuple[int, ...]:
    """Of equals the smallest id: an order that no batch and no clock changes."""
    return tuple(-ord(letter) for letter in member.record_id)


def _speakers(members: Sequence[Member], language: str) -> Sequence[Member]:
    wanted = language.casefold()[:2]
    speaking = [one for one in members if wanted and wanted in {held.casefold()[:2] for held in one.languages}]
    return speaking or members


def _cannot(member: Member, pool: Pool, known: Known, now: datetime) -> str:
    """Why a member can't take a lead now; empty when they can."""
    load = known.loads.get(member.record_id, Load())
    today = load.day_leads if load.day == now.date().isoformat() else 0
    daily, open_cap = member.daily_cap or pool.daily_cap, member.open_cap or pool.open_leads_cap
    if not member.active:
        return "not active"
    if any(one.since <= now and (one.until is None or now < one.until) for one in member.absences):
        return "away"
    if (member.weight or pool.default_weight) <= 0:
        return "weight 0"
    if daily is not None and today >= daily:
        return f"has {today} leads today"
    if open_cap is not None and load.open_leads >= open_cap:
        return f"has {load.open_leads} untouched leads"
    return ""


def _loaded(load: Load, now: datetime) -> Load:
    today = now.date().isoformat()
    return Load(load.open_leads + 1, today, (load.day_leads if load.day == today else 0) + 1)


def released(load: Load) -> Load:
    """The load of a member when a lead was touched or taken from them."""
    return replace(load, open_leads=max(0, load.open_leads - 1))
