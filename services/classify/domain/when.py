"""How many days away something is, by the phrase that says so and the day on which it was said."""

from collections.abc import Callable
from datetime import date, timedelta

from services.classify.domain.phrases import Found

HIGH_DAYS = 14
"""docs/labelling.md: within about two weeks is high."""
MEDIUM_DAYS = 365
"""docs/labelling.md: within about a year is medium; what is later, and "next year", is low."""
NEXT_YEAR_DAYS = MEDIUM_DAYS + 1
MID_TERM_DAYS = HIGH_DAYS + 1
"""A month, quarter or season that is named is a plan: it is never so close that it is urgent by that alone."""


def label_of(days: int) -> str | None:
    """high, medium or low by the days until then; None for what is over."""
    if days < 0:
        return None
    if days <= HIGH_DAYS:
        return "high"
    return "medium" if days <= MEDIUM_DAYS else "low"


def days_until(found: Found, today: date | None) -> int | None:
    """Days from today to what the phrase names; None when it names no time, or one that is over.

    Without `today` months, quarters and years that only a calendar could place count as within the year.
    """
    name, _, amount = found.meaning.partition(":")
    of_kind = _KINDS.get(name)
    return None if of_kind is None else of_kind(found, today, int(amount) if amount else found.value("unit") or 0)


def days_to(day: int, month: int, year: int | None, today: date | None) -> int | None:
    """Days to a date, without a year the next one; None when there is no such date, or it is over."""
    if not 1 <= month <= 12 or not 1 <= day <= 31:
        return None
    if today is None:
        return MID_TERM_DAYS if year is None else None
    first = _date(year or today.year, month, day)
    then = first if first is None or year is not None or first >= today else _date(today.year + 1, month, day)
    return None if then is None or then < today else (then - today).days


def _date(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _span(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    return (unit or 14) * _number(found, 1)


def _span_of(days: int) -> Callable[[Found, date | None, int], int | None]:
    return lambda found, _today, _unit: days * _number(found, 1)


def _next(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    return NEXT_YEAR_DAYS if (unit or MEDIUM_DAYS) >= MEDIUM_DAYS else unit


def _this(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    """Until the period's end; a month or longer is a plan. A phrase without a unit names the year ("heuer")."""
    unit = unit or MEDIUM_DAYS
    if unit <= 7:
        return unit
    return MID_TERM_DAYS if today is None else max(MID_TERM_DAYS, _left(unit, today))


def _end(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    unit = unit or MEDIUM_DAYS
    if unit <= 7:
        return 5
    return MID_TERM_DAYS if today is None else max(MID_TERM_DAYS, _left(unit, today))


def _end_next(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    return NEXT_YEAR_DAYS if unit >= MEDIUM_DAYS else max(2 * unit - 4, 8)


def _left(unit: int, today: date) -> int:
    if unit >= MEDIUM_DAYS:
        last = date(today.year, 12, 31)
    else:
        last_month = today.month if unit < 91 else (today.month - 1) // 3 * 3 + 3
        last = date(today.year + last_month // 12, last_month % 12 + 1, 1) - timedelta(days=1)
    return (last - today).days


def _month(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    month = found.value("month") or _number(found, 0)
    if not 1 <= month <= 12:
        return None
    year = found.value("year")
    middle = days_to(15, month, year, today)
    if middle is None:
        middle = days_to(28, month, year, today)
    return None if middle is None else max(MID_TERM_DAYS, middle)


def _weekday(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    weekday = found.value("weekday")
    return 7 if today is None or weekday is None else (weekday - 1 - today.weekday()) % 7 or 7


def _season(found: Found, today: date | None, unit: int) -> int | None:
    month = found.value("season") or unit
    if not month:
        return MID_TERM_DAYS
    until = days_to(1, month, None, today)
    return None if until is None else max(MID_TERM_DAYS, until)


def _quarter(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    quarter = found.value("ordinal") or _number(found, 0)
    if not 1 <= quarter <= 4:
        return None
    last = days_to(28, quarter * 3, found.value("year"), today)
    return None if last is None else max(MID_TERM_DAYS, last - 88)


def _year(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    year = found.value("year")
    if today is None or year is None or year < today.year:
        return None
    return MID_TERM_DAYS if year == today.year else NEXT_YEAR_DAYS


def _day(found: Found, today: date | None, unit: int) -> int | None:  # noqa: ARG001
    return days_to(found.value("day") or 0, found.value("month") or 0, found.value("year"), today)


def _number(found: Found, otherwise: int) -> int:
    number = found.value("n")
    return otherwise if number is None else number


_KINDS: dict[str, Callable[[Found, date | None, int], int | None]] = {
    "span": _span, "span_day": _span_of(1), "span_week": _span_of(7), "span_month": _span_of(30),
    "next": _next, "this": _this, "end": _end, "end_next": _end_next,
    "month_at": _month, "month_number": _month, "weekday_at": _weekday,
    "season_at": _season, "season_after": _season, "season_word": _season, "season_year": _season,
    "quarter_at": _quarter, "year_at": _year, "date": _day,
}  # fmt: skip
KINDS = tuple(_KINDS)
