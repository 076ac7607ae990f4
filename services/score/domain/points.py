"""The points table applied: rows that held, exactly summed, and what was not known."""

from collections.abc import Iterable
from datetime import datetime
from typing import Literal

from libs.contracts.fields import ORIGIN_FIELDS
from libs.contracts.lead import Lead, Score, ScorePart
from libs.policy.facts import Facts, lead_facts
from libs.policy.scoring import PointsTable, Requirement, Scoring, ScoringRule
from services.score.domain.evidence import evidence_for

Group = Literal["fit", "engagement", "risk"]
_NOT_ASKED_FOR = frozenset(f"lead.{name}" for name in ORIGIN_FIELDS)
"""Nobody is asked where they came from, so an unknown origin is not a missing answer."""


def score_lead(lead: Lead, scoring: Scoring, now: datetime) -> Score:
    """The score by the first table whose condition holds; `now` is the recorded time of the decision.

    `priority` is None when something that the table requires is not known ("not enough data"), whatever rows held.
    Rows marked `review` give `needs_review` and no points.
    """
    del now  # no row of this table depends on time yet; the decision's time is still part of the question
    facts = lead_facts(lead)
    table = table_for(scoring, facts)
    if table is None:
        return Score(fit=0, engagement=0, risk=0, priority=None, parts=(), missing=("points_table",))
    held = [rule for rule in table.rules if rule.when.holds(facts)]
    parts = tuple(_part(rule, lead, facts) for rule in held if not rule.review and rule.points)
    unmet = [requirement for requirement in table.required if not is_met(requirement, facts)]
    fit, engagement, risk = (_total(parts, group) for group in ("fit", "engagement", "risk"))
    return Score(
        fit=fit,
        engagement=engagement,
        risk=risk,
        priority=None if unmet else fit + engagement - risk,
        parts=parts,
        missing=_missing(unmet, table.rules, held, facts),
        needs_review=tuple(rule.reason.render(facts) for rule in held if rule.review),
    )


def table_for(scoring: Scoring, facts: Facts) -> PointsTable | None:
    """The first table whose condition holds; None when none does."""
    return next((table for table in scoring.tables if table.when.holds(facts)), None)


def is_met(requirement: Requirement, facts: Facts) -> bool:
    """Whether at least one of the required facts is known."""
    return any(is_known(facts.get(name)) for name in requirement.any_of)


def is_known(value: object) -> bool:
    """Whether a fact says anything; `unknown` is how a label says that it does not."""
    return value is not None and value not in ("", "unknown", [])


def _part(rule: ScoringRule, lead: Lead, facts: Facts) -> ScorePart:
    names = dict.fromkeys((*rule.when.names, *rule.reason.names))
    return ScorePart(
        group=rule.group,
        rule=rule.name,
        points=rule.points,
        reason=rule.reason.render(facts),
        evidence=evidence_for(lead, facts, names),
    )


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
