"""Audited changes, in the order of their partition: which become facts, what a field of a record holds now and who wrote it,
and opportunities, tasks and activities as they are now."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import WHOLE, FieldChange, Status
from libs.contracts.events import ChangeRecorded
from services.insights.domain.facts import Body, Fact, of_lead, of_submission, proposed_by

DISPOSITIONS = ("disposition", "item_disposition")
PARTIES = ("contact", "company")
OTHERS = ("opportunity", "task", "activity")
STOPPED = (Status.BLOCKED, Status.SUPPRESSED, Status.QUEUED, Status.CONFLICT)
OF_COURSE = frozenset((
    "activity", "last_activity_at", "last_lead_id", "source", "campaign", "channel", "enrichment_status",
    "missing_fields", "suggested_score", "suggested_queue",
))  # fmt: skip
"""Fields that follow from every lead: nobody suggests or corrects them."""
DRAFTS = ("follow_up_draft", "draft")
"""Fields that hold a text which was drafted for a person to send; each move of one is audited, and none is a correction."""
DELETED = "deleted"
"""The field that says of a CRM record that it is gone."""


@dataclass(frozen=True, slots=True)
class Held:
    """The machine's write that a field holds now."""

    record_key: str
    field: str
    lead_id: str
    change_id: str
    at: datetime
    automatic: bool


@dataclass(frozen=True, slots=True)
class Kept:
    """An opportunity, task or activity: whom it is about, when it was made, and what numbers need of it."""

    record_key: str
    contact_id: str
    lead_id: str
    at: datetime
    body: Body


@dataclass(slots=True)
class Fold:
    """What a batch of changes of one partition makes of what was there before."""

    held: dict[tuple[str, str], Held | None] = field(default_factory=dict)
    """None: a person's, or nobody's."""
    records: dict[str, Kept] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)
    touched: set[str] = field(default_factory=set)
    """Subjects to count anew beside those of the facts: contacts whose records moved."""

    def take(self, event: ChangeRecorded) -> None:
        """Take in one change."""
        change, name = event.change, event.event_id or event.change.change_id
        kind = change.record.type
        if kind == "submission":
            self.facts += _dispositions(change)
        if change.source.kind == "rollback":
            self.facts.append(_rollback(change, name))
        if kind in OTHERS and change.status is Status.APPLIED:
            self._kept(change)
        if change.field in DRAFTS:
            self.facts += _draft(change, name)
            return
        if kind in PARTIES and change.status is Status.APPLIED:
            self._applied(change, name)
        if change.status in STOPPED and change.source.kind != "rollback" and change.lead_id:
            self._stopped(change, name)

    def _stopped(self, change: FieldChange, name: str) -> None:
        if not change.workflow.name.startswith("triage") and change.lead_id:
            told = {**_told(change), "status": change.status.value, "rule": change.rule}
            self.facts.append(Fact(of_lead(change.lead_id), "stopped", name, change.at, told))

    def _applied(self, change: FieldChange, name: str) -> None:
        """Who wrote a field of a contact or company; whose write that was before is told to the lead it was made for."""
        key, fields = change.record.key, _fields(change)
        by_machine = change.actor.kind != "human" and change.source.kind != "rollback"
        for one in fields:
            before = self.held.get((key, one))
            moved = change.field == WHOLE or change.old != change.new
            if not by_machine and moved and before is not None:
                self.facts.append(_undone(change, one, before, name))
            if by_machine and change.lead_id and (moved or before is None):
                automatic = change.actor.kind in ("rule", "ai")
                self.held[key, one] = Held(key, one, change.lead_id, change.change_id, change.at, automatic)
            elif moved:
                self.held[key, one] = None
        if by_machine and change.lead_id and fields and (change.field == WHOLE or change.old != change.new):
            told = {**_told(change), "automatic": change.actor.kind in ("rule", "ai")}
            self.facts.append(Fact(of_lead(change.lead_id), "write", change.change_id, change.at, told))

    def _kept(self, change: FieldChange) -> None:
        key = change.record.key
        before = self.records.get(key) or Kept(key, "", change.lead_id or "", change.at, {})
        after = _moved(before, change)
        if after != before or key not in self.records:
            self.records[key] = after
        self.touched |= {f"contact:{one.contact_id}" for one in (before, after) if one.contact_id}
        self.touched |= {key} if change.record.type == "task" else set()
        self.touched |= {of_lead(one.lead_id) for one in (before, after) if one.lead_id}


def _draft(change: FieldChange, name: str) -> Iterator[Fact]:
    lead = change.record.id if change.record.type == "lead" else change.lead_id
    if lead:
        told = {**_told(change), "status": change.status.value, "human": change.actor.kind == "human"}
        yield Fact(of_lead(lead), "draft", name, change.at, told)


def places(events: Iterable[ChangeRecorded]) -> Iterator[tuple[str, str]]:
    """The (record, field) pairs that a batch of changes is about; what is held of them has to be known first."""
    for event in events:
        change = event.change
        if change.record.type in PARTIES and change.status is Status.APPLIED and change.field not in DRAFTS:
            yield from ((change.record.key, one) for one in _fields(change))


def _fields(change: FieldChange) -> list[str]:
    named = list(change.new) if change.field == WHOLE and isinstance(change.new, dict) else [change.field]
    return sorted(one for one in named if one not in OF_COURSE)


def _told(change: FieldChange) -> dict[str, JsonValue]:
    return {
        "workflow": change.workflow.name,
        "version": change.workflow.version,
        **proposed_by(change),
        "actor": change.actor.id,
        "source_kind": change.source.kind,
        "model": change.model_version or "",
        "policy": change.policy_version,
        "record": change.record.key,
        "record_type": change.record.type,
        "field": change.field,
    }


def _undone(change: FieldChange, name: str, before: Held, event: str) -> Fact:
    by = "rollback" if change.source.kind == "rollback" else "human"
    told: Body = {
        "by": by, "write": before.change_id, "automatic": before.automatic, "record": before.record_key, "field": name,
        "record_type": change.record.type,
    }  # fmt: skip
    return Fact(of_lead(before.lead_id), "undone", f"{event}:{name}", change.at, told)


def _rollback(change: FieldChange, name: str) -> Fact:
    told = {**_told(change), "status": change.status.value, "lead": change.lead_id or ""}
    return Fact(f"rollback:{change.source.name}", "taken_back", name, change.at, told)


def _dispositions(change: FieldChange) -> Iterator[Fact]:
    if change.field in DISPOSITIONS:
        named = next((held.where for held in change.evidence if held.where.startswith("item ")), "item 0")
        item = int(named[5:]) if named[5:].isdigit() else 0
        told: Body = {"item": item, "what": "not_a_lead"}
        yield Fact(of_submission(change.record.id), "item", f"not_a_lead:{item}", change.at, told)


def _moved(before: Kept, change: FieldChange) -> Kept:
    new = dict(change.new) if change.field == WHOLE and isinstance(change.new, dict) else {change.field: change.new}
    told = {**before.body, **_state(change, new, before.body)}
    contact = new.get("contact_id", before.contact_id)
    lead = new.get("lead_id") or before.lead_id
    return replace(
        before,
        contact_id=contact if isinstance(contact, str) else "",
        lead_id=lead if isinstance(lead, str) else "",
        body=told,
    )


def _state(change: FieldChange, new: dict[str, JsonValue], before: Body) -> dict[str, JsonValue]:
    """What numbers need of the record, with when it got there for the first time."""
    kind, at, told = change.record.type, change.at.isoformat(), dict[str, JsonValue]()
    stage, status = new.get("stage"), new.get("status")
    if kind == "opportunity" and isinstance(stage, str):
        end = "won" if "won" in stage.lower() else "lost" if "lost" in stage.lower() else ""
        told |= {"won": before.get("won") or at} if end == "won" else {"won": None}
        told |= {"lost": before.get("lost") or at} if end == "lost" else {"lost": None}
    if kind == "task" and isinstance(status, str):
        told |= {"done": status == "done", "cancelled": status == "cancelled"}
    if kind == "activity":
        told |= {name: new[name] for name in ("kind", "at", "direction") if name in new}
    if DELETED in new:
        told["gone"] = new[DELETED] is True
    return told
