"""What came back from an endpoint: its text, or why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An endpoint's raw text for one question with the model's name, or the problem in a few words (no payload in it)."""

    text: str = ""
    model: str = ""
    canary: str = ""
    problem: str = ""
