"""What a metric is; the metrics themselves are in `definitions`."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal["count", "rate", "minutes"]
Group = Literal["activity", "speed", "quality", "outcome", "control", "suggestion"]
LEAST = 20
"""Below so many cases a share says too little to act on: its numerator and denominator are told, the share is not."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One metric. `day`: whether a case counts on the day its lead arrived or on the day that it happened."""

    name: str
    title: str
    group: Group
    kind: Kind
    question: str
    numerator: str
    denominator: str = ""
    day: Literal["arrived", "happened"] = "arrived"
    label: str = ""
    """What `label` tells apart."""
    caveats: str = ""
    better: Literal["higher", "lower", ""] = ""
    least: int = LEAST


GROUPS: dict[Group, str] = {
    "activity": "Activity: how much came and where it went. More of it is not better.",
    "speed": "Speed: how long people waited.",
    "quality": "Quality of what is known.",
    "outcome": "Outcome: what came of it.",
    "control": "Control: what was held, taken back and corrected.",
    "suggestion": "Suggestions: what people made of what machines proposed.",
}
