"""People's answers to machines' suggestions: how sure the machine was, whether it was right, and why a person was asked."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import FieldChange, ProposedChange, Status
from libs.contracts.events import Answer, Question, TriageDecided
from libs.contracts.lead import Lead
from libs.policy.admit import EARNED, Current, admit
from libs.policy.autonomy import AUTONOMOUS, segments_of, workflow_behind
from libs.policy.launch import LaunchMode
from libs.policy.policy import Policy

COUNTED = ("approve", "edit", "reject", "block")
CONFLICT = "conflict"
_FREED = re.compile(
    rf"fields\.yaml:.*\.bands|workflows\.yaml:.*\.(permission|threshold)|{re.escape(EARNED)}|launch\.yaml:.*"
)
"""Rules that hold back by how sure a value is, or by how far the rollout has come."""
Segments = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Answered:
    """A machine's value that a person was asked about."""

    question_id: str
    lead_id: str
    workflow: str
    place: str
    """Record type and field, as `contact.title`."""
    confidence: float
    right: bool
    """Approved as it was. What was edited, refused or blocked was wrong."""
    verdict: str
    old: JsonValue
    new: JsonValue
    by: str
    at: datetime | None
    segments: Segments = field(default_factory=dict)
    asked_by: str = ""
    """The rule that asks however sure the machine is; empty when a lower cut would have spared the review."""

    @property
    def spared(self) -> bool:
        """Whether a cut at or below its confidence would have let it through."""
        return not self.asked_by


@dataclass(frozen=True, slots=True)
class Unresolved:
    """An answer about a lead's own field: how sure the machine was stands in the audit log, under the queued change."""

    change_id: str
    answered: Answered


class Gate:
    """The policy in force, asked what would still hold a value of which the machine is sure."""

    def __init__(self, policy: Policy) -> None:
        self.policy = policy
        steps = {name: one.model_copy(update={"permission": AUTONOMOUS}) for name, one in policy.workflows.items()}
        self._freed = policy.model_copy(update={"workflows": steps})

    def asks_anyway(self, proposed: ProposedChange, told: str = "") -> str:
        """The rule that asks about it at any confidence, in the freest launch mode and with every step earned; empty when
        none does. `told`: the rule that asked then."""
        if told and not _FREED.fullmatch(told):
            return told
        sure, stage = proposed.model_copy(update={"confidence": 1.0}), workflow_behind(self.policy, proposed)
        mode = LaunchMode.LIMITED_AUTO
        verdict = admit(self._freed, Current(value=proposed.old), sure, stage=stage, mode=mode)
        return "" if verdict.status is Status.APPLIED else verdict.rule


def answers_in(event: TriageDecided, gate: Gate) -> Iterator[Answered | Unresolved]:
    """A person's answers to machines' suggestions. Conflicts are none: there people and providers disagree, and a person
    is asked however sure each of them is."""
    asked = {question.question_id: question for question in event.questions}
    if event.lead is None or event.actor.kind != "human":
        return
    for answer in event.answers:
        question = asked.get(answer.question_id)
        if question is None or answer.verdict not in COUNTED or question.review.kind == CONFLICT:
            continue
        if (one := question.proposal) is None or one.actor.kind == "human":
            continue
        answered = _answered(event, event.lead, question, one, answer, gate)
        yield answered if one.record.type != "lead" else Unresolved(_detail(question, "change_id"), answered)


def resolved(held: Unresolved, queued: FieldChange, gate: Gate) -> Answered:
    """The answer, with what the audit log says of the change that waited for it."""
    return replace(
        held.answered,
        confidence=queued.confidence,
        workflow=workflow_behind(gate.policy, queued),
        asked_by=gate.asks_anyway(queued, queued.rule),
    )


def place_of(change: ProposedChange) -> str:
    """Record type and field."""
    return f"{change.record.type}.{change.field}"


def told_apart(lead: Lead) -> Segments:
    """What a lead is told apart by: kind, source, country, language."""
    return {**segments_of(lead), "language": lead.text("language")}


def _answered(
    event: TriageDecided, lead: Lead, question: Question, proposed: ProposedChange, answer: Answer, gate: Gate
) -> Answered:
    return Answered(
        question_id=question.question_id,
        lead_id=event.lead_id,
        workflow=workflow_behind(gate.policy, proposed),
        place=place_of(proposed),
        confidence=proposed.confidence,
        right=answer.verdict == "approve",
        verdict=answer.verdict,
        old=proposed.old,
        new=proposed.new,
        by=event.actor.id,
        at=event.decided_at,
        segments=told_apart(lead),
        asked_by=gate.asks_anyway(proposed, _detail(question, "rule")),
    )


def _detail(question: Question, name: str) -> str:
    held = question.review.detail
    told = held.get(name) if isinstance(held, dict) else None
    return told if isinstance(told, str) else ""
