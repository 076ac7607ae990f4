"""Service levels: how many working minutes a queue has, and when people work."""

from collections.abc import Mapping
from datetime import date, time
from typing import Annotated
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pydantic import AfterValidator, Field, model_validator

from libs.policy.part import Minutes, Name, Part, Share


def known_zone(name: str) -> str:
    """The name of a time zone. Raises ValueError when there is none of that name."""
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"no such time zone: {name}") from error
    return name


class Shift(Part):
    """Working time of one day, local; `end` is after `start`. 24:00 can't be written: use 23:59."""

    start: time
    end: time

    @model_validator(mode="after")
    def _in_order(self) -> "Shift":
        if self.end <= self.start:
            raise ValueError(f"a shift ends after it starts ({self.start:%H:%M}-{self.end:%H:%M})")
        return self


class Week(Part):
    """The shifts of each weekday; none means a day off."""

    mon: tuple[Shift, ...] = ()
    tue: tuple[Shift, ...] = ()
    wed: tuple[Shift, ...] = ()
    thu: tuple[Shift, ...] = ()
    fri: tuple[Shift, ...] = ()
    sat: tuple[Shift, ...] = ()
    sun: tuple[Shift, ...] = ()

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The shifts of a date's weekday, as written."""
        return (self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun)[day.weekday()]


class BusinessCalendar(Part):
    """Working hours in one time zone. Holidays and exceptions that change often are records; fixed ones may stand here."""

    time_zone: Annotated[str, AfterValidator(known_zone)]
    hours: Week
    holidays: tuple[date, ...] = ()
    country: Annotated[str, Field(pattern=r"^[A-Z]{2}$")] | None = None
    """Whose public holidays it keeps (ISO 3166-1 alpha-2): exceptions of that country count here."""
    exceptions: dict[date, tuple[Shift, ...]] = {}
    """Days with other hours than the week's, or none. Those that come up later are records."""

    @model_validator(mode="after")
    def _has_hours(self) -> "BusinessCalendar":
        if not any(getattr(self.hours, day) for day in Week.model_fields):
            raise ValueError("a calendar needs working hours on at least one day")
        return self

    def shifts(self, day: date) -> tuple[Shift, ...]:
        """The shifts of a date: an exception's, none on a holiday, else the week's."""
        held = self.exceptions.get(day)
        return held if held is not None else () if day in self.holidays else self.hours.shifts(day)

    def with_exceptions(self, exceptions: Mapping[date, tuple[Shift, ...]]) -> "BusinessCalendar":
        """The same calendar with more exceptions, which win over its own."""
        return self.model_copy(update={"exceptions": {**self.exceptions, **exceptions}}) if exceptions else self


class QueueSla(Part):
    """What one queue promises, in working minutes of a calendar."""

    first_touch_minutes: Minutes
    """From the submission on; time in triage counts."""
    accept_minutes: Minutes | None = None
    """How long an offer stands before it goes to the next member of the pool; None: a turn makes the owner at once."""
    follow_up_minutes: Minutes | None = None
    """From the first touch to the next; None: nobody promises one."""
    calendar: Name | None = None


class TriageTarget(Part):
    """How long a lead of one queue may wait for a person's answer."""

    item_minutes: Minutes
    calendar: Name | None = None
    escalate_to: str | None = None
    """The role that is told; None: the one of all triage."""


class TriageSla(Part):
    """How long an item may wait in triage. The time counts in the lead's first touch, too."""

    item_minutes: Minutes
    calendar: Name | None = None
    """Whose working time counts; None: the calendar of the queue that the lead waits in."""
    remind_to: str = ""
    """The role of those who work the queue: reminded, and told of what was not answered in time. Empty: nobody."""
    escalate_to: str
    queues: dict[Name, TriageTarget] = {}
    """Other times for leads that wait in these queues."""


class Sla(Part):
    """`sla.yaml`."""

    default_calendar: Name
    calendars: dict[Name, BusinessCalendar] = Field(min_length=1)
    default_first_touch_minutes: Minutes
    queues: dict[Name, QueueSla]
    triage: TriageSla
    remind_at: Share = 0.75
    """Part of the time after which the owner is reminded."""
    escalate_at: Annotated[float, Field(ge=1, le=100)] = 2.0
    """How many times the time has to be over before somebody else is told."""
    escalate_to: str = "sales_manager"
    max_offers: Annotated[int, Field(ge=1, le=20)] = 3
    """To how many members a lead is offered, one after the other, before a person decides."""

    def triage_target(self, queue: str | None) -> TriageTarget:
        """How long a lead that waits in `queue` may wait for an answer."""
        held = self.triage.queues.get(queue) if queue else None
        return TriageTarget(item_minutes=self.triage.item_minutes) if held is None else held

    def triage_calendar(self, queue: str | None) -> str:
        """The name of the calendar in whose working time a lead waits for an answer in `queue`."""
        return self.triage_target(queue).calendar or self.triage.calendar or self.calendar_name(queue)

    def first_touch_minutes(self, queue: str | None) -> int:
        """Working minutes until the first touch of a lead in `queue`."""
        held = self.queues.get(queue) if queue else None
        return self.default_first_touch_minutes if held is None else held.first_touch_minutes

    def accept_minutes(self, queue: str | None) -> int | None:
        """Working minutes for which an offer in `queue` stands; None: there are no offers."""
        held = self.queues.get(queue) if queue else None
        return None if held is None else held.accept_minutes

    def follow_up_minutes(self, queue: str | None) -> int | None:
        """Working minutes from the first touch of a lead in `queue` to the next; None: not promised."""
        held = self.queues.get(queue) if queue else None
        return None if held is None else held.follow_up_minutes

    def calendar_name(self, queue: str | None = None) -> str:
        """The name of a queue's calendar, else of the default one."""
        held = self.queues.get(queue) if queue else None
        return held.calendar if held is not None and held.calendar else self.default_calendar

    def calendar(self, queue: str | None = None) -> BusinessCalendar:
        """The working calendar of a queue, else the default one."""
        return self.calendars[self.calendar_name(queue)]
