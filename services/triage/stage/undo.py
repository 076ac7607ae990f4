"""Taking back: a person undoes their own decision for a while, and a blocked field is unblocked at any time.

The lead moves on within a second, so an undo is a compensating act (docs/decisions/0018): dedupe, router and crm forget
what the decision taught them, audit rolls back what was written since, and what was asked is asked again.
"""

from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.events import Command, TriageDecided
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome, Timer
from libs.contracts.undo import TAKE_BACK, TakeBackArguments
from libs.policy.autonomy import segments_of
from services.triage.domain.decided import SETTLING, Blocked, Decided
from services.triage.domain.item import Case, Item
from services.triage.domain.record import Scribe, item_move, status_move
from services.triage.domain.work import WorkRules
from services.triage.stage.cases import starting_clock, timers_of
from services.triage.stage.refusals import refused

UNDO, UNBLOCK = "undo", "unblock"
WRITES = ("approve", "edit", "link", "keep_apart", "route")
"""Verdicts after which something may have been written to the CRM."""


def undone(event: Command, case: Case, now: datetime, rules: WorkRules, scribe: Scribe) -> Outcome[Any]:
    """The newest decision taken back: its item open again in place, or, where facts or identity had changed, the lead's next
    version on its way with the same questions. A refusal says why not, and what there is instead."""
    held = case.decided
    if held is None or held.undone or case.item is None:
        return refused("not_undoable", "there is no decision about this lead to take back")
    if held.actor.id != event.actor.id:
        return refused("not_undoable", f"{held.actor.id} decided: only they take it back", by=held.actor.id)
    if now > held.at + rules.undo:
        until = (held.at + rules.undo).isoformat()
        return refused("not_undoable", "too late to take it back: see `signalbox rollback plan`", until=until)
    if case.seen_version > held.version + held.reenters:
        message = "a newer version of the lead came since: decide that, or see `signalbox rollback plan`"
        return refused("not_undoable", message, version=case.seen_version)
    item = case.item if held.reenters else _reopened(case.item, held)
    gone = held.model_copy(update={"undone_at": now})
    blocked = tuple(one for one in case.blocked if one.event_id != held.event_id)
    moved = replace(case, item=item, decided=gone, blocked=blocked, settled=case.settled and held.reenters)
    moves = [item_move(item, "decision", held.event_id, None, f"{event.actor.id} took it back", event.actor)]
    if not held.reenters:
        moves.append(status_move(item, "decided", "its decision was taken back", event.actor))
    timer = _timer(case.lead_id, held, event, now) if _may_have_written(held) else None
    clocks = timers_of(item) if item.status == "open" and not held.reenters else ()
    return Outcome(
        next=_taken_back(event, case, held),
        emits=starting_clock(item) if not held.reenters else (),
        settled=scribe.settled(item, moves),
        timers=(*clocks, *([timer] if timer else ())),
        state=moved,
        answer={
            "status": "undone", "lead_id": case.lead_id, "version": held.version, "reenters": held.reenters,
            "follows": _follows(held), "cannot": _cannot(held),
        },
    )  # fmt: skip


def _reopened(item: Item, held: Decided) -> Item:
    """The item with the questions that were decided, open again; nobody has to be told twice of its clock."""
    return replace(
        item, status="open", version=held.version, questions=held.questions, question_hash=held.question_hash,
        suggested=held.suggested, closed_at=None, actor=None, answers=(),
    )  # fmt: skip


def _taken_back(event: Command, case: Case, held: Decided) -> TriageDecided:
    lead = _as_it_was(None if case.item is None else case.item.lead, held)
    return TriageDecided(
        lead_id=case.lead_id,
        lead_version=max(held.version, case.seen_version),
        question_hash=held.question_hash,
        questions=held.questions,
        answers=(),
        actor=event.actor,
        reenters=held.reenters,
        lead=lead,
        suggested=held.suggested,
        segments={} if lead is None else segments_of(lead),
        undoes=held.event_id,
        taken_back=held.answers,
    )


def _as_it_was(lead: Lead | None, held: Decided) -> Lead | None:
    """The lead with the facts that it had before the answers set them."""
    if lead is None or not held.touched:
        return lead
    fields = {name: value for name, value in lead.fields.items() if name not in held.touched}
    fields |= {name: value for name, value in held.touched.items() if value is not None}
    return lead.model_copy(update={"fields": fields})


def _may_have_written(held: Decided) -> bool:
    return any(one.verdict in WRITES for one in held.answers)


def _timer(lead_id: str, held: Decided, event: Command, now: datetime) -> Timer:
    """Rings once all is written: what is decided anew comes later (`settles_at`)."""
    told = TakeBackArguments(decision=held.event_id, since=held.at, until=now + SETTLING).model_dump(mode="json")
    return Timer(TAKE_BACK, lead_id, now + SETTLING, {**told, "person": event.actor.id})


def _follows(held: Decided) -> JsonValue:
    if held.reenters:
        again = (
            "the lead goes through the line again without your answers, and its questions come back as its next version"
        )
    else:
        again = "the item is open again with the same questions, and the lead waits for you"
    told: list[JsonValue] = [again]
    if _may_have_written(held):
        told.append(
            "what was written to CRM records since is rolled back, field by field; what somebody edited since stays"
        )
    return told


def _cannot(held: Decided) -> JsonValue:
    """What stays done. An owner who was told is told again that the lead moved."""
    if not _may_have_written(held):
        return []
    return [
        "notices that went out (mail, chat) stay sent; whoever got the lead is told that it moved",
        "a remote CRM or a webhook that was called already is called again with the earlier values",
    ]


def taken_back(event: Command, case: Case) -> Outcome[Any]:
    """The timer after an undo: audit is asked to roll back what was written between the decision and the undo."""
    told = event.arguments if isinstance(event.arguments, dict) else {}
    person = Actor(kind="human", id=str(told.get("person")))
    order = Command(target="audit", name=TAKE_BACK, key=case.lead_id, actor=person, arguments=told)
    return Outcome(emits=(order,), answer={"status": "asked"})


def unblocked(event: Command, case: Case, scribe: Scribe) -> Outcome[Any]:
    """A blocked field that machines may write again: the block is taken back, whenever and by whomever it was said."""
    told = event.arguments if isinstance(event.arguments, dict) else {}
    name = told.get("question_id")
    held = next((one for one in case.blocked if one.question.question_id == name), None)
    if held is None or case.item is None or held.question.proposal is None:
        listed: JsonValue = [one.question.question_id for one in case.blocked]
        return refused("not_found", "no blocked field by that question_id", blocked=listed)
    proposal, reason = held.question.proposal, str(told.get("reason") or f"{event.actor.id} unblocked it")
    place: JsonValue = {"record": proposal.record.key, "field": proposal.field}
    return Outcome(
        next=_unblocking(event, case, held),
        settled=scribe.settled(case.item, [item_move(case.item, "blocked", place, None, reason, event.actor)]),
        state=replace(case, blocked=tuple(one for one in case.blocked if one is not held)),
        answer={"status": "unblocked", "lead_id": case.lead_id, "record": proposal.record.key, "field": proposal.field},
    )


def _unblocking(event: Command, case: Case, held: Blocked) -> TriageDecided:
    own = held.question.proposal is not None and held.question.proposal.record.type == "lead"
    return TriageDecided(
        lead_id=case.lead_id,
        lead_version=max(held.version, case.seen_version),
        question_hash="",
        questions=(held.question,),
        answers=(),
        actor=event.actor,
        reenters=own,
        lead=None if case.item is None else case.item.lead,
        undoes=held.event_id,
        taken_back=(held.answer,),
    )
