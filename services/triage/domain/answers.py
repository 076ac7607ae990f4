"""Which answers a question takes, and what is wrong with those a person gave."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.contracts.base import Model
from libs.contracts.events import RELATIONS, Answer, Question
from libs.contracts.lead import Lead
from libs.contracts.shapes import misfit
from services.triage.domain.item import Item

ANSWERS_LIMIT = 500


class DecideArguments(Model):
    """Arguments of the command `decide`. `take_over`: although somebody else works on it."""

    answers: tuple[Answer, ...]
    take_over: bool = False
    bulk_id: str = ""


@dataclass(frozen=True, slots=True)
class Problem:
    """What is wrong with the answer to one question, in words for the person."""

    question_id: str
    message: str


def choices_of(question: Question) -> tuple[str, ...]:
    """The verdicts that a question takes: its own choices, else those that its kind has."""
    if question.review.kind == "identity":
        return (*(question.choices or ("link", "keep_apart")), *_relation_choices(question))
    if question.choices:
        return question.choices
    if question.proposal is not None:
        return ("approve", "edit", "reject", "block")
    if question.review.kind == "route":
        return ("approve", "route", "reject")
    return ("dismiss",)


def _relation_choices(question: Question) -> tuple[str, ...]:
    """What a company that was found may be to the lead's own: `parent:ID`, `child:ID`, `partner:ID`."""
    detail = question.review.detail if isinstance(question.review.detail, dict) else {}
    listed = detail.get("candidates")
    found = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    if detail.get("about") != "company":
        return ()
    return tuple(f"{relation}:{one}" for one in found for relation in RELATIONS)


def with_relation(told: Any) -> Any:
    """An answer as a person writes it: `parent`, `child` and `partner` keep two companies apart and say what they are to each
    other."""
    if not isinstance(told, dict) or told.get("verdict") not in RELATIONS:
        return told
    return {**told, "verdict": "keep_apart", "relation": told["verdict"]}


def problems_of(item: Item, answers: Sequence[Answer]) -> tuple[Problem, ...]:
    """Everything that keeps these answers from deciding the item; empty when they do. All questions need an answer."""
    asked = {question.question_id: question for question in item.questions}
    given = Counter(answer.question_id for answer in answers)
    found = [Problem(name, "no answer: give one to every question of the item") for name in asked if name not in given]
    found += [Problem(name, "answered more than once") for name, count in given.items() if count > 1 and name in asked]
    for place, answer in enumerate(answers):
        question = asked.get(answer.question_id)
        if question is None:
            found.append(Problem(f"answers.{place}", "not a question of this item"))
        elif message := _problem_of(question, answer, item.lead):
            found.append(Problem(answer.question_id, message))
    return tuple(found)


def _problem_of(question: Question, answer: Answer, lead: Lead | None) -> str:
    choices = choices_of(question)
    if answer.relation:
        return _relation_problem(answer, choices)
    if answer.verdict not in choices and f"{answer.verdict}:{answer.value}" not in choices:
        return f"'{answer.verdict}' is not a choice here; choose one of: {', '.join(choices)}"
    match answer.verdict:
        case "edit" if question.proposal is None:
            return "there is no proposed value to edit"
        case "edit" if answer.value is None:
            return "an edit needs the value to set"
        case "edit" if question.proposal is not None:
            return misfit(question.proposal.record.type, question.proposal.field, answer.value)
        case "link":
            return _link_problem(question, answer, lead)
        case "route" if not answer.value:
            return "a route needs a queue or an owner as its value"
        case "block" if not answer.reason.strip():
            return "a block needs a reason: say which source of truth is unclear"
        case _:
            return ""


def _relation_problem(answer: Answer, choices: tuple[str, ...]) -> str:
    if answer.relation not in RELATIONS or answer.verdict != "keep_apart":
        return f"a relation is one of {', '.join(RELATIONS)}, and goes with keep_apart"
    if f"{answer.relation}:{answer.value}" not in choices:
        offered = [one for one in choices if one.startswith(f"{answer.relation}:")]
        return f"a relation names a company that was found; choose one of: {', '.join(offered) or 'none were found'}"
    return ""


def _link_problem(question: Question, answer: Answer, lead: Lead | None) -> str:
    """A link goes to one of the records that dedupe found, never to one typed in."""
    if not isinstance(answer.value, str) or not answer.value:
        return "a link needs the id of the record as its value"
    if f"link:{answer.value}" in question.choices or lead is None or lead.identity is None:
        return ""
    offered = {candidate.record.id for candidate in lead.identity.candidates}
    if answer.value in offered:
        return ""
    return f"that record is not a candidate; choose one of: {', '.join(sorted(offered)) or 'none were found'}"


def reenters(questions: Sequence[Question], answers: Sequence[Answer]) -> bool:
    """Whether the answers change who the lead is or one of its facts, so that dedupe makes its next version."""
    asked = {question.question_id: question for question in questions}
    return any(_changes_facts(asked[answer.question_id], answer) for answer in answers)


def _changes_facts(question: Question, answer: Answer) -> bool:
    if answer.verdict in ("link", "keep_apart"):
        return True
    proposal = question.proposal
    return answer.verdict in ("approve", "edit") and proposal is not None and proposal.record.type == "lead"


def question_changes(item: Item, answers: Sequence[Answer]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What a person who saw other questions has to know: the ids asked now that they did not answer, and those gone."""
    now = {question.question_id for question in item.questions}
    then = {answer.question_id for answer in answers}
    return tuple(sorted(now - then)), tuple(sorted(then - now))
