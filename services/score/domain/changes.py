"""A score as proposed changes of the lead's fields, and as questions for a person."""

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.lead import Lead, Review, Score

STAGE = "score"
SOURCE = Source(kind="rule", name="points_table")
ACTOR = Actor(kind="rule", id=STAGE)


def changes_of(score: Score, lead: Lead) -> tuple[ProposedChange, ...]:
    """A change for each of fit_score, engagement_score, risk_score and priority that differs from what the lead holds,
    and the priority as a suggested score of the contact, unless it is still asked who that is.

    Confidence is 1: a sum is certain. How sure a model was never becomes points.
    """
    amounts = (
        ("fit_score", score.fit, "fit"),
        ("engagement_score", score.engagement, "engagement"),
        ("risk_score", score.risk, "risk"),
        ("priority", score.priority, None),
    )
    own = tuple(
        _change(lead, field, amount, score, group)
        for field, amount, group in amounts
        if lead.value(field) != amount and not _is_held_by_a_person(lead, field)
    )
    return own + _suggestion(score, lead)


def reviews_of(score: Score) -> tuple[Review, ...]:
    """The rows that ask a person, and a question for what is missing when there is not enough data for a score."""
    asked = [Review(kind="route", reason=reason, stage=STAGE) for reason in score.needs_review]
    if score.priority is None:
        missing = ", ".join(score.missing) or "a points table that applies"
        asked.append(
            Review(
                kind="missing",
                reason=f"Not enough data for a score: {missing}",
                stage=STAGE,
                detail=list(score.missing),
            )
        )
    return tuple(asked)


def _suggestion(score: Score, lead: Lead) -> tuple[ProposedChange, ...]:
    identity = lead.identity
    if score.priority is None or identity is None or identity.verdict == "ambiguous":
        return ()
    whole = _change(lead, "priority", score.priority, score, None)
    return (whole.model_copy(update={"record": identity.contact, "field": "suggested_score", "old": None}),)


def _is_held_by_a_person(lead: Lead, field: str) -> bool:
    held = lead.fields.get(field)
    return held is not None and held.locked


def _change(lead: Lead, field: str, amount: int | None, score: Score, group: str | None) -> ProposedChange:
    parts = [part for part in score.parts if group in (None, part.group)]
    evidence = {(item.quote, item.where): item for part in parts for item in part.evidence}
    return ProposedChange(
        record=RecordRef(type="lead", id=lead.lead_id),
        field=field,
        old=lead.value(field),
        new=amount,
        source=SOURCE,
        confidence=1.0,
        actor=ACTOR,
        evidence=tuple(evidence.values()),
        reason=_reason(field, score, group),
    )


def _reason(field: str, score: Score, group: str | None) -> str:
    if group is None:
        if score.priority is None:
            return f"Not enough data: {', '.join(score.missing)}"
        return f"fit {score.fit} + engagement {score.engagement} - risk {score.risk} = {score.priority}"
    rows = [f"{part.rule} {part.points:+d}" for part in score.parts if part.group == group]
    return f"{field}: {', '.join(rows) or 'no row applied'}"
