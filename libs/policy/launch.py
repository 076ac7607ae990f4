"""Launch modes: how much of what the line computes is written, from a first look at the data to limited autonomy."""

from enum import StrEnum
from itertools import pairwise
from typing import Literal

from pydantic import model_validator

from libs.policy.part import Part


class LaunchMode(StrEnum):
    """In the order of strictness, the strictest first."""

    DATA_AUDIT = "data_audit"
    READ_ONLY = "read_only"
    SUGGESTED = "suggested"
    APPROVED_WRITES = "approved_writes"
    LIMITED_AUTO = "limited_auto"


class Allowance(StrEnum):
    """What a mode lets happen, the strictest first."""

    NOTHING = "nothing"
    SHOWN = "shown"
    """Computed and visible, never written; not even a person's yes writes it."""
    SUGGEST = "suggest"
    """A suggestion in triage."""
    APPROVED = "approved"
    """Written after a person's yes."""
    AUTO = "auto"
    """As the rest of the policy says."""


Area = Literal["lead_fields", "crm_write", "route", "owner", "notice"]

STRICTEST_MODE_FIRST = tuple(LaunchMode)
STRICTEST_ALLOWANCE_FIRST = tuple(Allowance)


def stricter(a: LaunchMode, b: LaunchMode) -> LaunchMode:
    """The stricter of two modes."""
    return min(a, b, key=STRICTEST_MODE_FIRST.index)


class Allowances(Part):
    """One row of the matrix."""

    lead_fields: Allowance
    crm_write: Allowance
    route: Allowance
    owner: Allowance
    notice: Allowance

    def of(self, area: Area) -> Allowance:
        """What the row allows in one area."""
        allowed: Allowance = getattr(self, area)
        return allowed


class LaunchMatrix(Part):
    """What each mode allows; a less strict mode never allows less."""

    data_audit: Allowances
    read_only: Allowances
    suggested: Allowances
    approved_writes: Allowances
    limited_auto: Allowances

    @model_validator(mode="after")
    def _grows(self) -> "LaunchMatrix":
        rows = [(mode, getattr(self, mode)) for mode in STRICTEST_MODE_FIRST]
        for (strict_mode, strict), (loose_mode, loose) in pairwise(rows):
            for area in Allowances.model_fields:
                order = STRICTEST_ALLOWANCE_FIRST.index
                if order(getattr(strict, area)) > order(getattr(loose, area)):
                    raise ValueError(f"{strict_mode} allows more {area} than the less strict {loose_mode}")
        return self


class Launch(Part):
    """`launch.yaml`: the mode that is set, and the matrix."""

    mode: LaunchMode
    matrix: LaunchMatrix

    def allows(self, area: Area, mode: LaunchMode) -> Allowance:
        """What `mode` allows in one area."""
        row: Allowances = getattr(self.matrix, mode)
        return row.of(area)
