"""The points table: rules that add up. fit + engagement - risk = priority, and every point has its reason."""

from datetime import timedelta
from typing import Annotated, Literal

from pydantic import Field, model_validator

from libs.policy.conditions import Condition, always
from libs.policy.part import Name, Part
from libs.policy.wording import Wording

Days = Annotated[float, Field(gt=0, le=3660)]


class ScoringRule(Part):
    """One row: when its condition holds, its points count. Risk points are written as positive numbers and subtracted."""

    name: Name
    group: Literal["fit", "engagement", "risk"]
    when: Condition
    points: Annotated[int, Field(ge=0, le=1000)] = 0
    reason: Wording
    review: bool = False
    """Asks a person instead of counting points."""
    half_life_days: Days | None = None
    """Engagement only: half of the points are left after so many days between the record's last activity and this lead."""

    @model_validator(mode="after")
    def _only_engagement_fades(self) -> "ScoringRule":
        if self.half_life_days is not None and (self.group != "engagement" or self.review):
            raise ValueError("only points of the group engagement fade with time")
        return self

    def points_after(self, age: timedelta) -> int:
        """The whole points that are left after so long: exponential decay, half a point rounds up."""
        if self.half_life_days is None:
            return self.points
        halvings = max(0.0, age / timedelta(days=self.half_life_days))
        return int(self.points * 0.5**halvings + 0.5)


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


class OwnerNotes(Part):
    """When the owner's note in the CRM and the score say opposite things, a person is asked."""

    against: tuple[str, ...] = ()
    """Phrases by which an owner says that the account should not be pursued."""
    against_from: int = 60
    """A score from here on conflicts with such a note."""
    in_favour: tuple[str, ...] = ()
    """Phrases by which an owner says that the account matters."""
    in_favour_below: int = 30
    """A score below this conflicts with such a note."""


class Scoring(Part):
    """`scoring.yaml`: tables in the order in which they are asked (the last one is for everybody), and the bands."""

    tables: tuple[PointsTable, ...] = Field(min_length=1)
    bands: tuple[ScoreBand, ...] = Field(min_length=1)
    owner_notes: OwnerNotes = OwnerNotes()

    def band_of(self, priority: int | None) -> str:
        """The band of a priority, or `not_enough_data`."""
        if priority is None:
            return "not_enough_data"
        fitting = [band for band in self.bands if priority >= band.at_least]
        return max(fitting, key=lambda band: band.at_least).name if fitting else "none"
