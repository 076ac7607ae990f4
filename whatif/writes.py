"""Values that machines wrote without asking, and what became of them: they stand, a person changed them, or they were
rolled back."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import WHOLE, FieldChange, Status
from libs.policy.admit import same_value
from libs.policy.autonomy import workflow_behind
from libs.policy.policy import Policy
from services.audit.domain.rollback import TAKEN_OFF
from services.router.domain.questions import proposal_question_id
from whatif.answers import Segments, place_of

RECORDS = ("lead", "contact", "company", "opportunity")
"""Whose fields machines suggest values for. The log also holds moves of triage items, policies, tasks and lists."""
Question = tuple[str, str]
"""A lead and the id of a question about it."""


@dataclass(frozen=True, slots=True)
class Written:
    """A machine's value that was written without asking. Nobody looked at most of them: they are wrong as far as is known."""

    change_id: str
    lead_id: str | None
    workflow: str
    place: str
    confidence: float
    corrected: bool
    """A person changed it later, or it was rolled back."""
    old: JsonValue
    new: JsonValue
    at: datetime | None
    segments: Segments = field(default_factory=dict)


class Writes:
    """The audit log's changes of each record in the log's order, as far as machines wrote them."""

    def __init__(self, policy: Policy) -> None:
        self._policy = policy
        self.written: dict[str, Written] = {}
        self.taken_back: dict[Question, str] = {}
        """Suggestions that a person approved and that were rolled back after all, with the rollback's change."""
        self._approved: dict[str, Question] = {}
        self._standing: dict[tuple[str, str, str], tuple[str, JsonValue]] = {}
        """By record and field, the machine's change that stands there and its value."""
        self._reverts: dict[str, tuple[str, ...]] = {}
        """By a change that said others were wrong, a rollback or a person's correction: those others."""

    def changed(self, change: FieldChange) -> None:
        """A move of a field: written by a machine, or somebody's word about what a machine wrote."""
        if change.status is not Status.APPLIED or change.record.type not in RECORDS or change.field == WHOLE:
            return
        if change.reverts is not None:
            self._reverted(change, change.reverts)
        elif change.rule != "unchanged" and not same_value(change.old, change.new):
            self._moved(change)

    def _moved(self, change: FieldChange) -> None:
        key = (change.record.type, change.record.id, change.field)
        before, value = self._standing.get(key, ("", None))
        if before and same_value(change.new, value):
            return  # said again: a lead's next version proposes what stands there
        self._standing.pop(key, None)
        if change.actor.kind == "human":
            if before in self.written:
                self._reverts[change.change_id] = (before,)
                self._set(before, corrected=True)
            return
        self._standing[key] = change.change_id, change.new
        if change.actor.kind == "human_approved_ai":
            lead_id = change.lead_id or ""
            self._approved[change.change_id] = lead_id, proposal_question_id(lead_id, change)
        elif change.change_id not in self.written:
            self.written[change.change_id] = _written(change, self._policy)

    def _reverted(self, change: FieldChange, undone: str) -> None:
        """A rollback says that a value was wrong; a rollback of who said so takes that word back."""
        self._standing.pop((change.record.type, change.record.id, change.field), None)
        if undone in self._reverts:
            for name in self._reverts[undone]:
                self._undo(name, undone, wrong=False)
            return
        names = (undone, *(held.quote for held in change.evidence if held.where == TAKEN_OFF))
        self._reverts[change.change_id] = names
        for name in names:
            self._undo(name, change.change_id, wrong=True)

    def _undo(self, name: str, by: str, *, wrong: bool) -> None:
        if name in self.written:
            self._set(name, corrected=wrong)
        elif (question := self._approved.get(name)) is not None:
            if wrong:
                self.taken_back[question] = by
            else:
                self.taken_back.pop(question, None)

    def _set(self, change_id: str, *, corrected: bool) -> None:
        self.written[change_id] = replace(self.written[change_id], corrected=corrected)

    def told(self, segments: Mapping[str, Segments]) -> Iterator[Written]:
        """The writes, with what their leads are told apart by."""
        for one in self.written.values():
            yield replace(one, segments=segments.get(one.lead_id or "", {}))


def _written(change: FieldChange, policy: Policy) -> Written:
    """A machine's write, as far as nobody said anything against it."""
    return Written(
        change.change_id, change.lead_id, workflow_behind(policy, change), place_of(change), change.confidence, False,
        change.old, change.new, change.at,
    )  # fmt: skip
