"""The weights of dedupe's comparisons: a Fellegi-Sunter model, set by hand or estimated by `signalbox match train`.

`m` is how often two records of one person (or company) compare so, `u` how often two records of strangers do; a level
weighs log2(m / u) bits, and bits add up with the prior to a match probability (Fellegi and Sunter, JASA 1969).
"""

from collections.abc import Mapping
from datetime import date
from math import log2
from typing import Annotated, Literal

from pydantic import Field, model_validator

from libs.policy.part import Name, Part

PERSON_LEVELS: Mapping[str, tuple[str, ...]] = {
    "email": ("equal", "differs"),
    "custom_id": ("equal", "differs"),
    "name": ("equal", "similar", "one_word", "differs"),
    "phone": ("equal", "differs"),
    "company_of_person": ("equal", "differs"),
}
"""Every comparison of two people with its levels, the strongest first; what is missing on a side weighs nothing."""
COMPANY_LEVELS: Mapping[str, tuple[str, ...]] = {
    "company_name": ("equal", "similar", "part", "differs"),
    "domain": ("equal", "label", "differs"),
    "typed_domain": ("equal", "differs"),
    "country": ("equal", "differs"),
}
"""The same for two companies."""
TERMS: Mapping[str, str] = {
    "name": "name_key",
    "company_of_person": "company_key",
    "company_name": "company_key",
}
"""Comparisons whose level `equal` weighs less for a common value, and the column with the value."""
MOST_BITS = 40.0
"""No level may weigh more: a level never seen among strangers is rare, not impossible."""

Probability = Annotated[float, Field(gt=0, le=1)]


class Level(Part):
    """One level of a comparison."""

    m: Probability
    """How often two records of one person or company compare so."""
    u: Probability
    """How often two records that are not of one do."""

    @property
    def weight(self) -> float:
        """The level's weight in bits: log2(m / u)."""
        return log2(self.m / self.u)

    @model_validator(mode="after")
    def _is_bounded(self) -> "Level":
        if abs(self.weight) > MOST_BITS:
            raise ValueError(f"m / u weighs {self.weight:.1f} bits; at most {MOST_BITS:.0f} make sense")
        return self


class Terms(Part):
    """How common values of a comparison are: two people called John Smith are less surely one than two Zebulon Quirks."""

    rest: Probability
    """The share of records that has any value that is not listed: what those values have on average, record by record."""
    shares: dict[str, Probability]
    """The share of records that has each common value, in the spelling of the keys."""

    def share(self, ours: str, theirs: str) -> float:
        """The share to reckon with when two records agree by these values; the commoner one of both counts."""
        return max(self.shares.get(ours, self.rest), self.shares.get(theirs, self.rest))


class RecordModel(Part):
    """The weights for one type of record."""

    prior: Probability
    """How likely two records are one before anything is compared: of all pairs that `u` was counted among."""
    comparisons: dict[Name, dict[Name, Level]]
    terms: dict[Name, Terms] = {}

    @property
    def prior_weight(self) -> float:
        """The prior as log2 odds."""
        return log2(self.prior / (1.0 - self.prior))

    def weight(self, comparison: str, level: str, ours: str = "", theirs: str = "") -> float:
        """What a level weighs, in bits; `ours` and `theirs` are the values that `terms` may know. Raises KeyError."""
        held = self.comparisons[comparison][level]
        terms = self.terms.get(comparison)
        if level != "equal" or terms is None or not (ours or theirs):
            return held.weight
        return held.weight + log2(held.u) - log2(terms.share(ours or theirs, theirs or ours))

    def problems(self, levels: Mapping[str, tuple[str, ...]]) -> list[str]:
        """What is missing, unknown or impossible."""
        found = [f"{name} is no comparison" for name in self.comparisons if name not in levels]
        found += [f"{name} is missing" for name in levels if name not in self.comparisons]
        for name, wanted in levels.items():
            held = self.comparisons.get(name, dict.fromkeys(wanted))
            if set(held) != set(wanted):
                found.append(f"{name} must have exactly the levels {', '.join(wanted)}")
        found += [f"{name} takes no terms" for name in self.terms if name not in TERMS or name not in levels]
        return found if self.prior < 1.0 else [*found, "prior must be below 1"]


class Made(Part):
    """Where a model comes from."""

    by: Literal["hand", "splink"]
    on: date
    version: str = ""
    """The version of Splink that estimated it."""
    contacts: int = 0
    companies: int = 0
    """Records that it was estimated from."""
    kept: tuple[str, ...] = ()
    """Levels that the base could not show and that keep the weights of the model before."""


class MatchModel(Part):
    """The weights for people and companies, and where they come from."""

    made: Made
    person: RecordModel
    company: RecordModel

    @model_validator(mode="after")
    def _is_whole(self) -> "MatchModel":
        found = [f"person: {problem}" for problem in self.person.problems(PERSON_LEVELS)]
        found += [f"company: {problem}" for problem in self.company.problems(COMPANY_LEVELS)]
        if found:
            raise ValueError("; ".join(found))
        return self
