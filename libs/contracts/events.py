"""Every event and command. The payload of a Kafka record is one of these as JSON; its envelope stands in the headers."""

from datetime import datetime
from typing import Literal

from pydantic import Field, JsonValue

from libs.contracts.base import Model, PersonalText, PersonalValue
from libs.contracts.change import Actor, FieldChange, Permission, ProposedChange, RecordRef, RecordType
from libs.contracts.lead import Lead, Position, Review, Route, SubmissionRef


class Event(Model):
    """What all events share. The runtime fills these in from the cause; a stage never sets them.

    `decided_at` is the recorded time of the decision (UTC): a replay is given the same one.
    """

    event_id: str = ""
    caused_by: str = ""
    decided_at: datetime | None = None


class SubmissionReceived(Event):
    """A raw submission. Its Kafka value *is* the body's bytes; these facts travel in the headers."""

    submission_id: str
    source: str
    delivery_id: str | None = None
    method: str = "POST"
    path: str = ""
    query: PersonalText = ""
    content_type: str = ""
    content_encoding: str = ""
    headers: dict[str, PersonalText] = {}
    """The few request headers that the mapping needs, by lower-case name: `ce-*` of a CloudEvent in binary mode."""
    trust: Literal["signed", "token", "unsigned"] = "unsigned"
    verified_by: str | None = None
    """Which secret matched, by its name; never the secret."""
    received_at: datetime
    sha256: str
    body: bytes = Field(default=b"", exclude=True, repr=False)
    """The record's value; set when the record is read, never part of the facts."""
    position: Position | None = Field(default=None, exclude=True)
    """Where the record stands; set when it is read."""


class LeadReceived(Event):
    """A submission's item, mapped to facts."""

    lead: Lead


class LeadDeduped(Event):
    """A lead with its identity verdict."""

    lead: Lead


class LeadEnriched(Event):
    """A lead with what providers said."""

    lead: Lead


class LeadClassified(Event):
    """A lead with its classification."""

    lead: Lead


class LeadScored(Event):
    """A lead with its points."""

    lead: Lead


class LeadRouted(Event):
    """A lead with its route: every fact, recorded answer and the rule trace, for ever."""

    lead: Lead
    route: Route


class ChangeRecorded(Event):
    """One move of one field change; what `audit.change.v1` holds."""

    change: FieldChange


class Question(Model):
    """One open question of a triage item, with what it is about and which answers there are."""

    question_id: str
    review: Review
    proposal: ProposedChange | None = None
    choices: tuple[str, ...] = ()


class Waiting(Model):
    """The clock of questions that wait for a person. Its instants are fixed when it starts and ride on the request, so that
    a replay tells of them at the same ones."""

    since: datetime
    """When the lead began to wait for an answer; a newer version that asks again waits on."""
    queue: str = ""
    remind_at: datetime
    due_at: datetime
    escalate_at: datetime
    remind_to: str = ""
    """The role of those who work the queue; empty: nobody is reminded but the owner of the account."""
    escalate_to: str = ""
    """The role that is told when it is long over."""


class TriageRequested(Event):
    """One per lead and version, with all its open questions."""

    lead_id: str
    lead_version: int
    questions: tuple[Question, ...]
    question_hash: str
    """Hash of the questions: a decision carries the one that the person saw."""
    submission: SubmissionRef
    lead: Lead | None = None
    """None when the submission could not be mapped: only its bytes exist."""
    suggested: Route | None = None
    due_at: datetime | None = None
    waiting: Waiting | None = None
    """None in requests from before it was told: they are breached when due, and nobody is reminded."""


RELATIONS = ("parent", "child", "partner")
"""What a company that was kept apart is to the lead's own company: it is part of it, has it as a part, or works with it."""


class Answer(Model):
    """A person's answer to one question. `value` is what an edit sets, a route's queue or owner, or the linked record's id."""

    question_id: str
    verdict: Literal["approve", "edit", "reject", "block", "link", "keep_apart", "route", "dismiss"]
    value: PersonalValue = None
    reason: PersonalText = ""
    relation: str = ""
    """With `keep_apart` of one company: what that company is to the lead's own (`RELATIONS`). Whoever does not know the
    word keeps the two apart, which is right in any case: a relation never merges anything."""


class TriageDecided(Event):
    """What a person decided about a triage item. `reenters`: facts or identity changed, so dedupe makes version + 1.

    With `undoes` it takes a decision back instead: `answers` is empty, and `taken_back` holds what is no longer said.
    """

    lead_id: str
    lead_version: int
    question_hash: str
    questions: tuple[Question, ...]
    answers: tuple[Answer, ...]
    actor: Actor
    reenters: bool = False
    lead: Lead | None = None
    suggested: Route | None = None
    asked_at: datetime | None = None
    """When the router asked; None in decisions from before it was told."""
    segments: dict[str, str] = {}
    """What the lead is told apart by, as in `CrmWrite`; empty when it has no facts."""
    bulk_id: str = ""
    """What was decided together with other items in one act; empty: it was looked at alone."""
    undoes: str = ""
    """The event id of the decision that is taken back; empty: this is a decision."""
    taken_back: tuple[Answer, ...] = ()
    """The answers of that decision."""


class CrmWrite(Event):
    """Changes of one record that the router or a rollback lets out. Crm alone says applied or conflict."""

    write_id: str
    lead_id: str | None
    record: RecordRef
    changes: tuple[ProposedChange, ...]
    policy_hash: str
    approved_by: PersonalText | None = None
    rollback_id: str | None = None
    trigger: str = ""
    segments: dict[str, str] = {}
    """What the lead is told apart by where autonomy is earned by segment: kind, source, country."""


class RecordChanged(Event):
    """The new state of one record, compacted by record id. `fields` None means the record is gone."""

    record: RecordRef
    version: int
    fields: dict[str, PersonalValue] | None
    changed: tuple[str, ...] = ()
    actor: Actor
    write_id: str | None = None
    rollback_id: str | None = None
    """The rollback that wrote it; None when it was none."""


class PolicyPublished(Event):
    """A published policy: the text of every file by its path, so that any service can load exactly this version.

    The newest with role `live` decides. The newest with role `shadow` is tried beside it and decides nothing; an empty
    hash there means that none is tried any more.
    """

    policy_hash: str
    role: Literal["live", "shadow"] = "live"
    files: dict[str, str]
    author: PersonalText
    reason: str
    published_at: datetime


class AutonomyChanged(Event):
    """How much one workflow may do by itself with one field in one segment, and what that is measured by.

    The figures count since the last step of the level. `decided`: suggestions that people answered, and automatic writes
    that people took back or corrected; `accepted`: those that they kept.
    """

    key: str
    workflow: str
    record_type: RecordType
    field: str
    segment: str = ""
    level: Permission
    since: datetime
    decided: int = 0
    accepted: int = 0
    recent: str = ""
    """The newest answers, oldest first: `1` accepted, `0` not; over all steps."""
    step: Literal["counted", "raised", "lowered", "dropped"] = "counted"
    actor: Actor
    reason: PersonalText = ""


class AccessGranted(Event):
    """What one person may see and do through the APIs from now on; the newest of a person counts, whatever came before."""

    person: str
    role: Literal["viewer", "rep", "manager", "revops", "admin"] | None
    """None: nothing any more."""
    queues: tuple[str, ...] = ()
    """Only leads of these queues; empty: of all."""
    member: str | None = None
    """The id of the CRM member that they are: a rep sees their own leads; mail and chat show them what their role may see."""
    valid_from: datetime
    """Tokens that were made before are void."""
    until: datetime | None = None
    actor: Actor
    reason: PersonalText = ""


class AccessRecorded(Event):
    """Somebody was shown personal data: who, by which route, of which records. Never what was shown."""

    person: str
    role: str
    service: str
    route: str
    """The method and the route's template, without values."""
    records: tuple[RecordRef, ...] = ()
    at: datetime


class SubjectErased(Event):
    """A person is to be forgotten: the keys of all that was said by and of them are destroyed, and every service removes what
    it holds of these leads, submissions and records. Names nobody, and is never sealed."""

    erasure_id: str
    lead_ids: tuple[str, ...] = ()
    submission_ids: tuple[str, ...] = ()
    records: tuple[RecordRef, ...] = ()
    subject_key_ids: tuple[str, ...] = ()
    actor: Actor
    at: datetime
    again: bool = False
    """Said a second time, after every process has forgotten the keys: for what was on its way at first."""


class SlaChanged(Event):
    """A service-level clock of a lead: started, its owner reminded, met, breached, escalated or stopped."""

    lead_id: str
    clock: Literal["first_touch", "triage", "accept", "follow_up"]
    state: Literal["started", "met", "breached", "stopped", "reminded", "escalated"]
    due_at: datetime | None = None
    owner: RecordRef | None = None
    at: datetime | None = None
    """When it happened, which may be before it was heard of: a breach happens when it is due."""
    to: str | None = None
    """Whom an escalation tells."""


class LeadFeedback(Event):
    """What a rep says of a lead: accepted, rejected with a reason, touched, followed up, or a comment."""

    lead_id: str
    kind: Literal["accepted", "rejected", "touched", "followed_up", "comment"]
    actor: Actor
    reason: PersonalText = ""


class Command(Event):
    """Something asked of one service by a person, a due timer, a finished effect or another service's stage; it may be refused.

    `name` picks the handler, `key` is the id of the thing commanded, `arguments` are the handler's own contract.
    """

    command_id: str = ""
    """Its event id; the runtime fills it in for a command that a stage emits."""
    target: str = ""
    """The service that is asked; it picks the topic."""
    name: str
    key: str
    actor: Actor
    arguments: PersonalValue = None
    seen_hash: str | None = None
    """Hash of what the person saw; when it changed since, the command is refused and says what changed."""


class DeadLetter(Event):
    """The facts of a record that was given up. The Kafka value *is* the original value's bytes; these travel in the headers."""

    position: Position
    """Where the input stood that led here."""
    topic: str
    """The topic that a redrive sends the original to."""
    stage: str
    stage_version: str
    reason_code: str
    message: str
    attempts: int
    trace: str = ""
    first_failed_at: datetime
    lead_id: str | None = None


class StateStored(Event):
    """Rows that one outcome of a stateful stage stored. Its Kafka value *is* the rows (libs/runtime/rows.py); these facts
    travel in the headers, and in `sb_seq` the number that orders what one service stored."""

    service: str
    stage: str
    subject: str = ""
    """Whom the rows are about: a lead's id or a record's `type:id`; empty: nobody."""


JsonMap = dict[str, JsonValue]
