"""Days and weeks: ISO weeks of the organisation's time zone."""

import re
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from libs.policy.policy import Policy

UTC_NAME = "UTC"
_WEEK = re.compile(r"(\d{4})-W(\d{2})")


def zone_of(policy: Policy | None) -> str:
    """The organisation's zone: that of the policy's default calendar; UTC while no policy is known."""
    return UTC_NAME if policy is None else policy.sla.calendar().time_zone


def day_of(at: datetime, zone: str) -> date:
    """The day of an instant."""
    return at.astimezone(ZoneInfo(zone)).date()


def week_of(day: date) -> str:
    """The ISO week of a day, as 2026-W47."""
    year, week, _ = day.isocalendar()
    return f"{year:04}-W{week:02}"


def days_of(week: str) -> tuple[date, date]:
    """The Monday and the Sunday of an ISO week. Raises ValueError, in words, for what is none."""
    told = _WEEK.fullmatch(week)
    try:
        monday = date.fromisocalendar(int(told[1]), int(told[2]), 1) if told else None
        return (monday, monday + timedelta(days=6)) if monday else _refused()
    except (ValueError, OverflowError):
        return _refused()


def _refused() -> tuple[date, date]:
    raise ValueError("that is no week: write it as 2026-W47, from W01 to W52 or W53")


def week_before(week: str) -> str:
    """The week before."""
    return week_of(days_of(week)[0] - timedelta(days=1))


def last_full_week(now: datetime, zone: str) -> str:
    """The week that ended last."""
    return week_of(day_of(now.astimezone(UTC), zone) - timedelta(days=7))
