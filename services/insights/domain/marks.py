"""A mark: one counted case of one metric. All numbers are sums of marks."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache

from libs.policy.policy import Policy
from services.insights.domain.weeks import day_of

NONE = -1
"""The value of a mark that measures nothing."""


@dataclass(frozen=True, slots=True)
class Slice:
    """What numbers are told apart by; empty where it does not apply."""

    kind: str = ""
    source: str = ""
    queue: str = ""
    workflow: str = ""
    version: str = ""
    policy: str = ""
    field: str = ""
    model: str = ""
    label: str = ""

    def values(self) -> tuple[str, ...]:
        """All of it, in the order of `NAMES`."""
        return (
            self.kind, self.source, self.queue, self.workflow, self.version, self.policy, self.field, self.model, self.label,
        )  # fmt: skip

    @property
    def id(self) -> int:
        """A hash of all of it (signed 64 bits)."""
        return _hashed(self.values())


@lru_cache(maxsize=100_000)
def _hashed(values: tuple[str, ...]) -> int:
    told = json.dumps(dict(zip(NAMES, values, strict=True)), sort_keys=True).encode()
    return int.from_bytes(hashlib.sha256(told).digest()[:8], signed=True)


NAMES = tuple(Slice.__dataclass_fields__)


@dataclass(frozen=True, slots=True)
class Mark:
    """One case: `num` of `den` for a rate, `value` in minutes for a time."""

    metric: str
    case_id: str
    day: date
    slice: Slice
    num: int = 1
    den: int = 0
    value: int = NONE
    owner: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """What marks depend on beside facts: the policies that leads were decided by, and the zone of days."""

    policies: Mapping[str, Policy]
    zone: str

    def day(self, at: datetime) -> date:
        """The day of an instant in the organisation's zone."""
        return day_of(at, self.zone)


def rounded(minutes: float) -> int:
    """Minutes as they are summed: whole, and from a thousand on three digits, so that shares of them fit small tables."""
    whole = max(0, int(minutes))
    step = 10 ** max(0, len(str(whole)) - 3)
    return int(whole // step * step)
