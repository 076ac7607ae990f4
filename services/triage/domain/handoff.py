"""What triage keeps of a routed lead for whoever gets it: the note, the draft, and what became of the draft."""

from collections.abc import Iterator
from datetime import datetime
from typing import Literal

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.base import Model, PersonalText
from libs.contracts.change import (
    Actor,
    Effect,
    Evidence,
    FieldChange,
    ProposedChange,
    RecordRef,
    Source,
    Status,
    Workflow,
)
from libs.contracts.events import LeadRouted
from libs.contracts.note import Note
from libs.policy.note import note_of
from libs.policy.policy import Policy
from services.triage.domain.basis import Basis, basis_of, why_not
from services.triage.domain.draft import Draft
from services.triage.domain.record import BY_RULE, RULE
from services.triage.domain.written import template_draft

FIELD = "follow_up_draft"
"""The lead's field under which the audit log keeps what became of its draft."""
ENDED = ("suppressed", "disqualified")
DraftStatus = Literal["none", "created", "edited", "approved", "discarded"]
_STATUS: dict[DraftStatus, Status] = {
    "created": Status.PROPOSED, "edited": Status.EDITED, "approved": Status.APPROVED, "discarded": Status.REJECTED,
}  # fmt: skip
"""A created draft is no more than proposed: a person alone approves it."""


class Handoff(Model):
    """One version of a lead that came to somebody, or that ended where nobody answers."""

    lead_id: str
    version: int
    policy_hash: str
    owner: str | None = None
    """The member who has it, or whom it is offered to."""
    queue: str | None = None
    note: Note = Note()
    draft: Draft | None = None
    why_not: str = ""
    """Why there is no draft."""
    status: DraftStatus = "none"
    reason: PersonalText = ""
    created_at: datetime
    changed_at: datetime
    changed_by: str = ""
    basis: Basis | None = None
    """What its draft may be made of, as it was when it was made."""

    @property
    def seen_hash(self) -> str:
        """What a person saw: the version, the text and what became of it."""
        text = self.draft.text if self.draft else ""
        return ids.derived_id("draft", self.lead_id, str(self.version), self.status, text)


def after_route(held: Handoff | None, event: LeadRouted, policy: Policy, now: datetime) -> Handoff | None:
    """What is kept after a lead was routed; None when nothing new is: it waits for a person, or is known already. The same
    version given to somebody else keeps its note and its draft."""
    lead, route = event.lead, event.route
    owner, note = route.owner.id if route.owner else None, note_of(lead, route, policy)
    if held is not None and held.note.lines:
        if (held.owner, held.queue) == (owner, route.queue):
            return None
        return held.model_copy(update={"owner": owner, "queue": route.queue, "changed_at": now})
    if not note.lines and route.destination not in ENDED:
        return None
    reason = why_not(lead, route, policy)
    if held is not None and held.why_not == reason and not note.lines:
        return None
    kept = Handoff(
        lead_id=lead.lead_id, version=lead.version, policy_hash=lead.policy_hash, owner=owner, queue=route.queue,
        note=note, why_not=reason, created_at=now, changed_at=now,
    )  # fmt: skip
    if reason:
        return kept
    basis = basis_of(lead, route, policy)
    told = {"basis": basis, "draft": template_draft(basis), "status": "created", "changed_by": RULE.id}
    return kept.model_copy(update=told)


def moved(held: Handoff, draft: Draft, status: DraftStatus, actor: Actor, reason: str, now: datetime) -> Handoff:
    """The draft after somebody's act."""
    told = {"draft": draft, "status": status, "changed_at": now, "changed_by": actor.id, "reason": reason}
    return held.model_copy(update=told)


def draft_change(
    before: Handoff | None, after: Handoff, actor: Actor, cause: str, stage: tuple[str, str]
) -> FieldChange:
    """The audited move of a draft: its text and state before and after, who, and the evidence of its sentences."""
    old = None if before is None or before.draft is None else _value(before)
    draft = after.draft
    ai = actor.kind == "ai"
    change = ProposedChange(
        record=RecordRef(type="lead", id=after.lead_id),
        field=FIELD,
        old=old,
        new=_value(after),
        source=_source(actor, draft),
        actor=actor,
        evidence=tuple(_quotes(draft)) if after.status == "created" else (),
        reason=after.reason or f"the draft was {after.status}",
        model_version=draft.model if ai and draft else None,
        effect=Effect.COMPENSABLE,
        verified_by=actor.id if after.status in ("edited", "approved") else None,
    )
    return FieldChange(
        **{name: getattr(change, name) for name in ProposedChange.model_fields},
        change_id=ids.change_id(cause, stage[0], "lead", after.lead_id, FIELD, 0),
        workflow=Workflow(name=stage[0], version=stage[1]),
        policy_version=after.policy_hash,
        trigger_event_id=cause,
        lead_id=after.lead_id,
        status=_STATUS[after.status],
        rule=f"drafts:{after.status}",
        at=after.changed_at,
    )


def _value(held: Handoff) -> JsonValue:
    return {"status": held.status, "version": held.version, "text": held.draft.text if held.draft else ""}


def _source(actor: Actor, draft: Draft | None) -> Source:
    if actor.kind == "human":
        return Source(kind="human", name="triage")
    if actor.kind == "ai":
        return Source(kind="model", name=draft.model if draft else "")
    return BY_RULE


def _quotes(draft: Draft | None) -> Iterator[Evidence]:
    for sentence in draft.sentences if draft else ():
        for ground in sentence.grounds:
            if ground.quote:
                yield Evidence(quote=ground.quote, where=ground.where)
