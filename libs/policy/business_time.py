"""Working time: when a promise of so many working minutes ends."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from libs.policy.sla import BusinessCalendar

_HORIZON_DAYS = 366 * 20


def due_at(start: datetime, minutes: int, calendar: BusinessCalendar) -> datetime:
    """When `minutes` working minutes after `start` are over (UTC). Working time is elapsed time: the hour that a clock
    change adds or takes inside a shift counts.

    Raises ValueError when `start` has no time zone, or the calendar has no such time within 20 years.
    """
    left = timedelta(minutes=minutes)
    now = _aware(start)
    for begin, end in shifts_from(now, calendar):
        if end - begin >= left:
            return begin + left
        left -= end - begin
    raise ValueError("the calendar never reaches the end of that time")


def working_minutes(start: datetime, end: datetime, calendar: BusinessCalendar) -> float:
    """Working minutes between two instants; 0 when `end` is not after `start`."""
    first, last = _aware(start), _aware(end)
    total = timedelta()
    for begin, finish in shifts_from(first, calendar):
        if begin >= last:
            break
        total += max(min(finish, last) - begin, timedelta())
    return total / timedelta(minutes=1)


def is_open(at: datetime, calendar: BusinessCalendar) -> bool:
    """True when people work at that instant."""
    return opens_at(at, calendar) <= _aware(at)


def opens_at(at: datetime, calendar: BusinessCalendar) -> datetime:
    """When people work next (UTC): `at` itself inside working hours. Raises ValueError when they never do again."""
    begin, _ = next(shifts_from(_aware(at), calendar))
    return begin


def _aware(at: datetime) -> datetime:
    if at.tzinfo is None:
        raise ValueError("a time needs its time zone")
    return at.astimezone(UTC)


def shifts_from(start: datetime, calendar: BusinessCalendar) -> Iterator[tuple[datetime, datetime]]:
    """What is left of the shifts from `start` on, in order, as UTC; overlapping ones count once."""
    zone = ZoneInfo(calendar.time_zone)
    day = start.astimezone(zone).date()
    reached = start
    for offset in range(-1, _HORIZON_DAYS):
        for begin, end in _shifts_of(day + timedelta(days=offset), zone, calendar):
            if end > reached:
                yield max(begin, reached), end
                reached = end
    raise ValueError("the calendar never reaches the end of that time")


def _shifts_of(day: date, zone: ZoneInfo, calendar: BusinessCalendar) -> list[tuple[datetime, datetime]]:
    return sorted(
        (
            datetime.combine(day, shift.start, zone).astimezone(UTC),
            datetime.combine(day, shift.end, zone).astimezone(UTC),
        )
        for shift in calendar.shifts(day)
    )
