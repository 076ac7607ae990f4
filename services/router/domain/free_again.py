"""When somebody can take a lead again, where time alone decides: absences end, hours begin, days and weeks go by."""

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from libs.policy.business_time import is_open, opens_at
from libs.policy.routing import Pool
from libs.policy.sla import BusinessCalendar
from services.router.domain.hours import local_day, monday_of
from services.router.domain.records import Absence, Load, Member
from services.router.domain.turns import cannot, caps_of

MAX_STEPS = 400
"""Absences, nights and full days that are looked past: about a year of them."""


def free_again(member: Member, pool: Pool, load: Load, calendar: BusinessCalendar, now: datetime) -> datetime | None:
    """The first instant from `now` on at which the member could take some lead (UTC), if they get none until then.

    None: a person has to change something, a lead has to be touched, or it is too far away to tell.
    """
    at = now.astimezone(UTC)
    for _ in range(MAX_STEPS):
        if not cannot(member, pool, load, calendar, at):
            return at
        later = _over(member, pool, load, calendar, at)
        if later is None or later <= at:
            return None
        at = later
    return None


def away_since(member: Member, now: datetime) -> datetime | None:
    """When the absence began that holds now (UTC); None when none does."""
    begun = [one.since for one in _held(member.absences, now)]
    return min(begun).astimezone(UTC) if begun else None


def _over(member: Member, pool: Pool, load: Load, calendar: BusinessCalendar, at: datetime) -> datetime | None:
    """When the first of what stands in the way at that instant is over; None when no time ends it."""
    if away := _held(member.absences, at):
        ends = [one.until for one in away if one.until is not None]
        return min(ends).astimezone(UTC) if ends else None
    if pool.only_in_hours and not is_open(at, calendar):
        return _opens(at, calendar)
    return _emptied(member, pool, load, calendar, local_day(at, calendar))


def _held(absences: Iterable[Absence], at: datetime) -> list[Absence]:
    return [one for one in absences if one.since <= at and (one.until is None or at < one.until)]


def _opens(at: datetime, calendar: BusinessCalendar) -> datetime | None:
    try:
        return opens_at(at, calendar)
    except ValueError:
        return None  # a calendar without hours: nobody works by it


def _emptied(member: Member, pool: Pool, load: Load, calendar: BusinessCalendar, today: str) -> datetime | None:
    """When what was counted begins again; None for leads that nobody touched, and for what was not counted: a cap of 0."""
    caps = caps_of(member, pool)
    if caps.untouched is not None and load.open_leads >= caps.untouched:
        return None
    if caps.weekly is not None and load.week >= monday_of(today) and load.week_leads >= caps.weekly:
        return _midnight(load.week, 7, calendar)
    return _midnight(load.day, 1, calendar) if load.day >= today else None


def _midnight(day: str, later: int, calendar: BusinessCalendar) -> datetime:
    begins = date.fromisoformat(day) + timedelta(days=later)
    return datetime.combine(begins, time(), ZoneInfo(calendar.time_zone)).astimezone(UTC)
