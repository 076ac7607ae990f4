"""Promises in working time: when somebody is reminded, when a time is over, and when somebody else is told."""

from datetime import datetime
from typing import NamedTuple

from libs.contracts.events import Waiting
from libs.policy.business_time import due_at
from libs.policy.sla import BusinessCalendar, Sla

TRIAGE = "triage"
"""The queue of what waits in no other."""


class Promise(NamedTuple):
    """The instants of a clock (UTC)."""

    remind: datetime
    due: datetime
    escalate: datetime


def promise(start: datetime, minutes: int, sla: Sla, calendar: BusinessCalendar) -> Promise:
    """What is promised from `start` on, in working minutes: a reminder before it is due, an escalation after."""
    before, after = max(1, int(minutes * sla.remind_at)), max(minutes, round(minutes * sla.escalate_at))
    return Promise(*(due_at(start, each, calendar) for each in (before, minutes, after)))


def waiting(since: datetime, sla: Sla, queue: str = TRIAGE, calendar: BusinessCalendar | None = None) -> Waiting:
    """The clock of a question that waits for a person in `queue`; `calendar` is that queue's with the days that are records."""
    target = sla.triage_target(queue)
    promised = promise(since, target.item_minutes, sla, calendar or sla.calendars[sla.triage_calendar(queue)])
    return Waiting(
        since=since,
        queue=queue,
        remind_at=promised.remind,
        due_at=promised.due,
        escalate_at=promised.escalate,
        remind_to=sla.triage.remind_to,
        escalate_to=target.escalate_to or sla.triage.escalate_to,
    )
