"""When a member can take a lead again: not a moment before it is so, and so at that moment."""

from datetime import UTC, datetime, time, timedelta

import pytest
from hypothesis import event, given, settings
from hypothesis import strategies as st

from libs.policy.routing import Pool
from libs.policy.sla import BusinessCalendar, Shift
from services.router.domain.free_again import away_since, free_again
from services.router.domain.hours import local_day, monday_of
from services.router.domain.records import Absence, Load, Member
from services.router.domain.turns import cannot

NOON = datetime(2026, 3, 5, 12, tzinfo=UTC)
"""A Thursday; summer time begins on the 8th in New York and on the 29th in Berlin."""
ZONES = ("UTC", "America/New_York", "Europe/Berlin", "Asia/Kolkata", "Pacific/Auckland")
MINUTES = st.integers(-3 * 24 * 60, 20 * 24 * 60).map(lambda n: NOON + timedelta(minutes=n))
CAPS = st.sampled_from((None, None, 0, 1, 2, 3, 4, 5))


def calendar(zone: str = "UTC", days: str = "mon tue wed thu fri") -> BusinessCalendar:
    """From nine to five."""
    shift = (Shift(start=time(9), end=time(17)),)
    return BusinessCalendar(time_zone=zone, hours=dict.fromkeys(days.split(), shift))  # type: ignore[arg-type]


@st.composite
def absences(draw: st.DrawFn) -> Absence:
    begin = draw(MINUTES)
    length = draw(st.integers(0, 5 * 24 * 60))
    return Absence(begin, begin + timedelta(minutes=length) if length else None)


@st.composite
def members(draw: st.DrawFn) -> Member:
    return Member(
        "ann",
        1,
        active=draw(st.integers(0, 19)) < 19,
        on_hold=draw(st.integers(0, 19)) == 19,
        weight=draw(st.sampled_from((None, None, 1, 1, 1, 1, 0))),
        daily_cap=draw(CAPS),
        weekly_cap=draw(CAPS),
        open_cap=draw(st.sampled_from((None, None, None, 9, 3))),
        absences=tuple(draw(st.lists(absences(), max_size=4))),
    )


@st.composite
def loads(draw: st.DrawFn, zone: str) -> Load:
    """What was counted last: never, today, on another day, or, by a worker whose clock goes before, tomorrow."""
    if draw(st.integers(0, 4)) == 4:
        return Load()
    day = local_day(NOON + timedelta(days=draw(st.integers(-2, 1))), calendar(zone))
    week = draw(st.integers(0, 5))
    return Load(draw(st.integers(0, 5)), day, draw(st.integers(0, week)), monday_of(day), week)


@settings(max_examples=300, deadline=None)
@given(st.data(), members(), st.sampled_from(ZONES), st.booleans())
def test_the_first_instant_at_which_nothing_stands_in_the_way(
    data: st.DataObject, member: Member, zone: str, in_hours: bool
) -> None:
    hours, load = calendar(zone), data.draw(loads(zone))
    pool = Pool(title="", when_empty="unassigned", only_in_hours=in_hours)
    found = free_again(member, pool, load, hours, NOON)
    until = found or NOON + timedelta(days=40)
    steps = int((until - NOON) / timedelta(minutes=30)) + 1
    tried = [NOON + timedelta(minutes=30 * step) for step in range(steps)] + [until - timedelta(microseconds=1)]
    assert all(cannot(member, pool, load, hours, at) for at in tried if NOON <= at < until)
    assert found is None or not cannot(member, pool, load, hours, found)
    event("now" if found == NOON else "never" if found is None else "later")


@pytest.mark.parametrize(
    ("member", "load", "told"),
    [
        (Member("ann", 1, daily_cap=2), Load(2, "2026-03-05", 2, "2026-03-02", 2), "2026-03-06T05:00"),
        (Member("ann", 1, weekly_cap=2), Load(2, "2026-03-05", 1, "2026-03-02", 2), "2026-03-09T04:00"),
        (Member("ann", 1, daily_cap=2), Load(2, "2026-03-06", 2, "2026-03-02", 2), "2026-03-07T05:00"),
        (Member("ann", 1, open_cap=2, daily_cap=2), Load(2, "2026-03-05", 2, "2026-03-02", 2), None),
        (Member("ann", 1, on_hold=True), Load(), None),
    ],
)
def test_days_and_weeks_begin_at_midnight_of_the_members_calendar(member: Member, load: Load, told: str | None) -> None:
    """In New York; its summer time began on the Sunday before that Monday."""
    pool = Pool(title="", when_empty="unassigned")
    found = free_again(member, pool, load, calendar("America/New_York"), NOON)
    assert (found.isoformat()[:16] if found else None) == told


def test_an_absence_that_ends_at_night_is_followed_by_the_night() -> None:
    back = datetime(2026, 3, 6, 22, tzinfo=UTC)
    member = Member("ann", 1, absences=(Absence(NOON - timedelta(days=1), back), Absence(back - timedelta(1), None)))
    pool = Pool(title="", when_empty="unassigned", only_in_hours=True)
    once = Member("ann", 1, absences=member.absences[:1])
    assert free_again(once, pool, Load(), calendar(), NOON) == datetime(2026, 3, 9, 9, tzinfo=UTC)
    assert free_again(member, pool, Load(), calendar(), NOON) is None
    assert away_since(once, NOON) == NOON - timedelta(days=1)
    assert away_since(once, back) is None
