"""Triage commands: people work on items and decide them, or an item's time has come."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from pydantic import JsonValue, ValidationError

from libs.contracts import ids
from libs.contracts.events import Answer, Command, TriageDecided
from libs.contracts.outcome import Outcome
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import COMMANDS, SLA_CHANGED, TRIAGE_DECIDED
from libs.contracts.undo import TAKE_BACK
from libs.policy.autonomy import segments_of
from libs.runtime.errors import Rejected
from libs.runtime.stage import Stage
from services.triage.domain.answers import DecideArguments, problems_of, question_changes, reenters
from services.triage.domain.decided import blocks_in, remembered
from services.triage.domain.item import Case, Item, after_step
from services.triage.domain.record import Scribe, answer_moves, overdue_move, status_move
from services.triage.domain.work import Refusal, WorkRules, finished, refuse_claimed
from services.triage.stage.cases import (
    TIMERS,
    Cases,
    CaseStore,
    advanced,
    closing_clock,
    gathered,
    saved,
    step_told,
    timers_of,
)
from services.triage.stage.refusals import refused, where
from services.triage.stage.undo import UNBLOCK, UNDO, taken_back, unblocked, undone
from services.triage.stage.work import ACTS, COMMENT, worked

NAME = "triage.commands"
VERSION = "2"
DEFAULT_RULES = WorkRules()


def decide(event: Command, cases: Cases, now: datetime, rules: WorkRules = DEFAULT_RULES) -> Outcome[TriageDecided]:
    """What a command leads to; a refused one says why in its answer. Raises Rejected for a name nobody handles."""
    case = cases.of(event.key)
    if event.name == "decide":
        return _decided(event, case, now)
    if event.name in ACTS or event.name == COMMENT:
        return worked(event, case, now, rules, Scribe(event.event_id, NAME, VERSION, now))
    if event.name in (UNDO, UNBLOCK, TAKE_BACK):
        return _back(event, case, now, rules)
    if event.name in TIMERS:
        return _clock_step(event, case, now)
    raise Rejected(RejectionReason.INVALID, f"triage has no command '{event.name[:40]}'")


def _back(event: Command, case: Case, now: datetime, rules: WorkRules) -> Outcome[TriageDecided]:
    scribe = Scribe(event.event_id, NAME, VERSION, now)
    if event.name == TAKE_BACK:
        return taken_back(event, case)
    return undone(event, case, now, rules, scribe) if event.name == UNDO else unblocked(event, case, scribe)


def _decided(event: Command, case: Case, now: datetime) -> Outcome[TriageDecided]:
    try:
        told = DecideArguments.model_validate(event.arguments)
    except ValidationError as error:
        return refused("invalid", "the answers could not be read", problems=where(error))
    item, answers = case.item, told.answers
    if item is None:
        return refused("not_found", "no triage item of that lead: list the open ones at /api/items")
    settles = None if case.decided is None else case.decided.settles_at()
    if settles is not None and now < settles:
        return refused("settling", "a decision was just taken back: decide again in a moment", at=settles.isoformat())
    if item.status != "open":
        return _refused_closed(item)
    if event.seen_hash != item.question_hash:
        return _refused_changed(item, answers)
    if problems := problems_of(item, answers):
        shown: JsonValue = [{"question_id": found.question_id, "message": found.message} for found in problems]
        return refused("invalid", "some answers do not fit their questions", problems=shown)
    try:
        refuse_claimed(item.work, event.actor.id, now, take_over=told.take_over)
    except Refusal as refusal:
        return refused(refusal.code, refusal.message, **refusal.facts)
    work = finished(item.work)
    closed = replace(item, status="decided", closed_at=now, actor=event.actor, answers=answers, work=work)
    return _outcome(event, case, closed, now, told.bulk_id)


def _outcome(event: Command, case: Case, item: Item, now: datetime, bulk_id: str) -> Outcome[TriageDecided]:
    again = reenters(item.questions, item.answers)
    decided = TriageDecided(
        lead_id=item.lead_id,
        lead_version=item.version,
        question_hash=item.question_hash,
        questions=item.questions,
        answers=item.answers,
        actor=event.actor,
        reenters=again,
        lead=item.lead,
        suggested=item.suggested,
        asked_at=item.created_at,
        segments={} if item.lead is None else segments_of(item.lead),
        bulk_id=bulk_id,
    )
    held = remembered(decided, ids.event_id(event.event_id, NAME, 0), now)
    moves = answer_moves(item, item.questions, item.answers, event.actor)
    moves.append(status_move(item, "open", "a person answered every question", event.actor))
    return Outcome(
        next=decided,
        emits=closing_clock(item, now),
        settled=Scribe(event.event_id, NAME, VERSION, now).settled(item, moves),
        timers=timers_of(item),
        state=replace(case, item=item, decided=held, blocked=(*case.blocked, *blocks_in(held))),
        answer={"status": "decided", "lead_id": item.lead_id, "version": item.version, "reenters": again},
    )


def _clock_step(event: Command, case: Case, now: datetime) -> Outcome[TriageDecided]:
    arguments = event.arguments if isinstance(event.arguments, dict) else {}
    version = arguments.get("version")
    step = TIMERS[event.name]
    moved = after_step(case, step, version, now) if isinstance(version, int) else case
    if moved is case or moved.item is None:
        return Outcome(answer={"status": "unchanged"})
    moves = [overdue_move(moved.item)] if step == "overdue" else []
    return Outcome(
        emits=step_told(moved.item, step),
        settled=Scribe(event.event_id, NAME, VERSION, now).settled(moved.item, moves),
        state=moved,
        answer={"status": step},
    )


def _refused_closed(item: Item) -> Outcome[TriageDecided]:
    who = item.actor.id if item.actor is not None else "a newer version of the lead"
    at = item.closed_at.isoformat() if item.closed_at is not None else None
    message = f"the item is no longer open: it was {item.status} by {who}"
    said: JsonValue = [{"question_id": one.question_id, "verdict": one.verdict} for one in item.answers]
    return refused("not_open", message, item_status=item.status, by=who, at=at, version=item.version, answers=said)


def _refused_changed(item: Item, answers: Sequence[Answer]) -> Outcome[TriageDecided]:
    added, gone = question_changes(item, answers)
    message = "the questions changed since they were read: read the item again and answer those"
    return refused(
        "changed", message, question_hash=item.question_hash, version=item.version, added=list(added), gone=list(gone),
        by=f"version {item.version} of the lead", at=item.created_at.isoformat(),
    )  # fmt: skip


def commands_stage(store: CaseStore, rules: WorkRules = DEFAULT_RULES) -> Stage[Command, Cases]:
    """The stage, on a store, by rules of how people work."""

    async def gather(events: Sequence[Command]) -> Cases:
        return await gathered(store, (event.key for event in events))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await saved(store, outcomes)

    def ruled(event: Command, cases: Cases, now: datetime) -> Outcome[TriageDecided]:
        return decide(event, cases, now, rules)

    produces = (TRIAGE_DECIDED, SLA_CHANGED, COMMANDS["router"], COMMANDS["audit"])
    return Stage(NAME, "triage", VERSION, COMMANDS["triage"], produces, gather, ruled, advanced, save)
