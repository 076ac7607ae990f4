"""When somebody may be told, by their own clock: outside quiet hours, or with the next digest."""

from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from libs.policy.notices import DAYS, QuietHours
from libs.policy.policy import Policy
from services.notify.domain.notice import Member

_MINUTE = timedelta(minutes=1)
_DAYS_LOOKED_AT = 15


def zone_of(member: Member | None, policy: Policy) -> ZoneInfo:
    """Whose clock counts: the member's own zone, their calendar's, or the policy's for everybody."""
    calendars = policy.sla.calendars
    calendar = calendars.get(member.calendar) if member is not None else None
    common = policy.notices.time_zone or calendars[policy.sla.default_calendar].time_zone
    for name in (member.time_zone if member is not None else "", calendar.time_zone if calendar else "", common):
        try:
            return ZoneInfo(name)
        except (ZoneInfoNotFoundError, ValueError, OSError):  # a record may hold any text
            continue
    raise AssertionError("the policy's zones were checked")


def is_quiet(at: datetime, zone: ZoneInfo, quiet: QuietHours) -> bool:
    """Whether somebody in that zone is left alone at that instant."""
    local = at.astimezone(zone)
    if DAYS[local.weekday()] in quiet.days_off:
        return True
    now = local.time().replace(second=0, microsecond=0)
    if quiet.start < quiet.end:
        return quiet.start <= now < quiet.end
    return now >= quiet.start or now < quiet.end


def loud_from(at: datetime, zone: ZoneInfo, quiet: QuietHours | None) -> datetime:
    """The first instant from `at` on that is not quiet (UTC): `at` itself, or a whole minute."""
    if quiet is None or not is_quiet(at, zone, quiet):
        return at.astimezone(UTC)
    moments = _moments(at, zone, (time(0), time(0, fold=1), quiet.end, quiet.end.replace(fold=1)))
    ends = (one for one in moments if one > at and not is_quiet(one, zone, quiet))
    found = min(ends)
    while found - _MINUTE > at and not is_quiet(found - _MINUTE, zone, quiet):
        found -= _MINUTE  # the hour that a clock change skips held the end: it is over where the clock goes on
    return found


def digest_due(at: datetime, zone: ZoneInfo, times: Sequence[time], quiet: QuietHours | None) -> datetime:
    """When what is collected at `at` goes out (UTC): the next of the times after it, or when quiet hours end after that."""
    return loud_from(min(one for one in _moments(at, zone, times) if one > at), zone, quiet)


def _moments(at: datetime, zone: ZoneInfo, times: Sequence[time]) -> list[datetime]:
    """The times of each day around and after `at`, as instants; of a time that comes twice, the one that its `fold` says."""
    day = at.astimezone(zone).date() - timedelta(days=1)
    days = [day + timedelta(days=number) for number in range(_DAYS_LOOKED_AT)]
    return [datetime.combine(one, moment, zone).astimezone(UTC) for one in days for moment in times]
