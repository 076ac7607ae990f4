"""What submissions, rollbacks and tasks count for."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

from services.insights.domain.changes import Kept
from services.insights.domain.facts import Fact
from services.insights.domain.marks import Mark, Setting, Slice

RANK = {"unmapped": 0, "not_a_lead": 1, "lead": 2}
"""What an item is of which several things were said: a redrive can only better it."""


def submission_marks(submission_id: str, facts: Sequence[Fact], setting: Setting) -> tuple[Mark, ...]:
    """The marks of a submission: each of its items, and each once more for every redelivery; none for one whose record is not
    known or can't be read any more."""
    records = sorted((one for one in facts if one.kind == "submission"), key=lambda one: (one.at, one.id))
    if not records:
        return ()
    items: dict[int, str] = {}
    for one in facts:
        if one.kind == "item":
            item, what = one.number("item"), one.text("what")
            items[item] = max(items.get(item, what), what, key=RANK.__getitem__)
    base = Slice(source=records[0].text("source"))
    marks = []
    for place, record in enumerate(records):
        for what in items.values() or ["waiting"]:
            label = what if place == 0 or what == "waiting" else "redelivered"
            marks.append(Mark("items", submission_id, setting.day(record.at), replace(base, label=label)))
    return tuple(marks)


def rollback_marks(rollback_id: str, facts: Sequence[Fact], setting: Setting) -> tuple[Mark, ...]:
    """The marks of a rollback: itself, and each of its values."""
    moves = sorted((one for one in facts if one.kind == "taken_back"), key=lambda one: (one.at, one.id))
    return tuple(_rollback(rollback_id, moves, setting)) if moves else ()


def _rollback(rollback_id: str, moves: Sequence[Fact], setting: Setting) -> Iterator[Mark]:
    yield Mark("rollbacks", rollback_id, setting.day(moves[0].at), Slice())
    for one in moves:
        told = Slice(
            policy=one.text("policy")[:12],
            field=f"{one.text('record_type')}.{one.text('field')}",
            label=one.text("status"),
        )
        yield Mark("values_taken_back", one.text("record"), setting.day(one.at), told)


def task_marks(record: Kept, setting: Setting) -> tuple[Mark, ...]:
    """The mark of a task that stands."""
    if not record.record_key.startswith("task:") or record.body.get("cancelled") or record.body.get("gone"):
        return ()
    done = int(record.body.get("done") is True)
    return (Mark("task_completion", record.record_key, setting.day(record.at), Slice(), done, 1),)
