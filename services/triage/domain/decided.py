"""What triage remembers of decisions: the newest one, so that it can be taken back, and the fields that were blocked."""

from datetime import datetime, timedelta

from libs.contracts.base import Model
from libs.contracts.change import Actor
from libs.contracts.events import Answer, Question, TriageDecided
from libs.contracts.lead import FieldValue, Route

SETTLING = timedelta(seconds=3)
"""So long after an undo, what the decision had let out is written and audited, and can be rolled back as a whole."""


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
    touched: dict[str, FieldValue | None] = {}
    """The lead's facts that the answers set, as they were before; None: there was none."""
    undone_at: datetime | None = None
    """When it was taken back; kept so that what still comes because of it is known as old news."""

    @property
    def undone(self) -> bool:
        """Whether it was taken back."""
        return self.undone_at is not None

    def settles_at(self) -> datetime | None:
        """When what it let out is rolled back: until then nothing new is decided about the lead. None: it stands."""
        return None if self.undone_at is None else self.undone_at + SETTLING


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
        touched=_touched(event),
    )


def _touched(event: TriageDecided) -> dict[str, FieldValue | None]:
    asked = {one.question_id: one.proposal for one in event.questions}
    said = [asked.get(one.question_id) for one in event.answers if one.verdict in ("approve", "edit")]
    names = [one.field for one in said if one is not None and one.record.type == "lead"]
    return {name: None if event.lead is None else event.lead.fields.get(name) for name in names}


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
