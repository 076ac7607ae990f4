"""What is wrong with policy files, each thing with its place."""

from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "hint"]
"""An error: the policy is not taken. A warning: it is taken, and hardly what was meant. A hint: worth knowing."""


@dataclass(frozen=True, slots=True, order=True)
class Problem:
    """One thing that is wrong; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str
    severity: Severity = "error"

    def __str__(self) -> str:
        told = "" if self.severity == "error" else f"{self.severity}: "
        return f"{self.file}:{self.line}:{self.column}: {told}{self.message}"


class PolicyError(ValueError):
    """The policy can't be used; `problems` are all that was found, by place."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(str(problem) for problem in self.problems))
