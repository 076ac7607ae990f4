"""Working time: weekends, breaks, holidays, clock changes."""

from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.policy.business_time import due_at, is_open, working_minutes
from libs.policy.sla import BusinessCalendar, Shift, Week

DAY = (Shift(start=time(9), end=time(12)), Shift(start=time(13), end=time(18)))
BERLIN = BusinessCalendar(
    time_zone="Europe/Berlin",
    hours=Week(mon=DAY, tue=DAY, wed=DAY, thu=DAY, fri=DAY),
    holidays=(date(2026, 12, 25),),
)
NIGHTS = BusinessCalendar(time_zone="Europe/Berlin", hours=Week(sun=(Shift(start=time(0), end=time(6)),)))
NEW_YORK = BusinessCalendar(time_zone="America/New_York", hours=Week(mon=DAY, tue=DAY, wed=DAY, thu=DAY, fri=DAY))
KIRITIMATI = BusinessCalendar(time_zone="Pacific/Kiritimati", hours=Week(mon=(Shift(start=time(9), end=time(10)),)))
OVERLAP = BusinessCalendar(
    time_zone="UTC", hours=Week(mon=(Shift(start=time(9), end=time(12)), Shift(start=time(11), end=time(13))))
)
CALENDARS = (BERLIN, NIGHTS, NEW_YORK, KIRITIMATI, OVERLAP)


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("calendar", "start", "minutes", "due"),
    [
        (BERLIN, "2026-11-23T08:00", 60, "2026-11-23T09:00"),
        (BERLIN, "2026-11-23T03:00", 60, "2026-11-23T09:00"),
        (BERLIN, "2026-11-23T10:30", 60, "2026-11-23T12:30"),
        (BERLIN, "2026-11-23T10:00", 60, "2026-11-23T11:00"),
        (BERLIN, "2026-11-27T16:30", 60, "2026-11-30T08:30"),
        (BERLIN, "2026-12-24T16:30", 60, "2026-12-28T08:30"),
        (BERLIN, "2026-11-23T08:00", 480, "2026-11-23T17:00"),
        (NIGHTS, "2026-03-28T12:00", 300, "2026-03-29T04:00"),
        (NIGHTS, "2026-03-28T12:00", 301, "2026-04-04T22:01"),
        (NIGHTS, "2026-10-24T12:00", 420, "2026-10-25T05:00"),
        (NEW_YORK, "2026-11-23T22:30", 60, "2026-11-24T14:30"),
        (KIRITIMATI, "2026-11-22T18:00", 30, "2026-11-22T19:30"),
        (OVERLAP, "2026-11-23T09:00", 240, "2026-11-23T13:00"),
    ],
)
def test_due_at(calendar: BusinessCalendar, start: str, minutes: int, due: str) -> None:
    assert due_at(utc(start), minutes, calendar) == utc(due)


def test_a_time_without_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        due_at(datetime(2026, 11, 23, 9), 5, BERLIN)


def test_is_open() -> None:
    assert is_open(utc("2026-11-23T08:00"), BERLIN)
    assert not is_open(utc("2026-11-23T11:30"), BERLIN)
    assert not is_open(utc("2026-11-22T09:00"), BERLIN)


starts = st.datetimes(datetime(2026, 1, 1), datetime(2027, 12, 31)).map(lambda at: at.replace(tzinfo=UTC))


@given(st.sampled_from(CALENDARS), starts, st.integers(1, 5000))
def test_exactly_the_promised_minutes_pass(calendar: BusinessCalendar, start: datetime, minutes: int) -> None:
    due = due_at(start, minutes, calendar)
    assert due > start
    assert working_minutes(start, due, calendar) == pytest.approx(minutes)


@given(st.sampled_from(CALENDARS), starts, st.integers(1, 3000), st.integers(1, 3000))
def test_promises_add_up(calendar: BusinessCalendar, start: datetime, one: int, other: int) -> None:
    assert due_at(due_at(start, one, calendar), other, calendar) == due_at(start, one + other, calendar)


@given(st.sampled_from(CALENDARS), starts, starts, st.integers(1, 500))
def test_who_comes_later_is_due_no_earlier(calendar: BusinessCalendar, a: datetime, b: datetime, minutes: int) -> None:
    first, second = sorted([a, b])
    assert due_at(first, minutes, calendar) <= due_at(second, minutes, calendar)
    if second - first < timedelta(minutes=1):
        assert working_minutes(first, second, calendar) <= 1
