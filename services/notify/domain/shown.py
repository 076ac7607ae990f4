"""What a message says to one recipient: only what their role may see. How it looks is each connector's."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from pydantic import JsonValue

from libs.contracts.events import Question
from libs.policy.access import RIGHTS, is_hidden
from libs.policy.fields import Role
from libs.policy.policy import Policy
from services.notify.domain.notice import Asked, Notice

TITLES = {
    "offered": "A lead was offered to you",
    "given": "A lead is yours now",
    "moved": "A lead is no longer yours",
    "waiting": "A lead of your account waits for a person",
    "reminded": "The time for a lead is nearly over",
    "breached": "The time for a lead is over",
    "escalated": "A lead is long overdue",
    "rolled_back": "Values of your records were taken back",
    "channel_off": "Notices do not get through on a channel",
    "asked": "A lead waits for your decision",
}
CLOCKS = {"first_touch": "first touch", "accept": "taking the offer", "follow_up": "following up", "triage": "triage"}
VALUE_MAX = 200
TEXT_MAX = 1000
HIDDEN = "(hidden from your role)"


@dataclass(frozen=True, slots=True)
class Choice:
    """What buttons answer: the question, as the one who presses them saw it."""

    lead_id: str
    delivery_id: str
    question_id: str
    seen_hash: str
    asks: str


@dataclass(frozen=True, slots=True)
class Said:
    """One notice as a recipient reads it."""

    notice_id: str
    lead_id: str
    kind: str
    title: str
    who: str
    """The lead's person and company, as far as they are shown."""
    lines: tuple[str, ...]
    link: str
    data: Mapping[str, JsonValue]
    """The same for a program."""
    choice: Choice | None = None
    personal: bool = False
    """Whether anything personal is in it: then it is kept that they were shown it."""


@dataclass(frozen=True, slots=True)
class Content:
    """A whole message."""

    message_id: str
    subject: str
    said: tuple[Said, ...]

    @property
    def personal_leads(self) -> tuple[str, ...]:
        """The leads of which it shows personal data."""
        return tuple(dict.fromkeys(one.lead_id for one in self.said if one.personal and one.lead_id))


@dataclass(frozen=True, slots=True)
class Reader:
    """Who reads it: their role, their clock, and where the console is."""

    role: Role
    zone: ZoneInfo
    console_url: str = ""

    def sees(self, policy: Policy, record_type: str, field: str) -> bool:
        """Whether they are shown a field."""
        return not is_hidden(policy, self.role, record_type, field)


def said_of(notice: Notice, asked: Asked | None, delivery_id: str, reader: Reader, policy: Policy) -> Said:
    """One notice for one reader."""
    facts = {
        name: one_line(value)
        for name, value in notice.facts.items()
        if isinstance(value, str) and value and reader.sees(policy, "lead", name)
    }
    may_read = "personal" in RIGHTS[reader.role]
    lines = [_about(facts)] if facts else []
    if may_read and notice.text:
        lines.append(one_line(notice.text, TEXT_MAX))
    if notice.clock:
        lines.append(f"Clock: {CLOCKS.get(notice.clock, notice.clock)}")
    if notice.due_at is not None:
        lines.append(f"Due: {when(notice.due_at, reader.zone)}")
    if notice.queue:
        lines.append(f"Queue: {notice.queue}")
    choice = _choice(notice, asked, delivery_id, reader, policy)
    if choice is not None and choice.asks:
        lines.append(choice.asks)
    who = ", ".join(facts[name] for name in ("name", "company") if name in facts)
    personal = bool(facts) or (may_read and bool(notice.text))
    link = link_of(notice, reader)
    told = notice.model_dump(mode="json", exclude={"text", "facts"})
    data = {**told, "facts": dict(facts), "text": notice.text if may_read else None, "url": link or None}
    return Said(
        notice.notice_id, notice.lead_id, notice.kind, TITLES.get(notice.kind, notice.kind), who, tuple(lines), link, data,
        choice, personal,
    )  # fmt: skip


def content_of(message_id: str, said: Sequence[Said], policy: Policy) -> Content:
    """The message of these notices; its subject names nobody unless the policy says so."""
    if len(said) == 1:
        named = f": {said[0].who}" if policy.notices.subject == "with_facts" and said[0].who else ""
        return Content(message_id, one_line(said[0].title + named), tuple(said))
    return Content(message_id, f"{len(said)} notices from Signalbox", tuple(said))


def link_of(notice: Notice, reader: Reader) -> str:
    """Where the console shows it; empty without a console, and for what is about no lead."""
    if not reader.console_url or not notice.lead_id:
        return ""
    page = "queue" if notice.about_triage and "queue" in RIGHTS[reader.role] else "leads"
    return f"{reader.console_url.rstrip('/')}/{page}/{notice.lead_id}"


def one_line(text: JsonValue, most: int = VALUE_MAX) -> str:
    """Anybody's text as one line of printable characters: no line breaks, no control or direction marks."""
    flat = "".join(character if character.isprintable() else " " for character in str(text))
    flat = " ".join(flat.split())
    return flat if len(flat) <= most else flat[: most - 1] + "…"


def when(at: datetime, zone: ZoneInfo) -> str:
    """An instant by the reader's clock."""
    return f"{at.astimezone(zone):%a %d %b %Y %H:%M} ({zone.key})"


def _about(facts: dict[str, str]) -> str:
    return " · ".join(facts.values())


def _choice(notice: Notice, asked: Asked | None, delivery_id: str, reader: Reader, policy: Policy) -> Choice | None:
    """The buttons, for who may decide and as long as there is one question that takes them."""
    if not notice.about_triage or asked is None or asked.question is None or "decide" not in RIGHTS[reader.role]:
        return None
    asks = _asks(asked.question, lambda kind, name: reader.sees(policy, kind, name))
    return Choice(notice.lead_id, delivery_id, asked.question.question_id, asked.question_hash, asks)


def _asks(question: Question, sees: Callable[[str, str], bool]) -> str:
    """What is to be approved: the field with its old and its new value, or the question's own words."""
    proposal = question.proposal
    if proposal is None:
        return f"Question: {one_line(question.review.reason, TEXT_MAX)}"
    shown = sees(proposal.record.type, proposal.field)
    old, new = (_value(value) if shown else HIDDEN for value in (proposal.old, proposal.new))
    return f"Change {proposal.record.type}.{proposal.field}: {old} → {new}"


def _value(value: JsonValue) -> str:
    return "(empty)" if value is None or value == "" else one_line(value)
