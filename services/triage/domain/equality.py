"""Which items are equal: their questions are of the same kinds, about the same fields, and take the same answers."""

import hashlib
import json
from collections.abc import Sequence

from libs.contracts.events import Question


def slot_of(question: Question) -> str:
    """What a question is about whoever the lead is: its kind, and the field where it proposes a value."""
    about = question.proposal
    return question.review.kind if about is None else f"{question.review.kind}:{about.record.type}.{about.field}"


def equality_of(questions: Sequence[Question]) -> str:
    """The same for items that one set of answers may decide together. A question that names records (`link:ID`) is equal
    only to one about the same records. Two questions of one slot make an item equal to nothing but itself: an answer could
    not say which of them it means."""
    told = sorted((slot_of(one), sorted(one.choices)) for one in questions)
    slots = [slot for slot, _ in told]
    alone = sorted(one.question_id for one in questions) if len(set(slots)) < len(slots) else []
    return hashlib.sha256(json.dumps([told, alone]).encode()).hexdigest()[:16]
