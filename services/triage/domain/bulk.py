"""Deciding equal items together: which of those that were chosen are equal and still as they were seen, and their answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from pydantic import ConfigDict, Field, JsonValue, field_validator

from libs.contracts.base import Model, PersonalText, PersonalValue
from libs.contracts.events import Answer
from services.triage.domain.answers import choices_of, problems_of, with_relation
from services.triage.domain.equality import slot_of
from services.triage.domain.item import Item


class Chosen(Model):
    """An item that somebody chose, and the hash of the questions that they saw."""

    model_config = ConfigDict(extra="forbid")
    lead_id: str = Field(min_length=1, max_length=128)
    seen_hash: str = Field(max_length=200)


class SlotAnswer(Model):
    """One answer for the questions of one slot (`identity`, `change:company.industry`) of every item."""

    model_config = ConfigDict(extra="forbid")
    verdict: str = Field(max_length=40)
    value: PersonalValue = None
    reason: PersonalText = ""
    relation: str = ""


class BulkDecision(Model):
    """What is decided together. `answers` by slot; each item is decided by itself, and refused or done by itself."""

    model_config = ConfigDict(extra="forbid")
    items: tuple[Chosen, ...] = Field(min_length=1)
    answers: dict[str, SlotAnswer] = {}

    @field_validator("answers", mode="before")
    @classmethod
    def _relations(cls, told: Any) -> Any:
        return {slot: with_relation(one) for slot, one in told.items()} if isinstance(told, dict) else told


@dataclass(frozen=True, slots=True)
class Standing:
    """How a chosen item stands: `ready`, or why it can't be decided with the others."""

    lead_id: str
    status: str
    """`ready`, `not_found`, `not_yours`, `not_open`, `changed`, `claimed`, `different`."""
    by: str = ""
    at: datetime | None = None


def standing_of(chosen: Chosen, item: Item | None, equality: str, person: str, now: datetime) -> Standing:
    """How one item stands beside others of the same `equality`."""
    if item is None:
        return Standing(chosen.lead_id, "not_found")
    if item.status != "open":
        return Standing(item.lead_id, "not_open", "" if item.actor is None else item.actor.id, item.closed_at)
    if item.question_hash != chosen.seen_hash:
        return Standing(item.lead_id, "changed", at=item.created_at)
    if (holder := item.work.claimant(now)) not in ("", person):
        return Standing(item.lead_id, "claimed", holder, item.work.claimed_since)
    return Standing(item.lead_id, "ready" if item.equality == equality else "different")


def equality_among(items: Sequence[Item]) -> str:
    """The equality that most of the open items have; of equals, that of the first."""
    keys = [item.equality for item in items if item.status == "open"]
    return max(keys, key=keys.count) if keys else ""


def answers_for(item: Item, answers: Mapping[str, SlotAnswer]) -> tuple[tuple[Answer, ...], list[str]]:
    """The answers to an item's questions, and what is wrong with them in words."""
    slots = {question.question_id: slot_of(question) for question in item.questions}
    missing = sorted({slot for slot in slots.values() if slot not in answers})
    if missing:
        return (), [f"no answer for {slot}" for slot in missing]
    try:
        given = tuple(
            Answer.model_validate({"question_id": name, **answers[slot].model_dump()}) for name, slot in slots.items()
        )
    except ValueError:
        return (), ["a verdict is none that there is"]
    return given, [f"{slots.get(one.question_id, one.question_id)}: {one.message}" for one in problems_of(item, given)]


def questions_shown(item: Item) -> list[dict[str, JsonValue]]:
    """The slots of equal items, each with the answers that it takes."""
    return [{"slot": slot_of(one), "choices": list(choices_of(one))} for one in item.questions]


def differences(items: Sequence[Item]) -> dict[str, JsonValue]:
    """By slot: the values that are proposed over all items, when they are not the same; told with how many items have each."""
    found: dict[str, dict[str, tuple[JsonValue, int]]] = {}
    for item in items:
        for question in item.questions:
            if (proposal := question.proposal) is not None:
                held = found.setdefault(slot_of(question), {})
                name = repr((proposal.old, proposal.new))
                held[name] = ({"old": proposal.old, "new": proposal.new}, held.get(name, (None, 0))[1] + 1)
    return {
        slot: [{"change": change, "items": count} for change, count in values.values()]
        for slot, values in found.items()
        if len(values) > 1
    }
