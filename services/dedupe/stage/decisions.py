"""Dedupe: triage.decided.v1 in; lead.deduped.v1 out for answers that change a lead's facts or identity.

Refused proposals are remembered with the lead in any case: they must not come back on the next version.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from libs.contracts.events import LeadDeduped, TriageDecided
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_DEDUPED, TRIAGE_DECIDED
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.dedupe.domain.decisions import (
    Rejected,
    answered_reasons,
    edits_of,
    links_of,
    rejections_of,
    with_rejected,
)
from services.dedupe.domain.known import Known
from services.dedupe.domain.person import lead_person
from services.dedupe.domain.records import Delta, LeadRow
from services.dedupe.domain.relations import relation_changes
from services.dedupe.domain.undone import answers_meant, undone
from services.dedupe.domain.versions import Revision, decided_pairs, next_version, reentered
from services.dedupe.stage.gathering import Ask, Index, applied, deltas_of, gathered, stored_lead
from services.dedupe.stage.received import VERSION


def decisions_stage(index: Index, policies: PolicyVersions, batch_max: int = 100) -> Stage[TriageDecided, Known]:
    """The stage `dedupe.decisions`, over an index."""

    async def gather(events: Sequence[TriageDecided]) -> Known:
        said = [(event, answers_meant(event)) for event in events if _concerns_us(event)]
        asks = [
            Ask(event.lead_id, event.lead, stored=True, edits=edits_of(told), records=tuple(links_of(told)))
            for event, told in said
        ]
        return await gathered(index, policies, asks)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await index.save(deltas_of(outcome.state for outcome in outcomes))

    return Stage(
        name="dedupe.decisions",
        service="dedupe",
        version=VERSION,
        consumes=TRIAGE_DECIDED,
        produces=(LEAD_DEDUPED,),
        gather=gather,
        decide=decide_decision,
        advance=lambda known, outcome: applied(known, outcome.state),
        save=save,
        batch_max=batch_max,
    )


def _concerns_us(event: TriageDecided) -> bool:
    """Only people's decisions about a mapped lead count: no model ever links, and without facts there is no lead."""
    told = event.reenters or bool(rejections_of(answers_meant(event)))
    return told and event.lead is not None and event.actor.kind == "human"


def decide_decision(event: TriageDecided, known: Known, now: datetime) -> Outcome[LeadDeduped]:
    """The lead's next version with the person's values and links; nothing for answers that change no fact."""
    if event.lead is None or not _concerns_us(event):
        return Outcome(answer={"ignored": event.lead_id})
    if event.undoes:
        return undone(event, event.lead, known, now)
    row, refused = known.leads.get(event.lead_id), rejections_of(event)
    if not event.reenters:
        return _remembered(row, refused)
    lead = reentered(_newest(event.lead, row), answered_reasons(event))
    lead = lead.model_copy(update={"rejected": with_rejected(lead.rejected, refused)})
    held = {edit.field: edit.value for edit in (*(row.edits if row else ()), *edits_of(event))}
    person = lead_person(lead, held, known.policies[lead.policy_hash])
    said = {
        record: verdict
        for record, verdict in links_of(event).items()
        if verdict == "apart" or record in known.contacts or record in known.companies
    }
    revision = Revision(edits_of(event), decided_pairs(person, known, said, event.actor.id))
    outcome = next_version(
        lead, known.at(now), row, revision, answer={"reentered": lead.lead_id}, after=event.lead_version
    )
    related = () if outcome.next is None else relation_changes(event, outcome.next.lead, known)
    return replace(outcome, changes=(*outcome.changes, *related)) if related else outcome


def _remembered(row: LeadRow | None, refused: Rejected) -> Outcome[LeadDeduped]:
    """The refusals on the stored lead, for its next version; no version is made for them."""
    if row is None:
        return Outcome(answer={"remembered": 0})
    lead = stored_lead(row)
    kept = lead.model_copy(update={"rejected": with_rejected(lead.rejected, refused)})
    delta = Delta(lead=replace(row, lead=kept.model_dump_json().encode()), link_rule="", linked_by="")
    return Outcome(state=delta, answer={"remembered": len(refused)})


def _newest(lead: Lead, row: LeadRow | None) -> Lead:
    """The decided lead with its recorded answers, unless a newer version went out since: then that one's facts count."""
    return lead if row is None or lead.version >= row.version else stored_lead(row)
