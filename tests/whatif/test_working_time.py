"""Promises reckoned together end when each would by itself."""

from datetime import UTC, date, datetime, time, timedelta

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from bench.history.course import policy
from libs.policy.business_time import due_at
from libs.policy.sla import BusinessCalendar, Shift, Week
from whatif.feeds import instant, micros
from whatif.working_time import working_time

ZONES = ("America/New_York", "Europe/Berlin", "Asia/Kathmandu", "UTC")
CLOCK_CHANGES = (
    datetime(2026, 10, 24, tzinfo=UTC),
    datetime(2026, 10, 31, tzinfo=UTC),
    datetime(2027, 3, 13, tzinfo=UTC),
)
shifts = st.tuples(st.integers(0, 22), st.integers(1, 12)).map(
    lambda held: Shift(start=time(held[0]), end=time(min(23, held[0] + held[1]), 59 if held[0] + held[1] > 22 else 0))
)


@st.composite
def calendars(draw: st.DrawFn) -> BusinessCalendar:
    """Calendars with several shifts a day, some overlapping, days off and days with other hours."""
    days = {day: tuple(draw(st.lists(shifts, max_size=3))) for day in Week.model_fields}
    days["wed"] = days["wed"] or (Shift(start=time(9), end=time(17)),)
    begin = date(2026, 10, 20)
    other = draw(st.dictionaries(st.integers(0, 20), st.lists(shifts, max_size=2).map(tuple), max_size=4))
    return BusinessCalendar(
        time_zone=draw(st.sampled_from(ZONES)),
        hours=Week(**days),
        exceptions={begin + timedelta(days=day): held for day, held in other.items()},
    )


@given(
    calendars(),
    st.lists(st.tuples(st.sampled_from(CLOCK_CHANGES), st.integers(0, 6 * 24 * 3600 * 10**6)), min_size=1, max_size=20),
    st.integers(1, 4000),
)
def test_many_promises_end_when_each_would(
    calendar: BusinessCalendar, held: list[tuple[datetime, int]], minutes: int
) -> None:
    starts = [begin + timedelta(microseconds=after) for begin, after in held]
    times = np.array([micros(one) for one in starts])
    reckoned = working_time(calendar, int(times.min()), int(times.max()), minutes).due_at(times, minutes)
    assert reckoned.tolist() == [micros(due_at(one, minutes, calendar)) for one in starts]


def test_the_shipped_calendars_agree_at_every_hour_of_two_weeks() -> None:
    for calendar in policy().sla.calendars.values():
        times = np.array([micros(datetime(2026, 11, 20, tzinfo=UTC) + timedelta(hours=n)) for n in range(24 * 14)])
        reckoned = working_time(calendar, int(times[0]), int(times[-1]), 240).due_at(times, 240)
        assert reckoned.tolist() == [micros(due_at(instant(one), 240, calendar)) for one in times.tolist()]
