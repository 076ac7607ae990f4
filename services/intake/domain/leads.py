"""From items to events and first audited values. Ids derive from the submission, so mapping again names the same."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, Evidence, ProposedChange, RecordRef, Source
from libs.contracts.events import Command, Event, LeadReceived, Question, SubmissionReceived, TriageRequested
from libs.contracts.fetch import FETCH, FetchOrder
from libs.contracts.lead import Lead, Review, SubmissionRef
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import Disposition
from libs.policy.promise import waiting
from libs.policy.sla import Sla
from services.intake.domain.facts import Item, LeadFacts, NotALead, ToFetch, Unmapped, facts_hash, identity_key

STAGE = "mapper"
ACTOR = Actor(kind="rule", id=STAGE)


@dataclass(frozen=True, slots=True)
class Stamp:
    """What every lead of a submission is stamped with: its source with the policy's trust, the policy, the tenant's secret.

    `shared_domains` are the policy's: they tell no company, so they don't order leads either.
    """

    source: Source
    policy_hash: str
    tenant_secret: bytes = field(repr=False)
    shared_domains: Collection[str] = ()
    sla: Sla | None = None
    """The policy's promises: what can't be mapped waits under triage's clock. None: it is never due."""
    again: bool = False
    """A person asked for the mapping: what is fetched is then fetched anew."""


def outcome_of(submission: SubmissionReceived, items: Sequence[Item], stamp: Stamp) -> Outcome[LeadReceived]:
    """One event per lead and per unmapped item; an item that is neither is an audited disposition of the submission."""
    events: list[Event] = []
    changes: list[ProposedChange] = []
    for number, item in enumerate(items):
        match item:
            case LeadFacts():
                received = lead_received(submission, number, item, stamp)
                events.append(received)
                changes.extend(first_values(received.lead, item))
            case Unmapped():
                events.append(triage_requested(submission, number, item, stamp.sla))
            case NotALead():
                changes.append(_disposition(submission, number, item.disposition, item.reason, stamp))
            case ToFetch():
                events.append(fetch_ordered(submission, item, stamp))
                changes.append(_disposition(submission, number, Disposition.FETCHING, item.reason, stamp))
    leads = [event for event in events if isinstance(event, LeadReceived)]
    following = tuple(event for event in events if event is not (leads[0] if leads else None))
    return Outcome(next=leads[0] if leads else None, changes=tuple(changes), emits=following, answer=_answer(items))


def lead_received(submission: SubmissionReceived, number: int, item: LeadFacts, stamp: Stamp) -> LeadReceived:
    """The event of one lead. Same facts, same event id; other facts of the same submission, another id of the same lead."""
    digest = facts_hash(item)
    key = identity_key(item, submission.submission_id, stamp.shared_domains)
    lead = Lead(
        lead_id=ids.lead_id(submission.submission_id, number),
        submission=submission_ref(submission, number),
        facts_hash=digest,
        source=stamp.source,
        form=item.form,
        kind=item.kind,
        submitted_at=item.submitted_at or submission.received_at,
        policy_hash=stamp.policy_hash,
        partition_key=ids.partition_key(stamp.tenant_secret, key),
        subject_key_id=ids.subject_key_id(ids.lead_id(submission.submission_id, number)),
    )
    event_id = ids.derived_id("lead.received", submission.submission_id, number, digest)
    return LeadReceived(event_id=event_id, lead=lead)


def first_values(lead: Lead, item: LeadFacts) -> list[ProposedChange]:
    """The lead's first values, each with the quote that shows it."""
    return [
        ProposedChange(
            record=RecordRef(type="lead", id=lead.lead_id),
            field=name,
            new=fact.value,
            source=lead.source,
            confidence=fact.confidence,
            actor=ACTOR,
            evidence=(Evidence(quote=fact.quote, where=fact.where),),
            reason="as submitted",
        )
        for name, fact in item.fields.items()
    ]


def triage_requested(
    submission: SubmissionReceived, number: int, item: Unmapped, sla: Sla | None = None
) -> TriageRequested:
    """Asks a person to look at the bytes. Version 0, so that the lead's first version closes it once the mapping works."""
    seen: JsonValue = {"source": submission.source, "item": number, "seen": list(item.seen)}
    question = Question(
        question_id=ids.derived_id("question", submission.submission_id, number, "unmapped"),
        review=Review(kind="unmapped", reason=item.reason, stage=STAGE, detail=seen),
        choices=("dismiss",),
    )
    question_hash = ids.derived_id("questions", question.model_dump_json())
    clock = waiting(submission.received_at, sla) if sla is not None else None
    return TriageRequested(
        event_id=ids.derived_id("triage.requested", submission.submission_id, number, question_hash),
        lead_id=ids.lead_id(submission.submission_id, number),
        lead_version=0,
        questions=(question,),
        question_hash=question_hash,
        submission=submission_ref(submission, number),
        due_at=clock.due_at if clock else None,
        waiting=clock,
    )


def fetch_ordered(submission: SubmissionReceived, item: ToFetch, stamp: Stamp) -> Command:
    """Asks the service fetch for what stands behind an id. Two notices of one object have the same key."""
    order = FetchOrder(
        source=submission.source,
        provider=item.provider,
        object_id=item.object_id,
        trust=submission.trust,
        verified_by=submission.verified_by,
        again=stamp.again,
    )
    arguments = order.model_dump(mode="json")
    return Command(target="fetch", name=FETCH, key=order.submission_id, actor=ACTOR, arguments=arguments)


def submission_ref(submission: SubmissionReceived, number: int) -> SubmissionRef:
    """Where the bytes of an item are."""
    assert submission.position is not None, "a submission that is mapped has been read from its topic"
    return SubmissionRef(
        submission_id=submission.submission_id,
        item=number,
        position=submission.position,
        sha256=submission.sha256,
        delivery_id=submission.delivery_id,
        received_at=submission.received_at,
    )


def _disposition(
    submission: SubmissionReceived, number: int, disposition: Disposition, reason: str, stamp: Stamp
) -> ProposedChange:
    return ProposedChange(
        record=RecordRef(type="submission", id=submission.submission_id),
        field="disposition",
        new=str(disposition),
        source=stamp.source,
        actor=ACTOR,
        evidence=(Evidence(quote=str(disposition), where=f"item {number}"),),
        reason=reason,
    )


def _answer(items: Sequence[Item]) -> JsonValue:
    return {
        "leads": sum(isinstance(item, LeadFacts) for item in items),
        "unmapped": sum(isinstance(item, Unmapped) for item in items),
        "not_leads": sum(isinstance(item, NotALead) for item in items),
        "to_fetch": sum(isinstance(item, ToFetch) for item in items),
    }
