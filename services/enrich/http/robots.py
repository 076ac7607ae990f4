"""robots.txt (RFC 9309): what a site lets us read, kept for a day."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego
from pydantic import JsonValue

from libs.runtime.outbound import Limits, Outbound
from services.enrich.http.ask import Unavailable
from services.enrich.http.store import Cache

AGENT = "Signalbox"
PROVIDER = "robots.txt"
KEEPS, KEEPS_AWAY = timedelta(days=1), timedelta(minutes=10)
LARGEST = 512_000
"""Bytes that are read; RFC 9309 asks for 500 KiB."""
LONGEST_DELAY = 30.0


@dataclass(frozen=True, slots=True)
class Allowed:
    """Whether a page may be read, why not, and the seconds between two pages that the site asks for."""

    may: bool
    reason: str = ""
    delay: float = 0.0


@dataclass(frozen=True)
class Robots:
    """Asks for robots.txt once per origin and day."""

    outbound: Outbound
    cache: Cache
    now: Callable[[], datetime]
    user_agent: str

    async def allowed(self, origin: str, url: str, limits: Limits) -> Allowed:
        """Whether `url` may be read. A site without robots.txt (4xx) allows all; one that can't be asked for it (5xx, 429)
        allows nothing for now: Unavailable. Raises RefusedAddress or OutboundError when the site itself can't be called."""
        held = await self.cache.get(PROVIDER, origin, self.now())
        known = held if isinstance(held, dict) else await self._asked(origin, limits)
        status, text = known.get("status"), known.get("text")
        if not isinstance(status, int) or status >= 500 or status == 429:
            raise Unavailable(f"robots.txt can't be read (HTTP {status}): nothing may be read for now")
        if status >= 300 or not isinstance(text, str):
            return Allowed(True)
        rules = Protego.parse(text)
        if not rules.can_fetch(url, AGENT):
            return Allowed(False, "robots.txt does not allow it")
        return Allowed(True, delay=min(LONGEST_DELAY, max(0.0, rules.crawl_delay(AGENT) or 0.0)))

    async def _asked(self, origin: str, limits: Limits) -> dict[str, JsonValue]:
        asked = Limits(limits.connect_seconds, limits.read_seconds, limits.total_seconds, LARGEST)
        answer = await self.outbound.get(f"{origin}/robots.txt", {"user-agent": self.user_agent}, asked)
        away = answer.status >= 500 or answer.status == 429
        text = answer.body.decode("utf-8", "replace").replace("\x00", "") if answer.status == 200 else ""
        held: dict[str, JsonValue] = {"status": answer.status, "text": text}
        await self.cache.put(PROVIDER, origin, held, self.now(), KEEPS_AWAY if away else KEEPS)
        return held
