"""What triage remembers of decisions: the newest one, so that it can be taken back, and the fields that were blocked."""

from datetime import datetime

from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.contracts.events import Answer, Question, TriageDecided
from libs.contracts.lead import Route


class Decided(Model):
    """A decision as long as it can be taken back; `event_id` is the id of its `triage.decided`."""

    event_id: str
    version: int
    question_hash: str
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]
    suggested: Route | None = None
    actor: Actor
    at: datetime
    reenters: bool = False
    undone: bool = False
    """It was taken back; kept so that what still comes because of it is known as old news."""


class Blocked(Model):
    """A field whose source of truth is unclear: no machine writes it until a person unblocks it."""

    event_id: str
    """The decision that blocked it."""
    version: int
    question: Question
    answer: Answer
    actor: Actor
    at: datetime


def remembered(event: TriageDecided, event_id: str, now: datetime) -> Decided:
    """What is kept of a decision."""
    return Decided(
        event_id=event_id,
        version=event.lead_version,
        question_hash=event.question_hash,
        questions=event.questions,
        answers=event.answers,
        suggested=event.suggested,
        actor=event.actor,
        at=now,
        reenters=event.reenters,
    )


def blocks_in(held: Decided) -> tuple[Blocked, ...]:
    """The fields that a decision blocked."""
    asked = {one.question_id: one for one in held.questions}
    return tuple(
        Blocked(
            event_id=held.event_id,
            version=held.version,
            question=asked[answer.question_id],
            answer=answer,
            actor=held.actor,
            at=held.at,
        )
        for answer in held.answers
        if answer.verdict == "block" and asked[answer.question_id].proposal is not None
    )
