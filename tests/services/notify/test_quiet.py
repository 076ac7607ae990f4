"""Quiet hours and digests by a member's own clock: compared with a clock that is read minute by minute, across clock changes."""

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import event, example, given
from hypothesis import strategies as st
from pydantic import ValidationError

from libs.policy.notices import DAYS, QuietHours
from services.notify.domain.quiet import digest_due, is_quiet, loud_from, zone_of
from tests.services.notify.world import ANN, policy

ZONES = [
    ZoneInfo(one)
    for one in ("Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "UTC")
]
CHANGES = [
    datetime(2026, 3, 29, 1, tzinfo=UTC), datetime(2026, 10, 25, 1, tzinfo=UTC), datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2026, 3, 8, 7, tzinfo=UTC), datetime(2026, 4, 4, 15, tzinfo=UTC), datetime(2026, 10, 3, 15, 30, tzinfo=UTC),
    datetime(2026, 9, 6, 4, tzinfo=UTC),
]  # fmt: skip
"""When clocks change in these zones: Berlin, New York, half an hour on Lord Howe, at midnight in Santiago."""
times = st.builds(time, st.integers(0, 23), st.sampled_from([0, 1, 15, 30, 59]))
near = st.builds(
    lambda change, minutes: change + timedelta(minutes=minutes), st.sampled_from(CHANGES), st.integers(-2000, 2000)
)
hours = st.builds(
    lambda start, end, off: (start, end, tuple(sorted(off))), times, times, st.sets(st.sampled_from(DAYS), max_size=3)
).filter(lambda one: one[0] != one[1])


def slow_quiet(at: datetime, zone: ZoneInfo, start: time, end: time, off: tuple[str, ...]) -> bool:
    """By the numbers on a wall clock, written another way than the code's."""
    local = at.astimezone(zone)
    if DAYS[local.weekday()] in off:
        return True
    first, last, now = (one.hour * 60 + one.minute for one in (start, end, local))
    return (now - first) % 1440 < (last - first) % 1440


@given(near, st.sampled_from(ZONES), hours)
@example(datetime(2026, 10, 25, 1, 15, tzinfo=UTC), ZONES[0], (time(22), time(2, 30), ()))  # 02:15 for the second time
@example(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), ZONES[0], (time(22), time(2, 30), ()))  # 02:30 never comes
def test_it_is_over_at_the_first_minute_that_is_not_quiet(
    at: datetime, zone: ZoneInfo, hours: tuple[time, time, tuple[str, ...]]
) -> None:
    start, end, off = hours
    quiet = QuietHours(start=start, end=end, days_off=off)
    assert is_quiet(at, zone, quiet) == slow_quiet(at, zone, start, end, off)
    found = loud_from(at, zone, quiet)
    wanted = at
    while slow_quiet(wanted, zone, start, end, off):
        wanted += timedelta(minutes=1)
    assert found == wanted
    event("held" if found > at else "at once")
    event(f"over a clock change: {at.astimezone(zone).utcoffset() != found.astimezone(zone).utcoffset()}")
    assert loud_from(found, zone, quiet) == found


@given(near, st.sampled_from(ZONES), hours, st.lists(times, min_size=1, max_size=3))
def test_a_digest_comes_later_and_never_in_quiet_hours(
    at: datetime, zone: ZoneInfo, hours: tuple[time, time, tuple[str, ...]], at_times: list[time]
) -> None:
    quiet = QuietHours(start=hours[0], end=hours[1], days_off=hours[2])
    due = digest_due(at, zone, at_times, quiet)
    assert due > at
    assert not is_quiet(due, zone, quiet)
    loose = digest_due(at, zone, at_times, None)
    local = loose.astimezone(zone)
    by_the_clock = local.time().replace(tzinfo=None) in at_times
    skipped = local.utcoffset() != (loose - timedelta(hours=2)).astimezone(zone).utcoffset()
    assert by_the_clock or skipped
    assert due >= loose
    assert loose - at <= timedelta(hours=25)


def test_a_second_within_the_last_quiet_minute_is_quiet() -> None:
    quiet = QuietHours(start=time(19), end=time(8))
    at = datetime(2026, 1, 5, 7, 59, 59, 999, tzinfo=UTC)
    assert loud_from(at, ZONES[-1], quiet) == datetime(2026, 1, 5, 8, tzinfo=UTC)


def test_whose_clock() -> None:
    held = policy("time_zone: Asia/Tokyo\n")
    assert zone_of(ANN, held).key == "Europe/Berlin"
    assert zone_of(None, held).key == "Asia/Tokyo"
    from dataclasses import replace  # noqa: PLC0415

    assert zone_of(replace(ANN, time_zone="Mars/Base", calendar="sales_us"), held).key == "America/New_York"
    assert zone_of(replace(ANN, time_zone="../etc/passwd"), policy("rules: []\n")).key == "America/New_York"


@pytest.mark.parametrize(
    "wrong", [{"start": time(8), "end": time(8)}, {"start": time(8), "end": time(9), "days_off": DAYS}]
)
def test_hours_that_never_end_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        QuietHours.model_validate(wrong)
