"""Times as people write them on the command line: `2026-11-23 14:05`, `2026-11-23`, `today`, `yesterday`, `2h`, `now`."""

import re
from datetime import UTC, datetime, timedelta

from cli.errors import CliError
from libs.runtime import clock

FORMS = "2026-11-23, '2026-11-23 14:05', today, yesterday, now, or how long ago: 90m, 2h, 7d"
_AGO = re.compile(r"(\d{1,6})([mhdw])")
_UNITS = {"m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_DAY = re.compile(r"\d{4}-\d{2}-\d{2}")
DAY, MICROSECOND = timedelta(days=1), timedelta(microseconds=1)


def moment_of(text: str, now: datetime, *, is_end: bool = False) -> datetime:
    """The time that a text names; without a zone it is UTC. A day alone is its first moment, or with `is_end` its last.
    Raises ValueError when it names none."""
    told = text.strip().lower()
    if told == "now":
        return now
    if ago := _AGO.fullmatch(told):
        try:
            return now - timedelta(**{_UNITS[ago[2]]: int(ago[1])})
        except OverflowError:
            raise ValueError("longer ago than time goes") from None
    days = {"today": now, "yesterday": now - DAY}
    if told in days or _DAY.fullmatch(told):
        day = days[told].strftime("%Y-%m-%d") if told in days else told
        begins = datetime.fromisoformat(day).replace(tzinfo=UTC)
        return begins + DAY - MICROSECOND if is_end else begins
    found = datetime.fromisoformat(text.strip())
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def moment(text: str | None, option: str, *, is_end: bool = False) -> str | None:
    """The time that an option names, as APIs take it; None for none. Raises CliError when it can't be read."""
    if text is None:
        return None
    try:
        return moment_of(text, clock.now(), is_end=is_end).isoformat()
    except (ValueError, OverflowError):
        raise CliError(f"{text!r} is no time", f"option {option}", f"write {FORMS}; without a zone it is UTC") from None
