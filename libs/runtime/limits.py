"""How often somebody else may be called: a bucket of calls, a breaker for who keeps failing, and what Retry-After says."""

from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime

BREAKER_AFTER = 3
"""Failures in a row after which the remote is left alone for a while."""
BREAKER_FIRST_SECONDS = 5.0
BREAKER_LONGEST_SECONDS = 300.0


@dataclass
class Bucket:
    """`calls` in any `per_seconds`, by the connector's own count; `paused_until` is what the remote itself asked for."""

    calls: float
    per_seconds: float
    paused_until: float = 0.0
    _tokens: float = field(init=False)
    _at: float = field(init=False, default=0.0)

    def __post_init__(self) -> None:
        self._tokens = self.calls

    def wait(self, now: float) -> float:
        """Seconds to wait before the next call, which is taken by asking; 0: go."""
        if now < self.paused_until:
            return self.paused_until - now
        if self._at:
            self._tokens = min(self.calls, self._tokens + (now - self._at) * self.calls / self.per_seconds)
        self._at = now
        self._tokens -= 1
        return max(0.0, -self._tokens * self.per_seconds / self.calls)

    def give_back(self) -> None:
        """The call was not made."""
        self._tokens += 1


@dataclass
class Breaker:
    """Leaves a remote alone that keeps failing: 5 s, doubling up to 5 min, then one call tries."""

    failures: int = 0
    open_until: float = 0.0
    reason: str = ""

    def failed(self, now: float, reason: str) -> float:
        """Count a failure; returns the seconds after which to ask again."""
        self.failures += 1
        self.reason = reason
        over = self.failures - BREAKER_AFTER
        wait = min(BREAKER_LONGEST_SECONDS, BREAKER_FIRST_SECONDS * 2.0 ** max(0, over))
        if over >= 0:
            self.open_until = now + wait
        return wait

    def worked(self) -> None:
        """The remote answers."""
        self.failures, self.open_until, self.reason = 0, 0.0, ""


def retry_after(text: str, now: datetime) -> float:
    """Seconds that a Retry-After header asks for, as a number or a date; 0 when it says nothing."""
    text = text.strip()
    if not text:
        return 0.0
    try:
        return max(0.0, float(text))
    except ValueError:
        pass
    try:
        return max(0.0, (parsedate_to_datetime(text) - now).total_seconds())
    except (TypeError, ValueError):
        return 0.0
