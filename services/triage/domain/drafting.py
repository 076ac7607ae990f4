"""What people, and the effect that asks a model, do with a draft: the next state, or why it stays as it is."""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from pydantic import ConfigDict, Field

from libs.contracts.base import Model
from libs.contracts.change import Actor
from services.triage.domain.checker import warnings_of
from services.triage.domain.draft import edited
from services.triage.domain.handoff import Handoff, moved
from services.triage.domain.written import read_answer

EDIT, APPROVE, DISCARD, WRITTEN = "draft_edit", "draft_approve", "draft_discard", "draft_written"
ACTS = (EDIT, APPROVE, DISCARD)
LONGEST_TEXT = 4_000


class DraftAct(Model):
    """Arguments of a person's act: the text of an edit, and why."""

    model_config = ConfigDict(extra="forbid")
    text: str = Field(default="", max_length=LONGEST_TEXT)
    reason: str = Field(default="", max_length=2_000)


class Asked(Model):
    """What an endpoint said when it was asked for the draft of a version: its text, or the problem."""

    version: int
    text: str = ""
    model: str = ""
    problem: str = ""


class Written(Model):
    """Arguments of the command `draft_written`."""

    result: Asked | None = None
    error: str | None = None


@dataclass(frozen=True, slots=True)
class Refused:
    """An act that is not done, and why."""

    code: Literal["not_found", "not_open", "changed", "invalid"]
    message: str


def acted(
    held: Handoff | None, name: str, act: DraftAct, seen: str | None, actor: Actor, now: datetime
) -> Handoff | Refused:
    """The draft after a person edited, approved or discarded it."""
    if held is None or held.draft is None or held.basis is None:
        why = f": {held.why_not}" if held is not None and held.why_not else ""
        return Refused("not_found", f"there is no draft for that lead{why}")
    if actor.kind != "human":
        return Refused("invalid", "only a person decides about a draft")
    if held.status == "discarded" or (name == APPROVE and held.status == "approved"):
        return Refused("not_open", f"the draft was {held.status} by {held.changed_by} at {held.changed_at.isoformat()}")
    if seen != held.seen_hash:
        return Refused("changed", "the draft changed since it was read: read it again")
    if name == APPROVE:
        return moved(held, held.draft, "approved", actor, act.reason, now)
    if name == DISCARD:
        return moved(held, held.draft, "discarded", actor, act.reason, now)
    text = "\n".join(line.rstrip() for line in act.text.strip().splitlines())
    if not text:
        return Refused("invalid", "an edit needs the text that shall stand there")
    if text == held.draft.text:
        return Refused("invalid", "that is the text as it stands")
    draft = edited(held.draft, text, actor.id)
    draft = draft.model_copy(update={"warnings": warnings_of(draft.sentences, held.basis)})
    return moved(held, draft, "edited", actor, act.reason, now)


def answered(held: Handoff | None, written: Written, now: datetime) -> tuple[Handoff | None, Actor | None]:
    """The draft after a model was asked, and the model if it is its draft now; None when it came too late. An answer that the
    checker refuses leaves the template's draft, which then says so."""
    said = written.result
    untouched = held is not None and held.status == "created" and held.draft is not None and held.basis is not None
    if held is None or not untouched or (said is not None and said.version != held.version):
        return None, None
    assert held.draft is not None
    assert held.basis is not None
    if said is None or said.problem:
        refused = (said.problem if said else written.error or "no answer",)
        return held.model_copy(update={"draft": held.draft.model_copy(update={"refused": refused})}), None
    draft = read_answer(said.text, said.model, held.basis)
    if isinstance(draft, tuple):
        return held.model_copy(update={"draft": held.draft.model_copy(update={"refused": draft})}), None
    model = Actor(kind="ai", id=said.model or "model")
    return moved(held, draft, "created", model, "a model's draft, taken by the checker", now), model
