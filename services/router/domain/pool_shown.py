"""A pool as people look at it: who is in it, what each got and is owed, who could take a lead now, and who is next."""

from collections.abc import Mapping
from datetime import datetime

from libs.contracts.lead import TurnMember
from libs.policy.policy import Policy
from libs.policy.routing import Pool
from services.router.domain.fairness import LEAD, Place
from services.router.domain.free_again import away_since, free_again
from services.router.domain.hours import local_day
from services.router.domain.known import Known
from services.router.domain.records import Load
from services.router.domain.shown import Shown
from services.router.domain.turns import calendar_in, caps_of, counts_on, line_in, turn_in


class Anybody:
    """A lead of which nothing is known: nobody is passed over for a language or a skill."""

    def text(self, field: str) -> str:  # noqa: ARG002 - whatever is asked
        """Nothing."""
        return ""


def pool_shown(name: str, policy: Policy, known: Known, waiting: Mapping[str, int], now: datetime) -> Shown:
    """The pool now. `waiting`: leads that wait for a person, by queue. Raises KeyError when the policy has no such pool."""
    pool = policy.pools[name]
    line = line_in(name, Anybody(), policy, known, now)
    free = sum(one.weight for one in line if not one.why_not)
    turn = turn_in(name, Anybody(), policy, known, now)
    return {
        "pool": name,
        "title": pool.title,
        "next": turn.member.record_id if turn.member else None,
        "next_in": turn.pool if turn.member else None,
        "free": sum(not one.why_not for one in line),
        "overflow": pool.overflow,
        "when_empty": pool.when_empty,
        "waiting": waiting.get(pool.when_empty, 0),
        "members": [_member(one, name, pool, policy, known, free, now) for one in line],
    }


def _member(seen: TurnMember, name: str, pool: Pool, policy: Policy, known: Known, free: int, now: datetime) -> Shown:
    member, place = known.members[seen.member], known.places.get((name, seen.member), Place())
    load, calendar = known.loads.get(seen.member, Load()), calendar_in(member, pool, policy, known)
    today, this_week = counts_on(load, local_day(now, calendar))
    free_at = free_again(member, pool, load, calendar, now) if seen.why_not else None
    since = away_since(member, now)
    return {
        "member": seen.member,
        "name": member.name or seen.member,
        "weight": seen.weight,
        "share": seen.weight / free if free and not seen.why_not else 0.0,
        "taken": place.taken if place.weight else 0,
        "owed": round(place.owed / LEAD, 2),
        "why_not": seen.why_not,
        "since": since.isoformat() if since else None,
        "until": free_at.isoformat() if free_at else None,
        "today": today,
        "this_week": this_week,
        "untouched": load.open_leads,
        "caps": caps_of(member, pool)._asdict(),
    }
