"""Interleaved rounds: every variant once a round, in an order that the seed shuffles, so that drift hits all alike."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random

from bench.machine import Watch, until_quiet
from bench.result import Round, figure
from libs.runtime import clock

Measure = Callable[[], Awaitable[Mapping[str, float]]]
Say = Callable[[str], None]


@dataclass(frozen=True)
class Pace:
    """How often and how long to measure. `quiet_seconds`: patience before each one while others use the machine; `size`:
    contacts in the large base of the row `dedupe`; `changes`: those in the log of the row `asked`."""

    rounds: int = 5
    seconds: float = 4.0
    seed: int = 1
    quiet_seconds: float = 2.0
    size: int = 100_000
    changes: int = 1_000_000


async def interleaved(
    variants: Mapping[str, Measure], pace: Pace, own: Callable[[], Sequence[int]], say: Say
) -> list[Round]:
    """Every round of every variant. `own` gives the pids whose CPU time is not foreign."""
    order, taken = Random(pace.seed), []
    for number in range(1, pace.rounds + 1):
        names = list(variants)
        order.shuffle(names)
        for name in names:
            pids = own()
            await until_quiet(pids, pace.quiet_seconds)
            watch, begun = Watch(pids), clock.monotonic()
            figures = {key: float(value) for key, value in (await variants[name]()).items()}
            one = Round(number, name, figures, clock.monotonic() - begun, round(watch.foreign_cores(), 2))
            taken.append(one)
            shown = ", ".join(f"{key} {figure(value)}" for key, value in figures.items())
            say(f"round {number}/{pace.rounds} {name}: {shown} (foreign {one.foreign_cores:.2f} cores)")
    return taken
