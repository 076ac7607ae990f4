"""A decision that its person took back: its values, links and refusals are forgotten, and the lead is looked at again."""

from dataclasses import replace
from datetime import datetime

from libs.contracts import ids
from libs.contracts.change import FieldChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import LeadDeduped, TriageDecided
from libs.contracts.lead import FieldValue, Lead
from libs.contracts.outcome import Outcome
from services.dedupe.domain.decisions import edits_of, links_of, rejections_of, without_rejected
from services.dedupe.domain.known import Known
from services.dedupe.domain.person import lead_person
from services.dedupe.domain.records import Delta
from services.dedupe.domain.versions import next_version, reentered

WORKFLOW = Workflow(name="dedupe.decisions", version="1")


def answers_meant(event: TriageDecided) -> TriageDecided:
    """The event with the answers that it is about: those that it says, or takes back."""
    return event.model_copy(update={"answers": event.taken_back}) if event.undoes else event


def undone(event: TriageDecided, lead: Lead, known: Known, now: datetime) -> Outcome[LeadDeduped]:
    """The lead's next version as if the decision had not been said; where no fact had changed, only the memory of it goes."""
    row, told = known.leads.get(event.lead_id), answers_meant(event)
    if row is None:
        return Outcome(answer={"forgotten": 0})
    stored = Lead.model_validate_json(row.lead)
    refused = rejections_of(told)
    kept = stored.model_copy(update={"rejected": without_rejected(stored.rejected, refused)})
    if not event.reenters:
        delta = Delta(lead=replace(row, lead=kept.model_dump_json().encode()), link_rule="", linked_by="")
        return Outcome(state=delta, answer={"forgotten": len(refused)})
    set_here = {edit.field for edit in edits_of(told)}
    fields = {name: value for name, value in kept.fields.items() if name not in set_here}
    fields |= {name: lead.fields[name] for name in set_here if name in lead.fields}
    edits = tuple(edit for edit in row.edits if edit.field not in set_here)
    before = replace(row, edits=edits, lead=kept.model_dump_json().encode())
    again = reentered(kept.model_copy(update={"fields": fields}))
    person = lead_person(again, {edit.field: edit.value for edit in edits}, known.policies[again.policy_hash])
    unpaired = tuple((subject, record) for subject in person.subjects() for record in sorted(links_of(told)))
    seen = known.at(now).after(Delta(unpaired=unpaired))
    outcome = next_version(again, seen, before, answer={"reentered": lead.lead_id}, after=event.lead_version)
    state = outcome.state
    assert isinstance(state, Delta)
    moves = tuple(_move(event, kept, name, fields.get(name), now, n) for n, name in enumerate(sorted(set_here)))
    return replace(outcome, state=replace(state, unpaired=unpaired), settled=moves)


def _move(
    event: TriageDecided, lead: Lead, field: str, value: FieldValue | None, now: datetime, ordinal: int
) -> FieldChange:
    """A fact of the lead that is again what it was."""
    record = RecordRef(type="lead", id=lead.lead_id)
    return FieldChange(
        change_id=ids.change_id(event.event_id, WORKFLOW.name, record.type, record.id, field, 500 + ordinal),
        record=record,
        field=field,
        old=lead.value(field),
        new=None if value is None else value.value,
        source=Source(kind="rollback", name=event.undoes),
        actor=event.actor,
        reason="its decision was taken back",
        workflow=WORKFLOW,
        policy_version=lead.policy_hash,
        trigger_event_id=event.event_id,
        lead_id=lead.lead_id,
        status=Status.APPLIED,
        rule="triage:undo",
        at=now,
    )
