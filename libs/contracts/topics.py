"""Every topic, in one table. Producers and consumers are not listed here: they come from the stages themselves."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from libs.contracts.events import (
    AccessGranted,
    AccessRecorded,
    AutonomyChanged,
    ChangeRecorded,
    Command,
    CrmWrite,
    DeadLetter,
    Event,
    LeadClassified,
    LeadDeduped,
    LeadEnriched,
    LeadFeedback,
    LeadReceived,
    LeadRouted,
    LeadScored,
    PolicyPublished,
    RecordChanged,
    SlaChanged,
    StateStored,
    SubjectErased,
    SubmissionReceived,
    TriageDecided,
    TriageRequested,
)
from libs.contracts.notices import NoticeDelivered, NoticeGiven

E = TypeVar("E", bound=Event, covariant=True)

Upcaster = Callable[[dict[str, Any]], dict[str, Any]]
"""From the payload of one schema version to that of the next; pure, and total over what was ever written."""

FOREVER = -1
DAYS_90 = 90


@dataclass(frozen=True, slots=True)
class Topic(Generic[E]):
    """A topic: its name, the event it holds, what its key is, and how long it keeps records.

    `raw`: the Kafka value is bytes as they came and the event's facts travel in headers.
    `compacted`: the newest record of a key is kept for ever. `per_lead`: ordered by the line's partition key.
    """

    name: str
    event: type[E]
    key: str
    retention_days: int
    compacted: bool = False
    raw: bool = False
    partitions: int | None = None
    """None: the line's common count. 1: a fixed single partition."""
    stamped: bool = False
    """Whether the broker's clock stamps its records, and not the clock of whoever sends them."""
    upcasters: tuple[Upcaster, ...] = ()
    """The first one takes version 1 to 2, and so on: stored bytes are never rewritten, they are read anew."""

    @property
    def schema_version(self) -> int:
        """The version that is written; all before it are read."""
        return len(self.upcasters) + 1


SUBMISSION_RECEIVED = Topic("submission.received.v1", SubmissionReceived, "submission id", FOREVER, raw=True)
LEAD_RECEIVED = Topic("lead.received.v1", LeadReceived, "identity key (HMAC)", DAYS_90)
LEAD_DEDUPED = Topic("lead.deduped.v1", LeadDeduped, "identity key (HMAC)", DAYS_90)
LEAD_ENRICHED = Topic("lead.enriched.v1", LeadEnriched, "identity key (HMAC)", DAYS_90)
LEAD_CLASSIFIED = Topic("lead.classified.v1", LeadClassified, "identity key (HMAC)", DAYS_90)
LEAD_SCORED = Topic("lead.scored.v1", LeadScored, "identity key (HMAC)", DAYS_90)
LEAD_ROUTED = Topic("lead.routed.v1", LeadRouted, "identity key (HMAC)", FOREVER)
AUDIT_CHANGE = Topic("audit.change.v1", ChangeRecorded, "record (type:id)", FOREVER, stamped=True)
TRIAGE_REQUESTED = Topic("triage.requested.v1", TriageRequested, "lead id", FOREVER)
TRIAGE_DECIDED = Topic("triage.decided.v1", TriageDecided, "lead id", FOREVER)
CRM_WRITE = Topic("crm.write.v1", CrmWrite, "record (type:id)", DAYS_90)
RECORD_CHANGED = Topic("record.changed.v1", RecordChanged, "record (type:id)", FOREVER, compacted=True)
POLICY_PUBLISHED = Topic("policy.published.v1", PolicyPublished, "policy hash", FOREVER, compacted=True, partitions=1)
AUTONOMY_CHANGED = Topic(
    "autonomy.changed.v1", AutonomyChanged, "workflow, field and segment", FOREVER, compacted=True, partitions=1
)
ACCESS_GRANTED = Topic("access.granted.v1", AccessGranted, "person", FOREVER, partitions=1)
ACCESS_RECORDED = Topic("access.recorded.v1", AccessRecorded, "person", FOREVER)
SLA_CHANGED = Topic("sla.changed.v1", SlaChanged, "lead id", FOREVER)
NOTICE_DELIVERED = Topic("notice.delivered.v1", NoticeDelivered, "lead id, or notice", FOREVER)
NOTICE_GIVEN = Topic("notice.given.v1", NoticeGiven, "member id, or role", DAYS_90)
SUBJECT_ERASED = Topic("subject.erased.v1", SubjectErased, "erasure", FOREVER, partitions=1)
STATE_STORED = Topic("state.stored.v1", StateStored, "event that led to it", FOREVER, raw=True)
LEAD_FEEDBACK = Topic("lead.feedback.v1", LeadFeedback, "lead id", FOREVER)

SERVICES = (
    "intake", "fetch", "dedupe", "enrich", "classify", "score", "router", "crm", "triage", "notify", "audit", "insights",
)  # fmt: skip
COMMANDS = {name: Topic(f"{name}.command.v1", Command, "as the thing commanded", DAYS_90) for name in SERVICES}
DEAD_LETTERS = {
    name: Topic(f"{name}.dead-letter.v1", DeadLetter, "as the original", DAYS_90, raw=True) for name in SERVICES
}

TOPICS: tuple[Topic[Event], ...] = (
    SUBMISSION_RECEIVED, LEAD_RECEIVED, LEAD_DEDUPED, LEAD_ENRICHED, LEAD_CLASSIFIED, LEAD_SCORED, LEAD_ROUTED,
    AUDIT_CHANGE, TRIAGE_REQUESTED, TRIAGE_DECIDED, CRM_WRITE, RECORD_CHANGED, POLICY_PUBLISHED, SLA_CHANGED,
    AUTONOMY_CHANGED, LEAD_FEEDBACK, NOTICE_GIVEN, ACCESS_GRANTED, ACCESS_RECORDED, STATE_STORED, SUBJECT_ERASED,
    NOTICE_DELIVERED,
    *COMMANDS.values(), *DEAD_LETTERS.values(),
)  # fmt: skip
BY_NAME = {topic.name: topic for topic in TOPICS}

MAX_RECORD_BYTES = 2 * 1024 * 1024
"""Topic limit; a submission's body is at most 1 MiB."""
