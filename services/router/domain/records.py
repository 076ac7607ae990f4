"""What the router keeps: the leads it routed, and the parts of CRM records that routing depends on."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts.change import Permission, RecordType
from libs.contracts.lead import Lead, Route
from libs.contracts.notices import NoticeGiven
from services.router.domain.fairness import Place

Fields = Mapping[str, JsonValue]


def text(fields: Fields, name: str) -> str:
    """A text field of a record; empty when it is missing or no text."""
    held = fields.get(name)
    return held.strip() if isinstance(held, str) else ""


def texts(fields: Fields, name: str) -> tuple[str, ...]:
    """A list field of a record; a single text is a list of one."""
    held = fields.get(name)
    listed = held if isinstance(held, list) else [held]
    return tuple(one.strip() for one in listed if isinstance(one, str) and one.strip())


@dataclass(frozen=True, slots=True)
class Party:
    """A contact or company as the CRM said it last; `assigned` is the owner that the router gave it, until the CRM says so."""

    record_id: str
    version: int = 0
    fields: Fields | None = None
    assigned: str | None = None

    @property
    def owner(self) -> str | None:
        """The member who owns it; None when nobody does."""
        return text(self.fields or {}, "owner") or self.assigned


@dataclass(frozen=True, slots=True)
class Opportunity:
    """An opportunity, as far as it holds a lead back."""

    record_id: str
    version: int
    contact_id: str
    company_id: str
    owner: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Entry:
    """A suppression entry: why somebody is held back, and whom it names; each of the three that it has is enough."""

    record_id: str
    version: int
    reason: str
    email: str = ""
    domain: str = ""
    names: str = ""
    until: str = ""
    """When it ends, as the CRM says it; empty: never."""


@dataclass(frozen=True, slots=True)
class Absence:
    """A time in which a member takes nothing; `until` None: until further notice."""

    since: datetime
    until: datetime | None


@dataclass(frozen=True, slots=True)
class Member:
    """Somebody who takes leads. Caps None: what the pool says."""

    record_id: str
    version: int
    name: str = ""
    active: bool = True
    pools: tuple[str, ...] = ()
    weight: int | None = None
    languages: tuple[str, ...] = ()
    skills: tuple[str, ...] = ()
    daily_cap: int | None = None
    weekly_cap: int | None = None
    open_cap: int | None = None
    absences: tuple[Absence, ...] = ()
    calendar: str = ""
    """The policy's calendar of their working hours; empty: the pool's."""
    on_hold: bool = False
    roles: tuple[str, ...] = ()
    gone: bool = False


ClockName = Literal["first_touch", "accept", "follow_up", "triage"]
SlaState = Literal["none", "running", "met", "breached"]


@dataclass(frozen=True, slots=True)
class Clock:
    """A promised time of a lead, and when it is due."""

    state: SlaState = "none"
    due_at: datetime | None = None
    since: datetime | None = None
    """When the lead began to wait; triage's clock alone keeps it."""


@dataclass(frozen=True, slots=True)
class LeadRow:
    """The newest version of a lead that was routed; `settled`: it went out for good, nobody is asked about the route."""

    lead_id: str
    version: int
    route: Route
    settled: bool
    contact_id: str
    company_id: str | None
    due_at: datetime | None
    sla: SlaState
    lead: bytes
    """The routed lead as JSON, before the gate: what a command starts from."""
    pool: str | None = None
    """The pool whose turn gave it its owner."""
    clocks: Mapping[str, Clock] = field(default_factory=dict)
    """The clocks beside the first touch's, which is `sla` and `due_at`."""
    offered: tuple[str, ...] = ()
    """The members to whom it was offered, in order."""
    accepted: bool = False
    """Somebody took the offer."""


def is_pending(row: LeadRow) -> bool:
    """Whether the lead waits for somebody to take it."""
    return row.settled and row.route.offer > 0 and not row.accepted


def stored_lead(row: LeadRow) -> Lead:
    """The lead as it was routed last."""
    return Lead.model_validate_json(row.lead)


@dataclass(frozen=True, slots=True)
class Load:
    """What a member was given by turn: leads nobody touched yet, and those of one day and one week of their calendar."""

    open_leads: int = 0
    day: str = ""
    """ISO date."""
    day_leads: int = 0
    week: str = ""
    """ISO date of its Monday."""
    week_leads: int = 0


@dataclass(frozen=True, slots=True)
class DayException:
    """A day on which a calendar, or all calendars of a country, have other hours; no shifts: closed."""

    record_id: str
    version: int
    day: str = ""
    """ISO date; empty: the exception is gone."""
    calendar: str = ""
    country: str = ""
    shifts: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class AnsweredQuestion:
    """A person's answer to a proposed change; the same proposal on a later version is not asked again."""

    lead_id: str
    question_id: str
    verdict: str
    value: JsonValue
    actor_id: str


@dataclass(frozen=True, slots=True)
class Earned:
    """What a workflow has earned for a field in a segment; `decided` and `accepted` count since the last step."""

    key: str
    workflow: str
    record_type: RecordType
    field: str
    segment: str
    level: Permission
    since: datetime
    decided: int = 0
    accepted: int = 0
    recent: tuple[tuple[str, bool], ...] = ()
    """The newest answers, oldest first: which, and whether the suggestion was kept."""

    @property
    def answers(self) -> str:
        """The newest answers as `1` and `0`."""
        return "".join("1" if accepted else "0" for _, accepted in self.recent)


@dataclass(frozen=True, slots=True)
class LetOut:
    """The newest write of a field under earned autonomy, watched until somebody changes it. `seen`: the CRM showed it."""

    record_id: str
    field: str
    key: str
    answer_id: str
    value: JsonValue
    automatic: bool
    seen: bool = False


@dataclass(frozen=True, slots=True)
class Delta:
    """What one input changes; rows are whole, the newest one counts."""

    lead: LeadRow | None = None
    parties: tuple[Party, ...] = ()
    opportunities: tuple[Opportunity, ...] = ()
    entries: tuple[Entry, ...] = ()
    members: tuple[Member, ...] = ()
    exceptions: tuple[DayException, ...] = ()
    places: Mapping[tuple[str, str], Place] | None = None
    """By (pool, member id): where a member stands after a turn."""
    loads: Mapping[str, Load] | None = None
    answered: tuple[AnsweredQuestion, ...] = ()
    unanswered: tuple[tuple[str, str], ...] = ()
    """(lead id, question id) of answers that were taken back."""
    earned: tuple[Earned, ...] = ()
    let_out: tuple[LetOut, ...] = ()
    notices: tuple[NoticeGiven, ...] = ()
    read: Mapping[str, int] | None = None
    """By member: the number up to which they have read their notices."""
    done: tuple[tuple[str, str], ...] = ()
    """(record id, field) of writes that are watched no longer."""
