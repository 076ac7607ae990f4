"""What triage writes into the audit log: each move of an item, and each answer to a proposed change."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from libs.contracts import ids
from libs.contracts.change import Actor, Effect, FieldChange, ProposedChange, RecordRef, Source, Status, Workflow
from libs.contracts.events import Answer, Question
from services.triage.domain.item import Item

RULE = Actor(kind="rule", id="triage")
BY_RULE = Source(kind="rule", name="triage")
_STATUS_OF = {
    "approve": Status.APPROVED,
    "edit": Status.EDITED,
    "reject": Status.REJECTED,
    "block": Status.BLOCKED,
}


@dataclass(frozen=True, slots=True)
class Scribe:
    """Writes settled changes for one cause: gives them ids, workflow and time, in the order in which they are asked for."""

    cause: str
    """The event id of the input."""
    stage: str
    version: str
    now: datetime

    def settled(self, item: Item, moves: Iterable[tuple[ProposedChange, Status, str]]) -> tuple[FieldChange, ...]:
        """The audited form of (change, status, rule) triples about one item."""
        return tuple(
            self._change(item, change, status, rule, ordinal) for ordinal, (change, status, rule) in enumerate(moves)
        )

    def _change(self, item: Item, change: ProposedChange, status: Status, rule: str, ordinal: int) -> FieldChange:
        record = change.record
        return FieldChange(
            **{name: getattr(change, name) for name in ProposedChange.model_fields},
            change_id=ids.change_id(self.cause, self.stage, record.type, record.id, change.field, ordinal),
            workflow=Workflow(name=self.stage, version=self.version),
            policy_version=item.policy_hash,
            trigger_event_id=self.cause,
            lead_id=item.lead_id,
            status=status,
            rule=rule,
            at=self.now,
        )


def status_move(item: Item, old: str | None, reason: str, actor: Actor = RULE) -> tuple[ProposedChange, Status, str]:
    """The item's status, as a change of the record `triage_item`."""
    return item_move(item, "status", old, item.status, reason, actor)


def overdue_move(item: Item) -> tuple[ProposedChange, Status, str]:
    """The item passed its time."""
    return item_move(item, "overdue", False, True, "nobody decided the item before it was due", RULE)


def answer_moves(
    item: Item, questions: Iterable[Question], answers: Iterable[Answer], actor: Actor
) -> list[tuple[ProposedChange, Status, str]]:
    """What each answer decided: of a proposed change its new status, else the answer itself as a fact of the item."""
    asked = {question.question_id: question for question in questions}
    moves = []
    for answer in answers:
        question = asked[answer.question_id]
        if question.proposal is not None and answer.verdict in _STATUS_OF:
            moves.append(_proposal_move(question.proposal, answer, actor))
        else:
            moves.append(_fact_move(item, question, answer, actor))
    return moves


def _proposal_move(proposal: ProposedChange, answer: Answer, actor: Actor) -> tuple[ProposedChange, Status, str]:
    yes = answer.verdict in ("approve", "edit")
    by_ai = proposal.actor.kind == "ai" and answer.verdict == "approve"
    update: dict[str, object] = {
        "actor": Actor(kind="human_approved_ai", id=actor.id) if by_ai else actor,
        "reason": answer.reason or f"{_STATUS_OF[answer.verdict]} in triage: {proposal.reason}",
        "verified_by": actor.id if yes else None,
    }
    if answer.verdict == "edit":
        update |= {"new": answer.value, "source": Source(kind="human", name="triage"), "confidence": 1.0}
    return proposal.model_copy(update=update), _STATUS_OF[answer.verdict], f"triage:{answer.verdict}"


def _fact_move(item: Item, question: Question, answer: Answer, actor: Actor) -> tuple[ProposedChange, Status, str]:
    value: dict[str, JsonValue] = {"question_id": answer.question_id, "verdict": answer.verdict, "value": answer.value}
    if answer.relation:
        value["relation"] = answer.relation
    reason = answer.reason or f"answer to: {question.review.reason}"
    return item_move(item, f"answer.{question.review.kind}", None, value, reason, actor)


def item_move(
    item: Item, field: str, old: JsonValue, new: JsonValue, reason: str, actor: Actor
) -> tuple[ProposedChange, Status, str]:
    """A change of the record `triage_item`: its status, who works on it, what was said, an answer."""
    human = actor.kind == "human"
    change = ProposedChange(
        record=RecordRef(type="triage_item", id=item.lead_id),
        field=field,
        old=old,
        new=new,
        source=Source(kind="human", name="triage") if human else BY_RULE,
        actor=actor,
        reason=reason,
        effect=Effect.COMPENSABLE,
    )
    return change, Status.APPLIED, f"triage:{field}"
