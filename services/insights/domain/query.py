"""A question for numbers or cases, and what is wrong with one."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from services.insights.domain.definitions import BY_NAME
from services.insights.domain.marks import NAMES
from services.insights.domain.metric import Metric
from services.insights.domain.weeks import days_of

GROUPS = ("week", "day", *NAMES)
DEFAULT_DAYS = 28
TEXT_MAX = 200


class QueryError(ValueError):
    """A question that can't be answered, and why; never with what was sent, which may be anything."""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whose leads count: of one owner, of some queues, or (both None) of all."""

    owner: str | None = None
    queues: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True)
class Query:
    """Days from `since` through `until`, in the organisation's zone, with filters, grouped by some names."""

    since: date
    until: date
    filters: Mapping[str, str] = field(default_factory=dict)
    by: tuple[str, ...] = ()
    reach: Reach = field(default_factory=Reach)


def metric_named(name: str) -> Metric:
    """The metric of a name. Raises QueryError that lists them."""
    metric = BY_NAME.get(name)
    if metric is None:
        raise QueryError(f"there is no such metric; there are {', '.join(sorted(BY_NAME))}")
    return metric


def period(since: str, until: str, week: str, today: date, days_max: int) -> tuple[date, date]:
    """First and last day: of a week, or as given; by default the last 28 days. Raises QueryError."""
    if week:
        if since or until:
            raise QueryError("week: give a week, or since and until")
        try:
            return days_of(week)
        except ValueError as error:
            raise QueryError(f"week: {error}") from None
    last = _day("until", until) if until else today
    first = _day("since", since) if since else last - timedelta(days=DEFAULT_DAYS - 1)
    if last < first:
        raise QueryError("until: is before since")
    if (last - first).days >= days_max:
        raise QueryError(f"since: at most {days_max} days at once")
    return first, last


def _day(name: str, text: str) -> date:
    try:
        found = date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        found = None
    if found is None or not 1970 <= found.year < 2200:
        raise QueryError(f"{name}: has to be a day as 2026-11-02")
    return found


def grouped_by(text: str) -> tuple[str, ...]:
    """The names of `by`, with commas between them. Raises QueryError."""
    names = tuple(dict.fromkeys(one.strip() for one in text.split(",") if one.strip()))
    if any(one not in GROUPS for one in names):
        raise QueryError(f"by: choose from {', '.join(GROUPS)}")
    if len(names) > 3:
        raise QueryError("by: at most three")
    return names


def filtered(given: Mapping[str, str]) -> dict[str, str]:
    """The filters that were given, by name. A policy's hash may be whole or its first 12 digits. Raises QueryError."""
    for name, value in given.items():
        if len(value) > TEXT_MAX or "\x00" in value:
            raise QueryError(f"{name}: has at most {TEXT_MAX} characters and no NUL")
    return {name: value[:12] if name == "policy" else value for name, value in given.items() if value}


@dataclass(frozen=True, slots=True)
class Place:
    """The last case of a page: cases are told the newest day first."""

    day: date
    subject: str
    number: int

    def text(self) -> str:
        """As it stands in a link."""
        told = json.dumps([self.day.isoformat(), self.subject, self.number]).encode()
        return base64.urlsafe_b64encode(told).decode()

    @classmethod
    def parse(cls, text: str) -> "Place":
        """The place of a link. Raises QueryError for anything that is none."""
        try:
            day, subject, number = json.loads(base64.urlsafe_b64decode(text.encode("ascii", "replace")))
            fits = (
                isinstance(subject, str) and "\x00" not in subject and isinstance(number, int) and abs(number) < 2**31
            )
            if fits and isinstance(day, str):
                return cls(_day("after", day), subject, number)
        except (binascii.Error, ValueError, TypeError, RecursionError):
            pass
        raise QueryError("after: take it from `next` of the page before")


PARTS: Sequence[str] = ("denominator", "numerator", "rest")
"""Which cases of a share: all, those that count, or those that do not."""
