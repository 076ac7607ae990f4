"""How much intake takes at once: requests and bytes in flight, and requests a second of one source."""

from dataclasses import dataclass, field

MAX_SOURCES = 10_000
"""Names beyond so many share one bucket: strangers may ask for any number of names."""


@dataclass(slots=True)
class Budget:
    """Requests that are being answered and bytes that are held, over all sources.

    A request whose body is still on its way holds its bytes and no place: a thousand slow senders must not keep the
    others out.
    """

    max_requests: int
    max_bytes: int
    requests: int = 0
    bytes: int = 0

    @property
    def has_room(self) -> bool:
        """Whether more may be read."""
        return self.requests < self.max_requests and self.bytes < self.max_bytes

    def enter(self) -> bool:
        """Take a place; False when all are taken."""
        if self.requests >= self.max_requests:
            return False
        self.requests += 1
        return True

    def leave(self) -> None:
        """Give the place back."""
        self.requests -= 1


@dataclass(slots=True)
class Rates:
    """A token bucket per source: `rate` a second on average, `burst` at once. A rate of 0 is no limit."""

    rate: float
    burst: float
    _levels: dict[str, tuple[float, float]] = field(default_factory=dict)

    def wait_seconds(self, source: str, now: float, own: float | None = None) -> float:
        """0 and one request counted, or how long until the next one is welcome. `now` in seconds that never step back.

        `own` is the source's own rate; it allows twice as many at once.
        """
        rate, burst = (self.rate, self.burst) if own is None else (own, max(1.0, 2 * own))
        if rate <= 0:
            return 0.0
        if source not in self._levels and len(self._levels) >= MAX_SOURCES:
            source = ""
        level, at = self._levels.get(source, (burst, now))
        level = min(burst, level + (now - at) * rate)
        if level < 1:
            self._levels[source] = (level, now)
            return (1 - level) / rate
        self._levels[source] = (level - 1, now)
        return 0.0
