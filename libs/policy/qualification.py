"""Which of the questions that every lead should answer are open."""

from collections.abc import Iterable

from libs.policy.facts import Facts
from libs.policy.taxonomy import Question


def unanswered(questions: Iterable[Question], facts: Facts) -> tuple[Question, ...]:
    """The questions that no fact answers, in the policy's order; `unknown` is how a label says that it does not know."""
    return tuple(asked for asked in questions if not any(_is_known(facts.get(name)) for name in asked.any_of))


def _is_known(value: object) -> bool:
    return value is not None and value not in ("", "unknown", [])
