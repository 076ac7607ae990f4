"""Triage's rows: a case and its item, as they are stored. `store.py` writes them, `rebuild.py` reads them back."""

from typing import Any

from pydantic import TypeAdapter

from libs.contracts.events import Answer, Question
from libs.runtime.rows import Kept, named
from services.triage.domain.decided import Blocked
from services.triage.domain.item import Case, Item
from services.triage.domain.work import Comment

QUESTIONS = TypeAdapter(tuple[Question, ...])
ANSWERS = TypeAdapter(tuple[Answer, ...])
ITEM = (
    "lead_id", "version", "question_hash", "questions", "submission", "lead", "suggested", "status", "created_at", "due_at",
    "overdue", "closed_at", "actor", "answers", "due_order", "worth", "waiting", "reminded", "escalated",
    "claimed_by", "claimed_since", "claimed_until", "assigned_to", "snoozed_until", "snoozed_by", "equality",
)  # fmt: skip
CASE = ("lead_id", "seen_version", "settled", "decided", "blocked")
COMMENT = ("comment_id", "lead_id", "author", "at", "text")
BLOCKED = TypeAdapter(tuple[Blocked, ...])


def rows_of(case: Case) -> list[Kept]:
    """The case's row and, when it has one, its item's, and what was said about it."""
    item = () if case.item is None else (named("item", ITEM, item_values(case.item), case.lead_id),)
    said = (named("comment", COMMENT, comment_values(one), case.lead_id) for one in case.comments)
    return [named("lead_case", CASE, case_values(case), case.lead_id), *item, *said]


def case_values(case: Case) -> tuple[Any, ...]:
    """A case's row in the order of `CASE`."""
    decided = None if case.decided is None else case.decided.model_dump_json()
    return case.lead_id, case.seen_version, case.settled, decided, BLOCKED.dump_json(case.blocked).decode()


def comment_values(comment: Comment) -> tuple[Any, ...]:
    """A comment's row in the order of `COMMENT`."""
    return comment.comment_id, comment.lead_id, comment.author, comment.at, comment.text


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
        item.work.claimed_by,
        item.work.claimed_since,
        item.work.claimed_until,
        item.work.assigned_to,
        item.work.snoozed_until,
        item.work.snoozed_by,
        item.equality,
    )
