"""Waiting longer after each failure in a row, until told to stop."""

import asyncio
from dataclasses import dataclass


@dataclass(slots=True)
class Backoff:
    """Doubles from `first` to `longest` seconds."""

    first: float = 0.05
    longest: float = 5.0
    _next: float = 0.0

    def seconds(self) -> float:
        """The next wait."""
        self._next = min(self.longest, self._next * 2 if self._next else self.first)
        return self._next

    def reset(self) -> None:
        """Start over: it went well."""
        self._next = 0.0

    async def wait(self, stopping: asyncio.Event) -> None:
        """Wait, or return at once when `stopping` is set."""
        try:
            await asyncio.wait_for(stopping.wait(), self.seconds())
        except TimeoutError:
            return
