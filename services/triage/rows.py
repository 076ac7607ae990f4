"""Triage's rows: a case and its item, as they are stored. `store.py` writes them, `rebuild.py` reads them back."""

from typing import Any

from pydantic import TypeAdapter

from libs.contracts.events import Answer, Question
from libs.runtime.rows import Kept, Row, named
from services.triage.domain.item import Case, Item

QUESTIONS = TypeAdapter(tuple[Question, ...])
ANSWERS = TypeAdapter(tuple[Answer, ...])
ITEM = (
    "lead_id", "version", "question_hash", "questions", "submission", "lead", "suggested", "status", "created_at", "due_at",
    "overdue", "closed_at", "actor", "answers", "due_order", "worth", "waiting", "reminded", "escalated",
)  # fmt: skip


def rows_of(case: Case) -> list[Kept]:
    """The case's row and, when it has one, its item's."""
    held = {"lead_id": case.lead_id, "seen_version": case.seen_version, "settled": case.settled}
    item = () if case.item is None else (named("item", ITEM, item_values(case.item), case.lead_id),)
    return [Row("lead_case", held, case.lead_id), *item]


def item_values(item: Item) -> tuple[Any, ...]:
    """An item's row in the order of `ITEM`."""
    return (
        item.lead_id,
        item.version,
        item.question_hash,
        QUESTIONS.dump_json(item.questions).decode(),
        item.submission.model_dump_json(),
        None if item.lead is None else item.lead.model_dump_json(),
        None if item.suggested is None else item.suggested.model_dump_json(),
        item.status,
        item.created_at,
        item.due_at,
        item.overdue,
        item.closed_at,
        None if item.actor is None else item.actor.model_dump_json(),
        ANSWERS.dump_json(item.answers).decode(),
        item.due_order,
        item.worth,
        None if item.waiting is None else item.waiting.model_dump_json(),
        item.reminded,
        item.escalated,
    )
