"""Trying a policy beside the one that decides: whatever goes wrong in it never reaches the lead."""

from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")


def tried(evaluate: Callable[[], T]) -> T | None:
    """What the evaluation says; None when it fails in whatever way, since a policy in shadow must not stop a lead."""
    try:
        return evaluate()
    except Exception:
        return None
