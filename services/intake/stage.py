"""Mapper: submission.received.v1 in; lead.received.v1 out, or triage.requested.v1, or a command to fetch what an id means.

Redrive: the same submission, mapped again.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from pydantic import ValidationError

from libs.contracts.base import Model
from libs.contracts.change import Source as Origin
from libs.contracts.codec import UnreadableError, decode, with_body
from libs.contracts.events import Command, LeadReceived, SubmissionReceived
from libs.contracts.lead import Position
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, LEAD_RECEIVED, SUBMISSION_RECEIVED, TRIAGE_REQUESTED
from libs.policy.policy import Policy
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.record import Record
from libs.runtime.stage import Stage
from services.intake.domain.adapter import map_body
from services.intake.domain.bodies import parse_body
from services.intake.domain.facts import Item, Unmapped
from services.intake.domain.fetched import missing_item
from services.intake.domain.leads import STAGE, Stamp, outcome_of
from services.intake.domain.sources import Source

VERSION = "1"
REDRIVE = "redrive"

OUT = (LEAD_RECEIVED, TRIAGE_REQUESTED, COMMANDS["fetch"])

SourceOf = Callable[[str, Policy], Source | None]


class SubmissionReader(Protocol):
    """Reads a raw record again."""

    async def read(self, position: Position) -> Record:
        """The record. Raises Retryable when the broker is away, LookupError when the record is gone."""
        ...


class RedriveArguments(Model):
    """Arguments of the command `redrive`: where the submission's bytes are."""

    position: Position


@dataclass(frozen=True, slots=True)
class MapperFacts:
    """The newest policy, the sources of the batch by name, and for redrives what was read, by command."""

    policy: Policy
    sources: Mapping[str, Source | None]
    submissions: Mapping[str, SubmissionReceived]


def mapper_stage(
    policies: PolicyVersions, source_of: SourceOf, tenant_secret: bytes
) -> Stage[SubmissionReceived, MapperFacts]:
    """The stage that turns every submission into leads, triage requests or an audited disposition."""

    async def gather(events: Sequence[SubmissionReceived]) -> MapperFacts:
        policy = policies.newest()
        return MapperFacts(policy, {name: source_of(name, policy) for name in {event.source for event in events}}, {})

    def decide(event: SubmissionReceived, facts: MapperFacts, now: datetime) -> Outcome[LeadReceived]:  # noqa: ARG001
        return mapped(event, facts, tenant_secret)

    return Stage(STAGE, "intake", VERSION, SUBMISSION_RECEIVED, OUT, gather, decide)


def redrive_stage(
    policies: PolicyVersions, reader: SubmissionReader, source_of: SourceOf, tenant_secret: bytes
) -> Stage[Command, MapperFacts]:
    """The stage that maps a kept submission again after its mapping was mended: same ids, same clock."""

    async def gather(commands: Sequence[Command]) -> MapperFacts:
        policy = policies.newest()
        submissions = {command.event_id: await _submission(command, reader) for command in commands}
        names = {submission.source for submission in submissions.values()}
        return MapperFacts(policy, {name: source_of(name, policy) for name in names}, submissions)

    def decide(command: Command, facts: MapperFacts, now: datetime) -> Outcome[LeadReceived]:  # noqa: ARG001
        return mapped(facts.submissions[command.event_id], facts, tenant_secret, again=True)

    return Stage(STAGE, "intake", VERSION, COMMANDS["intake"], OUT, gather, decide, batch_max=50)


def mapped(
    submission: SubmissionReceived, facts: MapperFacts, tenant_secret: bytes, *, again: bool = False
) -> Outcome[LeadReceived]:
    """What a submission leads to, by the newest policy and its source's adapter. `again`: a person asked for it."""
    origin = Origin(kind="submission", name=submission.source)
    origin = origin.model_copy(update={"trust": facts.policy.trust_of(origin)})
    items = _items(submission, facts.sources.get(submission.source), again)
    shared = facts.policy.matching.shared_domains
    stamp = Stamp(origin, facts.policy.hash, tenant_secret, shared, facts.policy.sla, again)
    return outcome_of(submission, items, stamp)


def submission_in(record: Record) -> SubmissionReceived:
    """The submission that a raw record holds, with its bytes. Raises UnreadableError."""
    event = decode(SUBMISSION_RECEIVED, record.value, record.headers)
    place = Position(topic=record.topic, partition=record.partition, offset=record.offset)
    return with_body(event, record.value or b"", place)


def _items(submission: SubmissionReceived, source: Source | None, again: bool) -> Sequence[Item]:
    missing = missing_item(submission, again)
    if missing is not None:
        return (missing,)
    if source is None:
        return (Unmapped(f"the source {submission.source!r} is no longer known"),)
    body = parse_body(submission.body, submission.content_type, submission.content_encoding)
    if source.adapter.envelop is not None:
        body = source.adapter.envelop(body, submission.headers)
    return map_body(source.adapter, body, source.rules)


async def _submission(command: Command, reader: SubmissionReader) -> SubmissionReceived:
    """The submission that a redrive names. Raises Rejected when the command does not make sense, Retryable from the reader."""
    if command.name != REDRIVE:
        raise Rejected(RejectionReason.INVALID, f"intake knows no command {command.name!r}")
    try:
        arguments = RedriveArguments.model_validate(command.arguments)
    except ValidationError:
        raise Rejected(RejectionReason.INVALID, "a redrive needs the submission's position") from None
    if arguments.position.topic != SUBMISSION_RECEIVED.name:
        raise Rejected(RejectionReason.INVALID, f"only {SUBMISSION_RECEIVED.name} is mapped again")
    try:
        submission = submission_in(await reader.read(arguments.position))
    except LookupError:
        raise Rejected(RejectionReason.INVALID, "there is no record at that position") from None
    except UnreadableError as error:
        raise Rejected(RejectionReason.UNREADABLE, str(error)) from None
    if submission.submission_id != command.key:
        raise Rejected(RejectionReason.INVALID, "another submission stands at that position")
    return submission
