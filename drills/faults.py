"""Who is killed or frozen when: a seeded schedule that runs beside the traffic."""

import asyncio
import contextlib
import os
import random
import signal
from collections.abc import Sequence
from dataclasses import dataclass

from drills.site import Site


@dataclass
class Faults:
    """Kills and freezes processes of a site until told to stop; every frozen one is woken."""

    site: Site
    names: Sequence[str]
    rng: random.Random
    every_seconds: tuple[float, float] = (2.0, 5.0)
    freeze_seconds: tuple[float, float] = (2.0, 20.0)
    freezes: bool = False
    kills: bool = True
    killed: int = 0
    frozen: int = 0

    async def run(self, stop: asyncio.Event, at_most: int) -> None:
        """Strike at most so many times, at random, until `stop`."""
        wakers: list[asyncio.Task[None]] = []
        while self.killed + self.frozen < at_most and not await _set_within(
            stop, self.rng.uniform(*self.every_seconds)
        ):
            name = self.rng.choice(self.names)
            freeze = self.freezes and (not self.kills or self.rng.random() < 0.5)
            if freeze:
                pid = self.site.pid(name)
                if pid is not None and self.site.signal(name, signal.SIGSTOP):
                    self.frozen += 1
                    wakers.append(asyncio.create_task(self._wake(pid)))
            elif self.site.signal(name, signal.SIGKILL):
                self.killed += 1
        await asyncio.gather(*wakers)

    async def _wake(self, pid: int) -> None:
        await asyncio.sleep(self.rng.uniform(*self.freeze_seconds))
        wake(pid)


def wake(pid: int) -> None:
    """Let a frozen process of ours go on; it may have been replaced meanwhile."""
    with contextlib.suppress(ProcessLookupError):
        os.kill(pid, signal.SIGCONT)


async def _set_within(event: asyncio.Event, seconds: float) -> bool:
    try:
        await asyncio.wait_for(event.wait(), seconds)
    except TimeoutError:
        return False
    return True
