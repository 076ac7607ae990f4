"""A triage item, and how requests, routes and the clock move it."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from libs.contracts import ids
from libs.contracts.change import Actor, RecordRef
from libs.contracts.events import Answer, Question, TriageRequested, Waiting
from libs.contracts.lead import Lead, Route, SubmissionRef
from services.triage.domain.decided import Blocked, Decided
from services.triage.domain.equality import equality_of
from services.triage.domain.work import NOBODY, Comment, Work, carried

Status = Literal["open", "decided", "superseded"]
Step = Literal["reminded", "overdue", "escalated"]
"""Steps of an item's clock, each told once."""
STEPS: tuple[Step, ...] = ("reminded", "overdue", "escalated")
LAST = 2**62
"""`due_order` of an item that is never due."""


@dataclass(frozen=True, slots=True)
class Item:
    """The newest questions about one lead, open or closed."""

    lead_id: str
    version: int
    question_hash: str
    questions: tuple[Question, ...]
    submission: SubmissionRef
    created_at: datetime
    """When the router asked (UTC)."""
    lead: Lead | None = None
    suggested: Route | None = None
    status: Status = "open"
    due_at: datetime | None = None
    waiting: Waiting | None = None
    """Its clock; None: it is breached when due, and that is all."""
    reminded: bool = False
    overdue: bool = False
    escalated: bool = False
    closed_at: datetime | None = None
    actor: Actor | None = None
    answers: tuple[Answer, ...] = ()
    work: Work = NOBODY
    """Who works on it."""

    @property
    def equality(self) -> str:
        """The same for items that one set of answers may decide together."""
        return equality_of(self.questions)

    @property
    def worth(self) -> int:
        """The lead's priority in points; 0 when it has none."""
        if self.lead is None or self.lead.score is None:
            return 0
        return self.lead.score.priority or 0

    @property
    def due_order(self) -> int:
        """`due_at` in microseconds since 1970, what is never due last."""
        return LAST if self.due_at is None else round(self.due_at.timestamp() * 1_000_000)

    @property
    def queue(self) -> str | None:
        """Where the router would send the lead, else the queue whose hours its clock runs in; whose people see it."""
        if self.suggested is not None and self.suggested.queue:
            return self.suggested.queue
        return self.waiting.queue if self.waiting is not None else None

    @property
    def told(self) -> RecordRef | None:
        """Who looks after the account, and hears of the clock."""
        return None if self.lead is None or self.lead.route is None else self.lead.route.told

    @property
    def policy_hash(self) -> str:
        """The policy that the lead is stamped with; empty when there is no lead yet."""
        return "" if self.lead is None else self.lead.policy_hash


@dataclass(frozen=True, slots=True)
class Case:
    """What triage knows of one lead: the newest version it heard of, whether that needs nobody, and the item."""

    lead_id: str
    seen_version: int = 0
    settled: bool = False
    """The router sent the newest version on without asking anybody."""
    item: Item | None = None
    comments: tuple[Comment, ...] = ()
    """Said in this batch, to be stored; what was said before is not read here."""
    decided: Decided | None = None
    """The newest decision, as long as it can be taken back."""
    blocked: tuple[Blocked, ...] = ()
    """Fields that a person blocked, until somebody unblocks them."""

    @property
    def open_item(self) -> Item | None:
        """The item, if it still waits for a person."""
        return self.item if self.item is not None and self.item.status == "open" else None


def asks_triage(route: Route, questions: int = 0) -> bool:
    """Whether a routed event stands beside a triage request for the same version; `questions` ride on the routed lead."""
    return route.suggested or route.destination in ("triage", "review") or questions > 0


def after_request(case: Case, event: TriageRequested, now: datetime) -> Case:
    """The case with the requested questions open; the same case when they are old news.

    A newer version replaces an older one. Requests of versions that were overtaken or settled are dropped, since
    requests and routes come on two topics in any order. Failures and the CRM's conflicts come afterwards: they are asked
    even when the lead went on, and stand beside the other questions of that version.
    """
    version = event.lead_version
    afterwards = bool(event.questions) and all(map(_comes_afterwards, event.questions))
    if version < case.seen_version or (version == case.seen_version and case.settled and not afterwards):
        return case
    held = case.item if case.item is not None and case.item.version == version else None
    new = _new_questions(held, event.questions, afterwards)
    if held is not None and not new:
        return case
    kept = _kept(held, afterwards)
    asked = new if afterwards else event.questions
    item = Item(
        lead_id=event.lead_id,
        version=version,
        question_hash=event.question_hash if asked == event.questions else _hash_of(asked),
        questions=asked,
        submission=event.submission,
        created_at=event.decided_at or now,
        lead=event.lead,
        suggested=event.suggested,
        due_at=event.due_at,
        waiting=event.waiting,
    )
    item = _waiting_on(case.item, item)
    if held is not None and kept:
        item = _beside(replace(held, questions=kept), item, afterwards)
    item = replace(item, work=_work_on(case.item, item))
    return replace(case, seen_version=version, settled=case.settled and version == case.seen_version, item=item)


def _work_on(before: Item | None, item: Item) -> Work:
    """Who goes on working on it: the person of the questions before."""
    if before is None:
        return NOBODY
    return carried(before.work, *({one.question_id for one in each.questions} for each in (before, item)))


def _waiting_on(before: Item | None, item: Item) -> Item:
    """The item with what was told of the same wait: a newer version that asks again is no new wait."""
    same = before is not None and before.waiting is not None and before.waiting == item.waiting
    if before is None or not same or before.status == "decided":
        return item
    return replace(item, reminded=before.reminded, overdue=before.overdue, escalated=before.escalated)


def _new_questions(held: Item | None, asked: tuple[Question, ...], afterwards: bool) -> tuple[Question, ...]:
    """What the item does not ask or has not asked yet. What comes afterwards is known by its id alone: told again in
    other words it is the same question."""
    if held is None:
        return asked
    if not afterwards:
        return tuple(question for question in asked if question not in held.questions)
    known = {question.question_id for question in held.questions}
    return tuple(question for question in asked if question.question_id not in known)


def _kept(held: Item | None, afterwards: bool) -> tuple[Question, ...]:
    """What an open item of the same version keeps: all of it beside what comes afterwards, else only such questions."""
    if held is None or held.status != "open":
        return ()
    return held.questions if afterwards else tuple(filter(_comes_afterwards, held.questions))


def _beside(held: Item, item: Item, afterwards: bool) -> Item:
    """The open item with more questions. What comes afterwards moves neither its time nor the lead that is shown."""
    first, second = (held, item) if afterwards else (item, held)
    joined = replace(
        held,
        suggested=item.suggested or held.suggested,
        due_at=first.due_at or second.due_at,
        waiting=first.waiting if first.due_at else second.waiting,
        reminded=first.reminded,
        overdue=first.overdue,
        escalated=first.escalated,
        lead=first.lead or second.lead,
    )
    return _with_questions(joined, (*held.questions, *item.questions))


def after_route(case: Case, version: int, route: Route, now: datetime, questions: int = 0) -> Case:
    """The case after the lead was routed: an open item that it overtakes is superseded.

    A newer version overtakes whatever it needs, since its own request brings its own questions; the same version only
    when it went on without asking, and then its failures and conflicts stay open. A late version changes nothing.
    """
    if version < case.seen_version:
        return case
    settled = not asks_triage(route, questions) or (version == case.seen_version and case.settled)
    waiting = case.open_item
    item = case.item
    if waiting is not None and waiting.version < version:
        item = replace(waiting, status="superseded", closed_at=now)
    elif waiting is not None and settled:
        left = tuple(filter(_comes_afterwards, waiting.questions))
        if not left:
            item = replace(waiting, status="superseded", closed_at=now)
        elif left != waiting.questions:
            item = _with_questions(waiting, left)
    return replace(case, seen_version=version, settled=settled, item=item)


def _with_questions(item: Item, questions: tuple[Question, ...]) -> Item:
    """The item with other questions, and a hash that says so."""
    return replace(item, questions=questions, question_hash=_hash_of(questions))


def _hash_of(questions: tuple[Question, ...]) -> str:
    return ids.derived_id("questions", *(question.model_dump_json() for question in questions))


def _comes_afterwards(question: Question) -> bool:
    """Whether it is asked of a lead that may have gone on: a failure, or a change that the CRM did not take."""
    refused = question.proposal is not None and question.proposal.record.type != "lead"
    return question.review.kind == "failure" or (question.review.kind == "conflict" and refused)


def after_step(case: Case, step: Step, version: int, now: datetime) -> Case:
    """The case with a step of its item's clock marked: when that version is still open, the instant is there, and it was
    not marked before. Nobody is reminded of what is over."""
    waiting = case.open_item
    at = instant_of(waiting, step) if waiting is not None else None
    if waiting is None or at is None or waiting.version != version or now < at:
        return case
    if getattr(waiting, step) or (step == "reminded" and waiting.overdue):
        return case
    marked = replace(
        waiting,
        reminded=waiting.reminded or step == "reminded",
        overdue=waiting.overdue or step == "overdue",
        escalated=waiting.escalated or step == "escalated",
    )
    return replace(case, item=marked)


def instant_of(item: Item, step: Step) -> datetime | None:
    """When a step of an item's clock happens (UTC); None when it has no such step."""
    if step == "overdue":
        return item.due_at
    if item.waiting is None or item.waiting.due_at != item.due_at:
        return None
    return item.waiting.remind_at if step == "reminded" else item.waiting.escalate_at
