"""The unit of audit: one field of one record, from an old value to a new one, with who, why and how sure."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

from libs.contracts.base import Model, PersonalText, PersonalValue

RecordType = Literal[
    "lead", "contact", "company", "opportunity", "member", "suppression", "task", "activity", "submission", "triage_item",
    "policy", "webhook", "calendar", "autonomy", "erasure",
]  # fmt: skip
WHOLE = "*"
"""The field of a change that makes a whole record at once: `new` holds all its fields by name. An imported record is one
move in the log and not one for each field; every reader takes it for a change of each of them."""


class RecordRef(Model):
    """Names one record of any kind."""

    type: RecordType
    id: str

    @property
    def key(self) -> str:
        """The record as a Kafka key: with its type, since imported ids may repeat between types."""
        return f"{self.type}:{self.id}"


Permission = Literal["read_only", "draft", "approved_writes", "limited_autonomous", "restricted"]
"""A step of the permission ladder: `read_only` and `draft` never write, `approved_writes` and `restricted` ask first."""


class Status(StrEnum):
    """Where a change stands. A revert is a new change, not a status."""

    PROPOSED = "proposed"
    APPLIED = "applied"
    QUEUED = "queued"
    APPROVED = "approved"
    EDITED = "edited"
    REJECTED = "rejected"
    BLOCKED = "blocked"
    SUPPRESSED = "suppressed"
    CONFLICT = "conflict"


class Effect(StrEnum):
    """Whether a change can be undone: by writing the old value back, by another act, or not at all."""

    REVERSIBLE = "reversible"
    COMPENSABLE = "compensable"
    IRREVERSIBLE = "irreversible"


class Actor(Model):
    """Who acted: a rule (id: rule or stage name), a model, a model's proposal that a person approved, or a person."""

    kind: Literal["rule", "ai", "human_approved_ai", "human"]
    id: str


class Source(Model):
    """Where a value came from; `trust` is the policy's 0-1 for that source."""

    kind: Literal["submission", "provider", "model", "rule", "human", "crm", "rollback"]
    name: str
    trust: float = 1.0


class Workflow(Model):
    """The stage and its code version."""

    name: str
    version: str


class Evidence(Model):
    """An exact quote and the place where it stands (a field of the submission, a provider's answer, a URL)."""

    quote: PersonalText
    where: str


class ProposedChange(Model):
    """What a stage asks for. The runtime adds ids, workflow, time and the gate's verdict; see `FieldChange`."""

    record: RecordRef
    field: str
    new: PersonalValue
    old: PersonalValue = None
    source: Source
    confidence: float = 1.0
    actor: Actor
    evidence: tuple[Evidence, ...] = ()
    reason: str
    model_version: str | None = None
    effect: Effect = Effect.REVERSIBLE
    reverts: str | None = None
    verified_by: PersonalText | None = None
    proposed_by: Workflow | None = None
    """Which stage, in which version, proposed it: filled in by the runtime as a record's change begins to ride on a lead, and
    kept with every later move. None: it was admitted or refused where it was made, or comes from before it was told."""


class FieldChange(ProposedChange):
    """One audited move of one change; the payload of `audit.change.v1`. `at` is the deciding stage's recorded time (UTC)."""

    change_id: str
    workflow: Workflow
    policy_version: str
    trigger_event_id: str
    lead_id: str | None
    trace_id: str | None = None
    status: Status
    rule: str
    """The policy rule that gave the status, as `file:rule` or a gate rule's name."""
    at: datetime
