"""Dead letters: original bytes untouched, the whole story in headers, and a task for a person when the lead is known."""

import traceback
from dataclasses import dataclass
from datetime import datetime

from libs.contracts import ids
from libs.contracts.codec import Encoded, encode, header
from libs.contracts.events import DeadLetter, Event, Question, TriageRequested, Waiting
from libs.contracts.keys import lead_of
from libs.contracts.lead import Lead, Position, Review
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import DEAD_LETTERS, TRIAGE_REQUESTED
from libs.policy.promise import waiting
from libs.runtime.errors import Retryable
from libs.runtime.policies import PolicyVersions
from libs.runtime.record import Record
from libs.runtime.stage import AnyStage

ORIGINAL = "orig_"
"""Prefix of the original record's headers, so that a redrive can rebuild it."""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a record is given up. `message` holds no personal data."""

    reason: RejectionReason
    message: str
    attempts: int = 1
    trace: str = ""

    @classmethod
    def of_defect(cls, error: BaseException) -> "Failure":
        """An exception inside a pure decision: its type and the code places it went through, never its values."""
        frames = traceback.extract_tb(error.__traceback__)[-6:]
        trace = " > ".join(f"{frame.filename.rpartition('/')[2]}:{frame.lineno} {frame.name}" for frame in frames)
        return cls(RejectionReason.DEFECT, type(error).__name__, trace=trace)


def dead_letter(
    stage: AnyStage,
    record: Record,
    carried: Encoded | None,
    event: Event | None,
    failure: Failure,
    now: datetime,
    *,
    bare: bool = False,
    policies: PolicyVersions | None = None,
) -> list[Encoded]:
    """The dead letter of a record, and a triage request when the event says which lead it is about.

    `carried` is the event's own record when a fused line held it in memory: the dead letter then keeps that one, under
    its own key, so that a redrive puts it where the lead's other events are. `bare` leaves the record's bytes out, for
    one that is larger than the topic of dead letters takes: they stand at its position.
    """
    original = record if carried is None else carried
    key, value, headers = original.key, original.value, original.headers
    cause = header(headers, "ce_id") or f"{record.topic}/{record.partition}/{record.offset}"
    place = ids.derived_id("dead-letter", stage.name, record.topic, record.partition, record.offset)
    lead = None if event is None else lead_of(event)
    letter = DeadLetter(
        event_id=place,
        caused_by=cause,
        decided_at=now,
        position=Position(topic=record.topic, partition=record.partition, offset=record.offset),
        topic=record.topic if carried is None else carried.topic,
        stage=stage.name,
        stage_version=stage.version,
        reason_code=failure.reason,
        message=failure.message[:500],
        attempts=failure.attempts,
        trace=failure.trace,
        first_failed_at=now,
        lead_id=None if lead is None else lead.lead_id,
    )
    encoded = encode(
        DEAD_LETTERS[stage.service],
        letter,
        (key or b"").decode("utf-8", "replace"),
        source=stage.name,
        subject_key_id="" if lead is None else lead.subject_key_id,
        traceparent=header(headers, "traceparent"),
        raw=b"" if bare else value or b"",
        extra=tuple((ORIGINAL + name, held) for name, held in headers),
    )
    return [encoded] if lead is None else [encoded, _task(stage, lead, letter, failure, policies)]


def _task(
    stage: AnyStage,
    lead: Lead,
    letter: DeadLetter,
    failure: Failure,
    policies: PolicyVersions | None,
) -> Encoded:
    """The triage request that tells a person of a lead that could not go on."""
    clock = _clock(lead, letter, policies)
    review = Review(kind="failure", reason=f"{failure.reason}: {failure.message[:200]}", stage=stage.name)
    question = Question(question_id=ids.derived_id("question", letter.event_id), review=review, choices=("dismiss",))
    task = TriageRequested(
        event_id=ids.derived_id("failure-task", letter.event_id),
        caused_by=letter.caused_by,
        decided_at=letter.decided_at,
        lead_id=lead.lead_id,
        lead_version=lead.version,
        questions=(question,),
        question_hash=ids.derived_id("questions", question.question_id),
        submission=lead.submission,
        lead=lead,
        due_at=clock.due_at if clock else None,
        waiting=clock,
    )
    return encode(TRIAGE_REQUESTED, task, lead.lead_id, source=stage.name, subject_key_id=lead.subject_key_id)


def _clock(lead: Lead, letter: DeadLetter, policies: PolicyVersions | None) -> Waiting | None:
    """Triage's clock by the lead's own policy; None where that is not known, which must not keep the failure from a person."""
    try:
        sla = policies.by_hash(lead.policy_hash).sla if policies is not None else None
    except (Retryable, LookupError):
        return None
    return None if sla is None else waiting(letter.first_failed_at, sla)


def original_of(letter: Record, event: DeadLetter) -> Encoded:
    """The record that was given up, as it was, ready to be sent to its topic again; `redrive_of` names the dead letter."""
    headers = tuple((name.removeprefix(ORIGINAL), value) for name, value in letter.headers if name.startswith(ORIGINAL))
    return Encoded(
        topic=event.topic,
        key=letter.key or b"",
        value=letter.value or b"",
        headers=(*headers, ("redrive_of", event.event_id.encode())),
    )
