"""Manners towards other people's servers: so many calls a host, none for a while to who keeps failing."""

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

from libs.runtime.limits import Breaker, Bucket
from services.enrich.http.ask import Unavailable

HOSTS_KNOWN = 10_000


@dataclass
class Manners:
    """A bucket and a breaker for each host (or for the one API behind a name), process-wide."""

    monotonic: Callable[[], float]
    _slow: dict[str, float] = field(default_factory=dict)
    _hosts: "OrderedDict[str, tuple[Bucket, Breaker]]" = field(default_factory=OrderedDict)

    async def turn(self, host: str, calls: float, per_seconds: float, patience: float) -> None:
        """Return when it is our turn. Raises Unavailable when that takes longer than `patience`, or the host is left alone."""
        bucket, breaker = self._of(host, calls, per_seconds)
        bucket.calls, bucket.per_seconds = calls, max(per_seconds, self._slow.get(host, 0.0))
        now = self.monotonic()
        if breaker.open_until > now:
            raise Unavailable(
                f"{host} keeps failing ({breaker.reason}) and is left alone for {breaker.open_until - now:.0f} s"
            )
        wait = bucket.wait(now)
        if wait > patience:
            if bucket.paused_until <= now:
                bucket.give_back()
            raise Unavailable(f"{host} is not asked more often: its turn comes in {wait:.1f} s")
        if wait > 0:
            await asyncio.sleep(wait)

    def slower(self, host: str, seconds: float) -> None:
        """The host asks for more time between two calls than we would leave it."""
        if len(self._slow) < HOSTS_KNOWN:
            self._slow[host] = seconds

    def failed(self, host: str, reason: str) -> None:
        """A call failed; after three in a row the host is left alone for a while. Calls that were under way when that began
        say nothing new: they must not make the while longer."""
        breaker, now = self._of(host)[1], self.monotonic()
        if breaker.open_until <= now:
            breaker.failed(now, reason)

    def worked(self, host: str) -> None:
        """The host answers."""
        self._of(host)[1].worked()

    def asked_to_wait(self, host: str, seconds: float) -> None:
        """The host itself said so."""
        self._of(host)[0].paused_until = self.monotonic() + seconds

    def _of(self, host: str, calls: float = 1.0, per_seconds: float = 1.0) -> tuple[Bucket, Breaker]:
        held = self._hosts.get(host)
        if held is None:
            held = self._hosts[host] = (Bucket(calls, per_seconds), Breaker())
            if len(self._hosts) > HOSTS_KNOWN:
                self._hosts.popitem(last=False)
        self._hosts.move_to_end(host)
        return held
