"""What a person's answers in triage change about a lead's facts and identity."""

from collections.abc import Iterable, Mapping

from pydantic import JsonValue

from libs.contracts.change import Actor
from libs.contracts.events import Answer, Question, TriageDecided
from libs.policy.admit import ANY_EVIDENCE
from services.dedupe.domain.records import Edit, PairVerdict

REFUSALS = ("reject", "edit", "block")
REMEMBERED = 50
"""Refusals of one field that a lead carries; people who refuse more of them should lock the field."""
Rejected = Mapping[str, tuple[str, ...]]


def edits_of(event: TriageDecided) -> tuple[Edit, ...]:
    """The lead facts that the answers set: an edit by the person's own word, an approval by a person's yes to a machine."""
    return tuple(edit for question, answer in _answered(event) if (edit := _edit(question, answer, event.actor)))


def _edit(question: Question, answer: Answer, actor: Actor) -> Edit | None:
    proposal = question.proposal
    if proposal is None or proposal.record.type != "lead":
        return None
    reason = answer.reason or f"{answer.verdict} in triage"
    if answer.verdict == "edit":
        return Edit(field=proposal.field, value=answer.value, actor=actor, reason=reason)
    if answer.verdict == "approve":
        approved = Actor(kind="human_approved_ai", id=actor.id)
        return Edit(field=proposal.field, value=proposal.new, actor=approved, reason=reason)
    return None


def rejections_of(event: TriageDecided) -> dict[str, tuple[str, ...]]:
    """By lead field: the evidence hashes of the proposals that the person refused or put their own value in place of."""
    said: dict[str, tuple[str, ...]] = {}
    for question, answer in _answered(event):
        digest, proposal = _detail(question).get("evidence_hash"), question.proposal
        mine = proposal is not None and proposal.record.type == "lead" and answer.verdict in REFUSALS
        if proposal is None or not mine:
            continue
        nos = ((digest,) if isinstance(digest, str) else ()) + ((ANY_EVIDENCE,) if answer.verdict == "block" else ())
        said = with_rejected(said, {proposal.field: nos}) if nos else said
    return said


def without_rejected(held: Rejected, taken: Rejected) -> dict[str, tuple[str, ...]]:
    """The memory without what is no longer refused."""
    kept = {name: tuple(one for one in held[name] if one not in taken.get(name, ())) for name in held}
    return {name: digests for name, digests in kept.items() if digests}


def with_rejected(held: Rejected, more: Rejected) -> dict[str, tuple[str, ...]]:
    """Both memories as one; each hash once, the newest last, and of a field at most REMEMBERED."""
    both = {name: (*held.get(name, ()), *more.get(name, ())) for name in (*held, *more)}
    return {name: _newest(dict.fromkeys(digests)) for name, digests in both.items()}


def _newest(digests: Iterable[str]) -> tuple[str, ...]:
    """At most REMEMBERED, the newest; a block stays whatever is refused after it."""
    listed = tuple(digests)
    blocked = (ANY_EVIDENCE,) if ANY_EVIDENCE in listed[:-REMEMBERED] else ()
    return (*blocked, *listed[-REMEMBERED:])


def links_of(event: TriageDecided) -> dict[str, PairVerdict]:
    """By record id: what the person said about it. A refusal without an id is about every candidate of its question."""
    said: dict[str, PairVerdict] = {}
    for question, answer in _answered(event):
        if question.review.kind == "identity":
            said.update(_said(question, answer))
    return said


def _said(question: Question, answer: Answer) -> Mapping[str, PairVerdict]:
    named = record_id_of(answer.value)
    if answer.verdict == "link" and named:
        return {named: "same"}
    if answer.verdict == "keep_apart" and answer.relation:
        return dict.fromkeys([named, *candidates_of(question)], "apart")
    if answer.verdict == "keep_apart":
        return dict.fromkeys([named] if named else candidates_of(question), "apart")
    if answer.verdict == "dismiss":
        attached = _detail(question).get("attached")
        return {attached: "same"} if isinstance(attached, str) else dict.fromkeys(candidates_of(question), "apart")
    return {}


def record_id_of(value: JsonValue) -> str:
    """The record that an answer names: its id, or a reference with type and id."""
    held = value.get("id") if isinstance(value, dict) else value
    return held if isinstance(held, str) else ""


def candidates_of(question: Question) -> list[str]:
    """The ids of the records that an identity question is about."""
    listed = _detail(question).get("candidates")
    return [held for one in listed if (held := record_id_of(one))] if isinstance(listed, list) else []


def _detail(question: Question) -> Mapping[str, JsonValue]:
    return question.review.detail if isinstance(question.review.detail, dict) else {}


def answered_reasons(event: TriageDecided) -> frozenset[str]:
    """The reasons of the reviews that the person answered."""
    return frozenset(question.review.reason for question, _ in _answered(event))


def _answered(event: TriageDecided) -> Iterable[tuple[Question, Answer]]:
    asked = {question.question_id: question for question in event.questions}
    return [(asked[answer.question_id], answer) for answer in event.answers if answer.question_id in asked]
