"""The points table applied: rows that held, exactly summed, and what was not known."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Literal

from libs.contracts.fields import ORIGIN_FIELDS
from libs.contracts.lead import Lead, ProviderAnswer, Score, ScorePart
from libs.policy.facts import Facts, lead_facts
from libs.policy.qualification import unanswered
from libs.policy.scoring import OwnerNotes, PointsTable, Requirement, Scoring, ScoringRule
from libs.policy.taxonomy import Question
from services.score.domain.evidence import evidence_for
from services.score.domain.record import age_of, note_conflict, record_answers, record_facts

Group = Literal["fit", "engagement", "risk"]
_NOT_ASKED_FOR = frozenset(f"lead.{name}" for name in ORIGIN_FIELDS)
"""Nobody is asked where they came from, so an unknown origin is not a missing answer."""


@dataclass(frozen=True, slots=True)
class Tally:
    """What a points table gives: the sums, what was missing, and what a person is asked."""

    fit: int = 0
    engagement: int = 0
    risk: int = 0
    priority: int | None = None
    missing: tuple[str, ...] = ("points_table",)
    needs_review: tuple[str, ...] = ()
    table: str = ""


NO_TABLE = Tally()
"""No table is for the lead."""


def score_lead(lead: Lead, scoring: Scoring, questions: Iterable[Question] = ()) -> Score:
    """The score by the first table whose condition holds; `missing` also names the qualification questions that are open.

    `priority` is None when something that the table requires is not known ("not enough data"), whatever rows held.
    Rows marked `review` give `needs_review` and no points, and so does a score that the owner's note speaks against.
    Points that fade do so by the time between the record's last activity and this lead (`record.age_of`).
    """
    known = record_answers(lead)
    facts = lead_facts(lead, record_facts(lead, known))
    table = table_for(scoring, facts)
    if table is None:
        return _score(NO_TABLE, ())
    held = [rule for rule in table.rules if rule.when.holds(facts)]
    age = age_of(lead, known)
    rows = (_part(rule, lead, facts, known, age) for rule in held if not rule.review)
    tally = tallied(table, held, facts, [points_of(rule, age) for rule in held], scoring.owner_notes, questions)
    return _score(tally, tuple(part for part in rows if part.points))


def _score(tally: Tally, parts: tuple[ScorePart, ...]) -> Score:
    return Score(
        fit=tally.fit, engagement=tally.engagement, risk=tally.risk, priority=tally.priority, parts=parts,
        missing=tally.missing, needs_review=tally.needs_review, table=tally.table,
    )  # fmt: skip


def tallied(
    table: PointsTable,
    held: Sequence[ScoringRule],
    facts: Facts,
    points: Sequence[int],
    notes: OwnerNotes,
    questions: Iterable[Question] = (),
) -> Tally:
    """The table's tally of the rows that held, each with its points now. Of the facts it reads those that requirements,
    questions and rows left out name, those in the sentences of rows that ask a person, and the owner's note."""
    fit, engagement, risk = (_total(held, points, group) for group in ("fit", "engagement", "risk"))
    unmet = [requirement for requirement in table.required if not is_met(requirement, facts)]
    priority = None if unmet else fit + engagement - risk
    asked = [rule.reason.render(facts) for rule in held if rule.review]
    if conflict := note_conflict(facts.get("record.owner_note"), priority, notes):
        asked.append(conflict)
    missing = dict.fromkeys((*_missing(unmet, table.rules, held, facts), *_open(questions, facts)))
    return Tally(fit, engagement, risk, priority, tuple(missing), tuple(asked), table.name)


def points_of(rule: ScoringRule, age: timedelta | None) -> int:
    """The points of a row that held, `age` after the record's last activity; none of a row that asks a person."""
    if rule.review:
        return 0
    return rule.points if rule.half_life_days is None or age is None else rule.points_after(age)


def _open(questions: Iterable[Question], facts: Facts) -> list[str]:
    return [question.name for question in unanswered(questions, facts)]


def rows_left_out(lead: Lead, scoring: Scoring) -> list[tuple[ScoringRule, str]]:
    """The rows of the lead's table that did not hold, each with the facts that it asked for as they were."""
    facts = lead_facts(lead, record_facts(lead, record_answers(lead)))
    table = table_for(scoring, facts)
    rules = () if table is None else table.rules
    return [(rule, _asked(rule, facts)) for rule in rules if not rule.when.holds(facts)]


def _asked(rule: ScoringRule, facts: Facts) -> str:
    told = {name: facts.get(name) for name in rule.when.names}
    return ", ".join(f"{name} is {value if is_known(value) else 'not known'}" for name, value in told.items())


def table_for(scoring: Scoring, facts: Facts) -> PointsTable | None:
    """The first table whose condition holds; None when none does."""
    return next((table for table in scoring.tables if table.when.holds(facts)), None)


def is_met(requirement: Requirement, facts: Facts) -> bool:
    """Whether at least one of the required facts is known."""
    return any(is_known(facts.get(name)) for name in requirement.any_of)


def is_known(value: object) -> bool:
    """Whether a fact says anything; `unknown` is how a label says that it does not."""
    return value is not None and value not in ("", "unknown", [])


def _part(
    rule: ScoringRule, lead: Lead, facts: Facts, known: Mapping[str, ProviderAnswer], age: timedelta | None
) -> ScorePart:
    names = dict.fromkeys((*rule.when.names, *rule.reason.names))
    reason, points = rule.reason.render(facts), points_of(rule, age)
    evidence = evidence_for(lead, facts, names)
    if rule.half_life_days is not None and age is not None:
        reason += f" ({age.days} days before: {points} of {rule.points} points are left)"
        evidence = tuple(dict.fromkeys((*evidence, *known["last_activity_at"].evidence)))
    return ScorePart(group=rule.group, rule=rule.name, points=points, reason=reason, evidence=evidence)


def _total(held: Sequence[ScoringRule], points: Sequence[int], group: str) -> int:
    return sum(amount for rule, amount in zip(held, points, strict=True) if rule.group == group)


def _missing(
    unmet: Iterable[Requirement], rules: Iterable[ScoringRule], held: Sequence[ScoringRule], facts: Facts
) -> tuple[str, ...]:
    """Names of requirements that are not met, then facts that are not known and on which points depended."""
    names = [requirement.name for requirement in unmet]
    applied = set(map(id, held))  # comparing rules field by field would cost more than evaluating them
    for rule in rules:
        if id(rule) in applied or rule.group == "risk" or rule.review:
            continue
        unknown = (name for name in rule.when.names if name not in _NOT_ASKED_FOR and not is_known(facts.get(name)))
        names += [name.removeprefix("lead.") for name in unknown]
    return tuple(dict.fromkeys(names))
