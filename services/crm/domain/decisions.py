"""What crm keeps of a triage decision: what was rejected on which evidence, and which fields a person locked."""

from collections.abc import Iterator
from datetime import datetime

from libs.contracts.change import ProposedChange, RecordRef
from libs.contracts.events import Answer, TriageDecided
from libs.contracts.fields import COMPANY_FIELDS, PERSON_FIELDS
from libs.contracts.lead import Lead
from libs.policy.admit import evidence_hash
from services.crm.domain.record import RECORD_TYPES, Delta, Lock, Rejection


def delta_of(event: TriageDecided, now: datetime) -> Delta:
    """Rejections of rejected, blocked and edited proposals, locks of edited fields; an approval forgets an earlier no.

    An approval must forget it: the write that it lets out carries the same evidence.
    """
    proposals = {question.question_id: question.proposal for question in event.questions if question.proposal}
    remembered: list[Rejection] = []
    forgotten: list[Rejection] = []
    locks: list[Lock] = []
    for answer in event.answers:
        proposal = proposals.get(answer.question_id)
        if proposal is None:
            continue
        kept = [_rejection(change, answer, event, now) for change in _also(proposal, event.lead)]
        if answer.verdict == "approve":
            forgotten += kept
        elif answer.verdict in ("reject", "block", "edit"):
            remembered += kept
        if answer.verdict == "edit" and proposal.record.type in RECORD_TYPES:
            locks.append(Lock(proposal.record, proposal.field, event.actor.id, now))
    return Delta(remembered=tuple(remembered), forgotten=tuple(forgotten), locks=tuple(locks))


def refs_of(event: TriageDecided) -> Iterator[RecordRef]:
    """The records that the decision's proposals are about."""
    for question in event.questions:
        if question.proposal is not None:
            yield from (change.record for change in _also(question.proposal, event.lead))


def _also(proposal: ProposedChange, lead: Lead | None) -> Iterator[ProposedChange]:
    """The proposal as a change of each record it would reach: a lead's fact goes on to its contact or company."""
    if proposal.record.type in RECORD_TYPES:
        yield proposal
    if proposal.record.type != "lead" or lead is None or lead.identity is None:
        return
    if proposal.field in PERSON_FIELDS:
        yield proposal.model_copy(update={"record": lead.identity.contact})
    if proposal.field in COMPANY_FIELDS and lead.identity.company is not None:
        yield proposal.model_copy(update={"record": lead.identity.company})


def _rejection(change: ProposedChange, answer: Answer, event: TriageDecided, now: datetime) -> Rejection:
    verdict = answer.verdict if answer.verdict in ("block", "edit") else "reject"
    return Rejection(change.record, change.field, evidence_hash(change), verdict, event.actor.id, answer.reason, now)
