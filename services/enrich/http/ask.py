"""One question over HTTP: from the cache while an answer counts there, by one call for all who ask it at the same time."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from libs.runtime.addresses import RefusedAddress
from libs.runtime.errors import Retryable
from libs.runtime.outbound import OutboundError
from services.enrich.domain.findings import Finding, Inputs, input_hash, nothing
from services.enrich.domain.late import FINDINGS
from services.enrich.domain.questions import missed
from services.enrich.http.store import Cache


class Unavailable(Exception):
    """The provider can't be asked now; the message is what the lead's record will say."""


@dataclass
class Asking:
    """Asks for a provider. Who asks may give up (a lead waits only so long): the call goes on, and what it brings is kept
    for whoever asks next, so that nothing is called or paid for twice."""

    name: str
    version: str
    fields: tuple[str, ...]
    cache: Cache
    now: Callable[[], datetime]
    keep_days: float
    nothing_days: float
    _flights: dict[str, "asyncio.Task[tuple[Finding, ...]]"] = field(default_factory=dict)

    async def ask(self, inputs: Inputs, call: Callable[[Inputs], Awaitable[Sequence[Finding]]]) -> Sequence[Finding]:
        """What `call` finds: kept as long as the policy says, a short time when it is nothing, not at all when it could
        not be had, which is told as `unavailable` with the reason."""
        asked = input_hash(self.name, self.version, inputs)
        flight = self._flights.get(asked)
        if flight is None:
            flight = asyncio.ensure_future(self._fly(asked, inputs, call))
            self._flights[asked] = flight
            flight.add_done_callback(lambda done: self._landed(asked, done))
        return await asyncio.shield(flight)

    def _landed(self, asked: str, done: "asyncio.Task[tuple[Finding, ...]]") -> None:
        self._flights.pop(asked, None)
        if not done.cancelled():
            done.exception()  # who asked was told; nobody may be left to ask

    async def _fly(
        self, asked: str, inputs: Inputs, call: Callable[[Inputs], Awaitable[Sequence[Finding]]]
    ) -> tuple[Finding, ...]:
        kept = await self.cache.get(self.name, asked, self.now())
        if kept is not None:
            return tuple(FINDINGS.validate_python(kept))
        try:
            findings = tuple(await call(inputs))
        except RefusedAddress as error:
            findings = tuple(nothing(one, str(error)) for one in self.fields)
        except (Unavailable, OutboundError) as error:
            return missed(self.fields, "unavailable", str(error))
        except Retryable as error:
            return missed(self.fields, "unavailable", str(error))
        except TimeoutError:
            return missed(self.fields, "timed_out", "no answer in time")
        found = any(one.outcome == "found" for one in findings)
        days = self.keep_days if found else min(self.keep_days, self.nothing_days)
        answer = FINDINGS.dump_python(findings, mode="json")
        await self.cache.put(self.name, asked, answer, self.now(), timedelta(days=days))
        return findings
