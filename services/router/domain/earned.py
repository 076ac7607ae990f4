"""What workflows have earned: people's answers are counted by autonomy key, and a level falls at once when they go bad."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import cast, get_args

from pydantic import JsonValue

from libs.contracts.change import Permission, ProposedChange, RecordType
from libs.contracts.events import RecordChanged, TriageDecided
from libs.contracts.lead import Lead
from libs.policy.admit import same_value
from libs.policy.autonomy import (
    ASKS,
    AUTONOMOUS,
    KEPT,
    Autonomy,
    Segments,
    autonomy_key,
    breached,
    earning,
    key_for,
    segments_of,
    stricter_level,
    wilson,
    workflow_behind,
)
from libs.policy.policy import Policy
from services.router.domain.questions import is_conflict, proposal_question_id
from services.router.domain.records import Earned, LetOut

COUNTED = ("approve", "edit", "reject", "block")


@dataclass(frozen=True, slots=True)
class Told:
    """One answer about a key: whether what was suggested was kept, and whether an automatic write was rolled back."""

    key: str
    answer_id: str
    accepted: bool
    rolled_back: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """A level that falls by itself, and why."""

    level: Permission
    reason: str


def answers_in(event: TriageDecided, policy: Policy) -> Iterator[Told]:
    """What a decision says about keys: a person's answers to machines' suggestions. Conflicts with the CRM are none."""
    asked = {question.question_id: question for question in event.questions}
    if event.lead is None or event.actor.kind != "human":
        return
    segments = segments_of(event.lead)
    for answer in event.answers:
        question = asked.get(answer.question_id)
        if question is None or question.proposal is None or answer.verdict not in COUNTED or is_conflict(question):
            continue
        key = _key(policy, question.proposal, segments)
        if key is not None:
            yield Told(key, answer.question_id, answer.verdict == "approve")


def let_out(lead: Lead, writes: Iterable[ProposedChange], policy: Policy) -> tuple[LetOut, ...]:
    """The machine's writes of a lead that are counted should somebody take them back."""
    segments = segments_of(lead)
    found = ((change, _key(policy, _as_proposed(lead, change), segments)) for change in writes)
    return tuple(
        LetOut(
            record_id=change.record.id,
            field=change.field,
            key=key,
            answer_id=proposal_question_id(lead.lead_id, change),
            value=change.new,
            automatic=change.actor.kind in ("rule", "ai"),
        )
        for change, key in found
        if key is not None and change.actor.kind != "human"
    )


def _key(policy: Policy, proposed: ProposedChange, segments: Segments) -> str | None:
    return key_for(policy, workflow_behind(policy, proposed), proposed, segments)


def _as_proposed(lead: Lead, change: ProposedChange) -> ProposedChange:
    """The proposal behind a change: one with a person's yes names the person, and no longer who proposed it."""
    same = (
        one
        for one in lead.proposals
        if (one.record, one.field) == (change.record, change.field) and same_value(one.new, change.new)
    )
    return next(same, change)


def met_again(event: RecordChanged, held: LetOut) -> tuple[LetOut | None, Told | None]:
    """What a record's new state says of a write: the write as it is watched on, None when no longer; and what it counts.

    A write counts as there only once the CRM has shown it: what moved the field before that says nothing about it.
    """
    value: JsonValue = (event.fields or {}).get(held.field)
    if same_value(value, held.value):
        return replace(held, seen=True), None
    if not held.seen:
        return held, None
    if event.rollback_id is not None:
        return None, Told(held.key, held.answer_id, accepted=False, rolled_back=held.automatic)
    if event.actor.kind == "human" and held.automatic:
        return None, Told(held.key, held.answer_id, accepted=False)
    return None, None


def started(policy: Policy, key: str, now: datetime) -> Earned | None:
    """The row of a key that nobody has answered yet; None when the policy earns nothing under it."""
    parts = parsed(key)
    if parts is None:
        return None
    workflow, record_type, field, segment = parts
    block = earning(policy, workflow, record_type, field)
    if block is None or bool(segment) != (block.segment_by != "none"):
        return None
    return Earned(key, workflow, record_type, field, segment, block.starts_at, now)


def parsed(key: str) -> tuple[str, RecordType, str, str] | None:
    """Workflow, record type, field and segment of a key; None when it is none."""
    workflow, _, rest = key.partition(":")
    named, _, segment = rest.partition(":")
    record_type, _, field = named.partition(".")
    if not (workflow and field and record_type in get_args(RecordType)):
        return None
    whole = autonomy_key(workflow, record_type, field, segment) == key
    return (workflow, cast(RecordType, record_type), field, segment) if whole else None


def block_of(policy: Policy, row: Earned) -> Autonomy | None:
    """The block that a row earns under now."""
    return earning(policy, row.workflow, row.record_type, row.field)


def level_now(policy: Policy, row: Earned) -> Permission:
    """A row's level as the gate takes it: never above the contract's permission."""
    contract = policy.workflow(row.workflow)
    return row.level if contract is None else stricter_level(row.level, contract.permission)


def with_answer(row: Earned, told: Told, known_before: bool) -> Earned:
    """The row with an answer. One that stands there already is only corrected; `known_before` and gone from the newest
    ones, it is left as it was counted."""
    places = [place for place, (answer_id, _) in enumerate(row.recent) if answer_id == told.answer_id]
    if not places:
        if known_before:
            return row
        recent = (*row.recent, (told.answer_id, told.accepted))[-KEPT:]
        return replace(row, recent=recent, decided=row.decided + 1, accepted=row.accepted + told.accepted)
    place = places[-1]
    before = row.recent[place][1]
    recent = (*row.recent[:place], (told.answer_id, told.accepted), *row.recent[place + 1 :])
    counts = place >= len(row.recent) - row.decided
    return replace(row, recent=recent, accepted=row.accepted + (told.accepted - before if counts else 0))


def fall(policy: Policy, row: Earned, told: Told) -> Step | None:
    """The step down that an answer makes necessary; None when the level stays. Asking is never taken away by itself."""
    block = block_of(policy, row)
    if block is None or level_now(policy, row) != AUTONOMOUS:
        return None
    if told.rolled_back and block.drop.on_rollback:
        return Step(ASKS, "an automatic write was rolled back")
    if not breached(block.drop, row.answers):
        return None
    seen = row.answers[-block.drop.over_last :]
    limit = f"{block.drop.below:g} over the last {block.drop.over_last}"
    return Step(ASKS, f"{seen.count('1')} of the last {len(seen)} were accepted: below {limit}")


def stepped(row: Earned, level: Permission, now: datetime) -> Earned:
    """The row on another level, where counting begins anew; the newest answers stay, for a fall looks at them."""
    return replace(row, level=level, since=now, decided=0, accepted=0)


def measured(row: Earned) -> str:
    """The figures in words."""
    low, high = wilson(row.accepted, row.decided)
    return f"{row.accepted} of {row.decided} accepted since {row.since:%Y-%m-%d} (95 %: {low:.2f} to {high:.2f})"
