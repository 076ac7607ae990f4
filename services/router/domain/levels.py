"""Steps of earned autonomy: counted answers with the falls they cause, and people's commands. Each step is audited."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from libs.contracts import ids
from libs.contracts.change import Actor, FieldChange, Permission, RecordRef, Source, Status, Workflow
from libs.contracts.events import AutonomyChanged, Command, Event, RecordChanged, TriageDecided
from libs.contracts.outcome import Outcome
from libs.policy.autonomy import ASKS, AUTONOMOUS, LADDER, breached, missing_answers
from libs.policy.policy import Policy
from services.router.domain.commanded import Refused
from services.router.domain.earned import (
    Told,
    answers_in,
    block_of,
    fall,
    level_now,
    measured,
    met_again,
    started,
    stepped,
    with_answer,
)
from services.router.domain.known import Known
from services.router.domain.records import Delta, Earned
from services.router.domain.routing import Cause

RAISE, LOWER = "raise_level", "lower_level"
STEPS: tuple[Permission, ...] = ("read_only", "draft", ASKS, AUTONOMOUS)
"""What a level may be; `restricted` asks as `approved_writes` does and is no step of its own."""
BY_ITSELF = Actor(kind="rule", id="router.autonomy")


@dataclass(slots=True)
class _Sum:
    """What follows from several answers, in order."""

    rows: dict[str, Earned] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)
    changes: list[FieldChange] = field(default_factory=list)


def with_counts(outcome: Outcome[Event], event: TriageDecided, known: Known, cause: Cause) -> Outcome[Event]:
    """The outcome of a decision, with what it says about suggestions counted."""
    if known.newest is None:
        return outcome
    total = _counted(answers_in(event, known.newest), known, known.newest, cause, event.lead_id)
    return _joined(outcome, total, Delta()) if total.rows else outcome


def with_taken_back(outcome: Outcome[Event], event: RecordChanged, known: Known, cause: Cause) -> Outcome[Event]:
    """The outcome of a record's new state, with what it says about earlier writes of its fields counted."""
    held = [known.let_out[event.record.id, name] for name in event.changed if (event.record.id, name) in known.let_out]
    if not held or known.newest is None:
        return outcome
    met = [(one, *met_again(event, one)) for one in held]
    total = _counted([told for *_, told in met if told is not None], known, known.newest, cause, None)
    watched = tuple(after for _, after, _ in met if after is not None)
    done = tuple((one.record_id, one.field) for one, after, _ in met if after is None)
    return _joined(outcome, total, Delta(let_out=watched, done=done))


def _counted(answers: Iterable[Told], known: Known, policy: Policy, cause: Cause, lead_id: str | None) -> _Sum:
    total = _Sum()
    for told in answers:
        row = total.rows.get(told.key) or known.earned.get(told.key) or started(policy, told.key, cause.now)
        if row is None:
            continue
        before = lead_id is not None and (lead_id, told.answer_id) in known.answered
        after = with_answer(row, told, before)
        if after == row and not told.rolled_back:
            continue
        step = fall(policy, after, told)
        total.rows[told.key] = after if step is None else stepped(after, step.level, cause.now)
        if step is None:
            total.events.append(_told(after, "counted", BY_ITSELF, ""))
            continue
        total.events.append(_told(total.rows[told.key], "dropped", BY_ITSELF, step.reason))
        number = len(total.changes)
        total.changes.append(_audited(row, step.level, BY_ITSELF, step.reason, policy, cause, lead_id, number))
    return total


def _joined(outcome: Outcome[Event], total: _Sum, more: Delta) -> Outcome[Event]:
    state = outcome.state if isinstance(outcome.state, Delta) else Delta()
    let_out = (*state.let_out, *more.let_out)
    joined = replace(state, earned=tuple(total.rows.values()), let_out=let_out, done=more.done)
    emits, settled = (*outcome.emits, *_newest(total.events)), (*outcome.settled, *total.changes)
    return replace(outcome, emits=emits, settled=settled, state=joined)


def _newest(events: Sequence[Event]) -> list[Event]:
    """The last word on each key, and every step."""
    last = {event.key: event for event in events if isinstance(event, AutonomyChanged)}
    return [
        one for one in events if isinstance(one, AutonomyChanged) and (one.step != "counted" or one is last[one.key])
    ]


def level_commanded(event: Command, known: Known, cause: Cause) -> Outcome[Event]:
    """A person's step up or down. Raises Refused, with what is missing."""
    policy = known.newest
    if event.actor.kind != "human":
        raise Refused("only a person changes a level")
    row = None if policy is None else known.earned.get(event.key) or started(policy, event.key, cause.now)
    if policy is None or row is None or block_of(policy, row) is None:
        raise Refused(f"nothing is earned under {event.key}: no block `autonomy` of workflows.yaml lists it")
    reason = _text(event, "reason")
    if not reason:
        raise Refused("say why: a step of a level is read again later")
    now = level_now(policy, row)
    wanted = _raised(policy, row, now) if event.name == RAISE else _lowered(event, now)
    after = stepped(row, wanted, cause.now)
    why = f"{reason} ({measured(row)})"
    return Outcome(
        emits=(_told(after, "raised" if event.name == RAISE else "lowered", event.actor, why),),
        settled=(_audited(replace(row, level=now), wanted, event.actor, why, policy, cause, None, 0),),
        state=Delta(earned=(after,)),
        answer={"key": row.key, "level": wanted, "before": now},
    )


def _raised(policy: Policy, row: Earned, now: Permission) -> Permission:
    """The next level up. Raises Refused when the contract or the measured acceptance does not allow it."""
    block, contract = block_of(policy, row), policy.workflow(row.workflow)
    assert block is not None
    assert contract is not None
    place = STEPS.index(ASKS if now == "restricted" else now)
    if place + 1 == len(STEPS):
        raise Refused(f"{row.key} writes by itself already")
    wanted = STEPS[place + 1]
    if LADDER.index(wanted) > LADDER.index(contract.permission):
        raise Refused(f"workflows.yaml allows {row.workflow} {contract.permission} at most")
    if wanted != AUTONOMOUS:
        return wanted
    missing = missing_answers(block.rise, row.accepted, row.decided)
    if missing:
        wants = f"{block.rise.decided} answers and a lower bound of {block.rise.at_least:g}"
        raise Refused(f"{measured(row)}; needed are {wants}: {missing} more accepted ones in a row would do")
    if breached(block.drop, row.answers):
        raise Refused(f"the newest answers would end it at once: {measured(row)}")
    return wanted


def _lowered(event: Command, now: Permission) -> Permission:
    """The level that was asked for, else the next one down. Raises Refused when that is none below."""
    place = STEPS.index(ASKS if now == "restricted" else now)
    named = _text(event, "to") or (STEPS[place - 1] if place else "")
    wanted = next((step for step in STEPS[:place] if step == named), None)
    if wanted is None:
        raise Refused(f"the level is {now}; lower ones are: {', '.join(STEPS[:place]) or 'none'}")
    return wanted


def _text(event: Command, name: str) -> str:
    held = event.arguments.get(name) if isinstance(event.arguments, dict) else None
    return held.strip() if isinstance(held, str) else ""


def _told(
    row: Earned, step: Literal["counted", "raised", "lowered", "dropped"], actor: Actor, reason: str
) -> AutonomyChanged:
    return AutonomyChanged(
        key=row.key,
        workflow=row.workflow,
        record_type=row.record_type,
        field=row.field,
        segment=row.segment,
        level=row.level,
        since=row.since,
        decided=row.decided,
        accepted=row.accepted,
        recent=row.answers,
        step=step,
        actor=actor,
        reason=reason,
    )


def _audited(
    row: Earned,
    level: Permission,
    actor: Actor,
    reason: str,
    policy: Policy,
    cause: Cause,
    lead_id: str | None,
    number: int,
) -> FieldChange:
    ref = RecordRef(type="autonomy", id=row.key)
    by_person = actor.kind == "human"
    return FieldChange(
        record=ref,
        field="level",
        old=row.level,
        new=level,
        source=Source(kind="human" if by_person else "rule", name=actor.id),
        actor=actor,
        reason=reason,
        verified_by=actor.id if by_person else None,
        change_id=ids.change_id(cause.event_id, cause.stage, ref.type, ref.id, "level", 2000 + number),
        workflow=Workflow(name=cause.stage, version=cause.version),
        policy_version=policy.hash,
        trigger_event_id=cause.event_id,
        lead_id=lead_id,
        status=Status.APPLIED,
        rule=f"workflows.yaml:{row.workflow}.autonomy",
        at=cause.now,
    )
