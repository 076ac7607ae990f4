"""Scores for tests that need one of some height."""

from libs.contracts.lead import Score, ScorePart


def a_score(priority: int | None) -> Score:
    """A score of one part that is that high; None: not enough data."""
    if not priority:
        return Score(fit=0, engagement=0, risk=0, priority=priority, parts=())
    fit, risk = max(priority, 0), max(-priority, 0)
    part = ScorePart(group="fit" if fit else "risk", rule="r", points=abs(priority), reason="so")
    return Score(fit=fit, engagement=0, risk=risk, priority=priority, parts=(part,))
