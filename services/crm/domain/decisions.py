"""What crm keeps of a triage decision: what was rejected on which evidence, and which fields a person locked."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from libs.contracts.change import ProposedChange, RecordRef
from libs.contracts.events import Answer, TriageDecided
from libs.contracts.fields import COMPANY_FIELDS, PERSON_FIELDS
from libs.contracts.lead import Lead
from libs.policy.admit import ANY_EVIDENCE, evidence_hash
from services.crm.domain.record import RECORD_TYPES, Delta, Lock, Rejection


def delta_of(event: TriageDecided, now: datetime) -> Delta:
    """Rejections of rejected, blocked and edited proposals, locks of edited fields; an approval forgets an earlier no.

    An approval must forget it: the write that it lets out carries the same evidence. A block is a no to any evidence. What
    is taken back is forgotten, whatever it was.
    """
    if event.undoes:
        return _taken_back(event, now)
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
            forgotten += [*kept, *map(_whatever, kept)]
        elif answer.verdict in ("reject", "block", "edit"):
            remembered += [*kept, *(map(_whatever, kept) if answer.verdict == "block" else ())]
        if answer.verdict == "edit" and proposal.record.type in RECORD_TYPES:
            locks.append(Lock(proposal.record, proposal.field, event.actor.id, now))
    return Delta(remembered=tuple(remembered), forgotten=tuple(forgotten), locks=tuple(locks))


def _taken_back(event: TriageDecided, now: datetime) -> Delta:
    proposals = {question.question_id: question.proposal for question in event.questions if question.proposal}
    said = [(answer, proposals[answer.question_id]) for answer in event.taken_back if answer.question_id in proposals]
    nos = [
        _rejection(change, answer, event, now)
        for answer, proposal in said
        if answer.verdict in ("reject", "block", "edit")
        for change in _also(proposal, event.lead)
    ]
    unlocks = tuple(
        (proposal.record, proposal.field)
        for answer, proposal in said
        if answer.verdict == "edit" and proposal.record.type in RECORD_TYPES
    )
    return Delta(forgotten=(*nos, *map(_whatever, nos)), unlocks=unlocks)


def _whatever(no: Rejection) -> Rejection:
    return replace(no, evidence_hash=ANY_EVIDENCE)


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
