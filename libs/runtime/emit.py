"""From an outcome to Kafka records: gate, ids, times, keys, trace."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from libs.contracts import ids
from libs.contracts.change import FieldChange
from libs.contracts.codec import Encoded, encode
from libs.contracts.events import ChangeRecorded, Command, Event, SubmissionReceived
from libs.contracts.keys import key_of, subject_of, subject_of_record, topic_of
from libs.contracts.outcome import Outcome
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.gate import gated
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import AnyStage

FUSED = "sb_fused"
"""Header of an event that a fused line carried on itself: the stage that reads its topic passes over it."""


@dataclass(frozen=True, slots=True)
class Emitted:
    """The records of one outcome, and its next event for a fused follower."""

    records: tuple[Encoded, ...]
    next: Event | None


@dataclass(frozen=True, slots=True)
class Emitter:
    """Turns outcomes into records; `carried` are the topics whose events a fused line carries on itself."""

    policies: PolicyVersions
    carried: frozenset[str] = frozenset()

    def emitted(self, stage: AnyStage, cause: Event, outcome: Outcome[Any], now: datetime, traceparent: str) -> Emitted:
        """All records that follow from one outcome. Raises Retryable when the lead's policy is not known here yet."""
        trace_id = traceparent.split("-")[1] if traceparent.count("-") == 3 else None
        events, changes = gated(stage, cause.event_id, outcome, self.policies, now, trace_id)
        named = [self._named(stage, cause, event, ordinal, now) for ordinal, event in enumerate(events)]
        follower = named[0] if outcome.next is not None else None
        records = [self._encoded(stage, event, traceparent, carried=event is follower) for event in named]
        records += [self._audited(stage, cause, change, traceparent) for change in changes]
        return Emitted(tuple(records), follower)

    def _audited(self, stage: AnyStage, cause: Event, change: FieldChange, traceparent: str) -> Encoded:
        event_id = ids.derived_id("audit", change.change_id, change.status, cause.event_id)
        recorded = ChangeRecorded.model_construct(
            event_id=event_id, caused_by=cause.event_id, decided_at=change.at, change=change
        )
        return encode(
            AUDIT_CHANGE,
            recorded,
            change.record.key,
            source=stage.name,
            subject_key_id=subject_of_record(change.record),
            traceparent=traceparent,
        )

    def _named(self, stage: AnyStage, cause: Event, event: Event, ordinal: int, now: datetime) -> Event:
        event_id = event.event_id or ids.event_id(cause.event_id, stage.name, ordinal)
        told = {"event_id": event_id, "caused_by": cause.event_id, "decided_at": event.decided_at or now}
        if isinstance(event, Command):
            told["command_id"] = event_id
        return event.model_copy(update=told)

    def _encoded(self, stage: AnyStage, event: Event, traceparent: str, *, carried: bool) -> Encoded:
        topic = topic_of(event)
        assert topic in stage.produces, f"{stage.name} does not say that it produces {topic.name}"
        return encode(
            topic,
            event,
            key_of(event),
            source=stage.name,
            subject_key_id=subject_of(event),
            traceparent=traceparent,
            raw=event.body if isinstance(event, SubmissionReceived) else None,
            extra=((FUSED, b"1"),) if carried and topic.name in self.carried else (),
        )
