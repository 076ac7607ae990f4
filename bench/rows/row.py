"""What every row is given, and the pieces they share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

from bench.result import Row
from bench.rounds import Pace, Say
from bench.site import Site


@dataclass(frozen=True)
class Bench:
    """A run: the stack, a folder for its files, and how often and how long to measure."""

    site: Site
    folder: Path
    pace: Pace
    say: Say


Measured = Callable[[Bench], Awaitable[Row]]


@dataclass(frozen=True)
class Budget:
    """A row of the budgets: its name on the command line, what it says, and what measures it."""

    name: str
    title: str
    measure: Measured
