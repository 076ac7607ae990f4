"""The points table: rules that add up. fit + engagement - risk = priority, and every point has its reason."""

from typing import Annotated, Literal

from pydantic import Field

from libs.policy.conditions import Condition, always
from libs.policy.part import Name, Part
from libs.policy.wording import Wording


class ScoringRule(Part):
    """One row: when its condition holds, its points count. Risk points are written as positive numbers and subtracted."""

    name: Name
    group: Literal["fit", "engagement", "risk"]
    when: Condition
    points: Annotated[int, Field(ge=0, le=1000)] = 0
    reason: Wording
    review: bool = False
    """Asks a person instead of counting points."""


class Requirement(Part):
    """Something that must be known before a score means anything: at least one of these facts."""

    name: Name
    any_of: tuple[str, ...] = Field(min_length=1)
    """Fact names as conditions use them, e.g. `lead.employees`."""
    reason: str


class PointsTable(Part):
    """The table of one product or segment; the first table whose `when` holds counts."""

    name: Name
    when: Condition = Field(default_factory=always)
    required: tuple[Requirement, ...] = ()
    """When one is not met the answer is "not enough data"."""
    rules: tuple[ScoringRule, ...] = Field(min_length=1)


class ScoreBand(Part):
    """A band of priorities, for people and reports."""

    name: Name
    at_least: int


class Scoring(Part):
    """`scoring.yaml`: tables in the order in which they are asked (the last one is for everybody), and the bands."""

    tables: tuple[PointsTable, ...] = Field(min_length=1)
    bands: tuple[ScoreBand, ...] = Field(min_length=1)

    def band_of(self, priority: int | None) -> str:
        """The band of a priority, or `not_enough_data`."""
        if priority is None:
            return "not_enough_data"
        fitting = [band for band in self.bands if priority >= band.at_least]
        return max(fitting, key=lambda band: band.at_least).name if fitting else "none"
