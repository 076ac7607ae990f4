"""The points table applied: rows that held, exactly summed, and what was not known."""

from collections.abc import Iterable, Mapping
from datetime import timedelta
from typing import Literal

from libs.contracts.fields import ORIGIN_FIELDS
from libs.contracts.lead import Lead, ProviderAnswer, Score, ScorePart
from libs.policy.facts import Facts, lead_facts
from libs.policy.qualification import unanswered
from libs.policy.scoring import PointsTable, Requirement, Scoring, ScoringRule
from libs.policy.taxonomy import Question
from services.score.domain.evidence import evidence_for
from services.score.domain.record import age_of, note_conflict, record_answers, record_facts

Group = Literal["fit", "engagement", "risk"]
_NOT_ASKED_FOR = frozenset(f"lead.{name}" for name in ORIGIN_FIELDS)
"""Nobody is asked where they came from, so an unknown origin is not a missing answer."""


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
        return Score(fit=0, engagement=0, risk=0, priority=None, parts=(), missing=("points_table",))
    held = [rule for rule in table.rules if rule.when.holds(facts)]
    age = age_of(lead, known)
    rows = (_part(rule, lead, facts, known, age) for rule in held if not rule.review)
    parts = tuple(part for part in rows if part.points)
    unmet = [requirement for requirement in table.required if not is_met(requirement, facts)]
    fit, engagement, risk = (_total(parts, group) for group in ("fit", "engagement", "risk"))
    priority = None if unmet else fit + engagement - risk
    asked = [rule.reason.render(facts) for rule in held if rule.review]
    if conflict := note_conflict(facts.get("record.owner_note"), priority, scoring.owner_notes):
        asked.append(conflict)
    return Score(
        fit=fit,
        engagement=engagement,
        risk=risk,
        priority=priority,
        parts=parts,
        missing=tuple(dict.fromkeys((*_missing(unmet, table.rules, held, facts), *_open(questions, facts)))),
        needs_review=tuple(asked),
        table=table.name,
    )


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
    reason, points = rule.reason.render(facts), rule.points
    evidence = evidence_for(lead, facts, names)
    if rule.half_life_days is not None and age is not None:
        points = rule.points_after(age)
        reason += f" ({age.days} days before: {points} of {rule.points} points are left)"
        evidence = tuple(dict.fromkeys((*evidence, *known["last_activity_at"].evidence)))
    return ScorePart(group=rule.group, rule=rule.name, points=points, reason=reason, evidence=evidence)


def _total(parts: Iterable[ScorePart], group: str) -> int:
    return sum(part.points for part in parts if part.group == group)


def _missing(
    unmet: Iterable[Requirement], rules: Iterable[ScoringRule], held: list[ScoringRule], facts: Facts
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
