"""Calendars as they are today: the policy's, with the exceptions that are records."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

from libs.policy.policy import Policy
from libs.policy.sla import BusinessCalendar, Shift
from services.router.domain.records import DayException


def calendar_of(policy: Policy, name: str | None, exceptions: Iterable[DayException]) -> BusinessCalendar:
    """The calendar of that name, the default one when the policy has none of it, with the exceptions that name it or
    its country; what names the calendar itself wins."""
    calendars, default = policy.sla.calendars, policy.sla.default_calendar
    known = name if name in calendars else default
    held = calendars[known]
    mine = [
        one
        for one in exceptions
        if one.day and (one.calendar == known or (one.country and one.country == held.country))
    ]
    in_order = sorted(mine, key=lambda one: (one.calendar == known, one.record_id))
    return held.with_exceptions({day: shifts for one in in_order for day, shifts in _days(one).items()})


def _days(exception: DayException) -> Mapping[date, tuple[Shift, ...]]:
    try:
        shifts = tuple(Shift(start=time.fromisoformat(a), end=time.fromisoformat(b)) for a, b in exception.shifts)
        return {date.fromisoformat(exception.day): shifts}
    except ValueError:
        return {}  # crm refuses such records; one that came another way changes nobody's hours


def local_day(at: datetime, calendar: BusinessCalendar) -> str:
    """The calendar's date at that instant (ISO)."""
    return at.astimezone(ZoneInfo(calendar.time_zone)).date().isoformat()


@lru_cache(1024)
def monday_of(day: str) -> str:
    """The Monday of a date's week, both ISO."""
    held = date.fromisoformat(day)
    return (held - timedelta(days=held.weekday())).isoformat()
