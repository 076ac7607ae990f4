"""A page of the queue: what a row shows, and where the next page starts."""

import base64
import binascii
import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.contracts.events import Waiting
from services.triage.domain.item import Item, Status
from services.triage.domain.work import NOBODY, Work


@dataclass(frozen=True, slots=True)
class Cursor:
    """The last row of a page in the queue's order: due first, then worth most, then by lead."""

    due_order: int
    worth: int
    lead_id: str

    def text(self) -> str:
        """The cursor as it stands in a link."""
        return base64.urlsafe_b64encode(json.dumps([self.due_order, self.worth, self.lead_id]).encode()).decode()

    @classmethod
    def parse(cls, text: str) -> "Cursor":
        """The cursor of a link. Raises ValueError for anything that is not one."""
        try:
            due_order, worth, lead_id = json.loads(base64.urlsafe_b64decode(text.encode("ascii", "replace")))
        except (binascii.Error, ValueError, TypeError, RecursionError):
            raise ValueError("not a cursor of this queue") from None
        known = isinstance(due_order, int) and isinstance(worth, int) and isinstance(lead_id, str)
        if not known or abs(due_order) > 2**62 or abs(worth) > 2**31 - 1 or not lead_id.isascii() or "\x00" in lead_id:
            raise ValueError("not a cursor of this queue")
        return cls(due_order, worth, lead_id)


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the queue."""

    lead_id: str
    version: int
    question_hash: str
    status: Status
    created_at: datetime
    due_at: datetime | None
    waiting: Waiting | None
    reminded: bool
    overdue: bool
    escalated: bool
    worth: int
    kinds: tuple[str, ...]
    """The kinds of its questions, in order."""
    company: str
    name: str
    suggested: str
    """Where the router would send it; empty when it does not say."""
    queue: str = ""
    source: str = ""
    segment: str = ""
    """The lead's kind: demo_request, webinar, ..."""
    equality: str = ""
    work: Work = NOBODY

    @classmethod
    def of(cls, item: Item) -> "Row":
        """The line of an item."""
        lead = item.lead
        return cls(
            lead_id=item.lead_id,
            version=item.version,
            question_hash=item.question_hash,
            status=item.status,
            created_at=item.created_at,
            due_at=item.due_at,
            waiting=item.waiting,
            reminded=item.reminded,
            overdue=item.overdue,
            escalated=item.escalated,
            worth=item.worth,
            kinds=tuple(question.review.kind for question in item.questions),
            company="" if lead is None else lead.text("company"),
            name="" if lead is None else lead.text("name"),
            suggested="" if item.suggested is None else item.suggested.destination,
            queue=item.queue or "",
            source="" if lead is None else lead.source.name,
            segment="" if lead is None else lead.kind,
            equality=item.equality,
            work=item.work,
        )

    @property
    def clock(self) -> str:
        """Where its clock stands: the word that people read."""
        if self.escalated:
            return "escalated"
        return "overdue" if self.overdue else "due soon" if self.reminded else "waiting"


@dataclass(frozen=True, slots=True)
class Page:
    """Rows in the queue's order, where the next page starts, and how many rows there are in all."""

    rows: Sequence[Row]
    next: Cursor | None
    total: int
