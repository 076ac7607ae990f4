"""What is told, to whom, and what became of it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.base import Model, PersonalText, PersonalValue
from libs.contracts.events import Question, RecordChanged, TriageRequested
from libs.contracts.notices import NoticeDelivered, NoticeGiven
from libs.policy.notices import Kind

State = Literal["queued", "held", "collected", "sent", "given_up"]
WAITING: tuple[State, ...] = ("held", "collected")
FACTS = ("name", "company", "country", "kind")
"""Fields of a lead that say which one it is."""


class Notice(Model):
    """A notice as it is kept until it is sent: to a member, or to whoever has a role."""

    notice_id: str
    member: str = ""
    role: str = ""
    lead_id: str = ""
    kind: Kind
    clock: str = ""
    due_at: datetime | None = None
    text: PersonalText
    at: datetime
    queue: str = ""
    facts: dict[str, PersonalValue] = {}

    @property
    def about_triage(self) -> bool:
        """Whether it is about what waits for a person's answer."""
        return self.kind in ("waiting", "asked") or self.clock == "triage"


@dataclass(frozen=True, slots=True)
class Member:
    """Whom the CRM knows as a member. Empty: it does not say."""

    member_id: str
    version: int
    name: str = ""
    email: str = ""
    slack: str = ""
    time_zone: str = ""
    calendar: str = ""
    roles: tuple[str, ...] = ()
    active: bool = True

    def address(self, channel: str) -> str:
        """Where a channel reaches them; empty when it does not."""
        return {"email": self.email, "slack": self.slack}.get(channel, "")


@dataclass(frozen=True, slots=True)
class Asked:
    """Triage's newest questions about a lead; `question` when it is the only one, and approved or rejected."""

    lead_id: str
    version: int
    question_hash: str
    question: Question | None = None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One notice to one recipient by one channel."""

    delivery_id: str
    notice_id: str
    lead_id: str
    kind: str
    channel: str
    recipient: str
    """The member's id; empty for a room or a system."""
    state: State
    at: datetime
    """Of the last move (UTC)."""
    due_at: datetime | None = None
    message_id: str = ""
    reason: str = ""
    answer: str = ""
    """What somebody decided with its buttons."""

    def moved(self, state: State, at: datetime, reason: str = "", message_id: str = "") -> "Delivery":
        """The same delivery in another state."""
        return replace(self, state=state, at=at, reason=reason, message_id=message_id or self.message_id)

    def told(self) -> NoticeDelivered:
        """The event that says so."""
        return NoticeDelivered(
            delivery_id=self.delivery_id, notice_id=self.notice_id, lead_id=self.lead_id, kind=self.kind,
            channel=self.channel, member=self.recipient, state=self.state, due_at=self.due_at,
            message_id=self.message_id, reason=self.reason, at=self.at,
        )  # fmt: skip


def notice_of(event: NoticeGiven) -> Notice:
    """The router's notice."""
    return Notice(
        notice_id=event.notice_id, member=event.to.id if event.to else "", role=event.role, lead_id=event.lead_id,
        kind=event.kind, clock=event.clock, due_at=event.due_at, text=event.text, at=event.at, queue=event.queue,
        facts=event.facts,
    )  # fmt: skip


def asked_notice(event: TriageRequested, at: datetime) -> Notice | None:
    """The word to whoever works the queue that triage has new questions; None when the policy named nobody."""
    if event.waiting is None or not event.waiting.remind_to:
        return None
    lead = event.lead
    facts: dict[str, JsonValue] = {} if lead is None else {name: text for name in FACTS if (text := lead.text(name))}
    reasons = "; ".join(dict.fromkeys(question.review.reason for question in event.questions))
    return Notice(
        notice_id=ids.derived_id("notice", event.lead_id, event.question_hash), role=event.waiting.remind_to,
        lead_id=event.lead_id, kind="asked", clock="triage", due_at=event.due_at, at=at, facts=facts,
        queue=event.waiting.queue, text=f"triage asks: {reasons}",
    )  # fmt: skip


def asked_of(event: TriageRequested) -> Asked:
    """What buttons can answer."""
    question = event.questions[0] if len(event.questions) == 1 and takes_yes_or_no(event.questions[0]) else None
    return Asked(event.lead_id, event.lead_version, event.question_hash, question)


def takes_yes_or_no(question: Question) -> bool:
    """Whether it is answered by approving or rejecting; triage's own choices of a question that names none."""
    if question.choices:
        return {"approve", "reject"} <= set(question.choices)
    return question.proposal is not None or question.review.kind == "route"


def member_of(event: RecordChanged) -> Member:
    """What a member's record says; who is gone or switched off hears nothing."""
    fields = event.fields or {}

    def text(name: str) -> str:
        held = fields.get(name)
        return held.strip() if isinstance(held, str) else ""

    roles = fields.get("roles")
    gone = event.fields is None or fields.get("deleted") is True or fields.get("active") is False
    return Member(
        event.record.id, event.version, text("name"), text("email"), text("slack"), text("time_zone"), text("calendar"),
        tuple(one for one in roles if isinstance(one, str)) if isinstance(roles, list) else (), not gone,
    )  # fmt: skip
