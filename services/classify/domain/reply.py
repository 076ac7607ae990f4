"""What came back from an endpoint: its text, or why there is none."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Reply:
    """An endpoint's raw text for one question with the model's name, or the problem in a few words (no payload in it)."""

    text: str = ""
    model: str = ""
    prompt_version: str = ""
    secrets: tuple[str, ...] = ()
    """Texts that only the instructions held: an answer with one of them was talked into repeating them."""
    problem: str = ""
