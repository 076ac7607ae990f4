"""Paid API: any REST API that the policy describes: what it is asked, how it proves who asks, what its answer means."""

import asyncio
import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import quote

from libs.contracts.lead import Lead
from libs.identity.domains import company_domain, site_domain
from libs.policy.enrichment import PaidApi as Rules
from libs.policy.policy import Policy
from libs.runtime.health import Health
from libs.runtime.limits import retry_after
from libs.runtime.outbound import Answer, Limits, Outbound, OutboundError, RefusedAddress, Unreachable
from services.enrich.domain.findings import Finding, Inputs, nothing
from services.enrich.http.ask import Asking, Unavailable
from services.enrich.http.manners import Manners
from services.enrich.http.mapping import mapped
from services.enrich.http.store import Cache, Purse

PLACES = ("domain", "email", "company", "phone")
BUSY_SECONDS = 30.0
"""When an API says 429 without saying for how long."""


class PaidApi:
    """Asks one API. What stands in the way (a cap, a refused secret, a broken mapping) is `unavailable` with the reason,
    and a warning in health until a call works again."""

    def __init__(
        self,
        name: str,
        rules: Rules,
        outbound: Outbound,
        cache: Cache,
        purse: Purse,
        manners: Manners,
        secrets: Callable[[], Mapping[str, str]],
        health: Health,
        now: Callable[[], datetime],
        user_agent: str,
        body_bytes: int = 1_000_000,
        nothing_days: float = 1.0,
    ) -> None:
        self.name = name
        self.fields = tuple(rules.fields)
        self._rules = rules
        self._outbound = outbound
        self._purse = purse
        self._manners = manners
        self._secrets = secrets
        self._health = health
        self._now = now
        self._user_agent = user_agent
        seconds = rules.timeout_seconds
        self._limits = Limits(min(seconds, 5.0), seconds, seconds, body_bytes)
        asked = rules.model_dump_json(include={"url", "fields", "nothing_statuses", "headers"})
        self.version = "1-" + hashlib.sha256(asked.encode()).hexdigest()[:12]
        self._asking = Asking(name, self.version, self.fields, cache, now, rules.keep_days, nothing_days)

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """What the URL asks about; nothing when the lead does not hold all of it."""
        shared = policy.matching.shared_domains
        wanted = [name for name in PLACES if f"{{{name}}}" in self._rules.url]
        told = {name: lead.text(name).strip() for name in wanted}
        if "domain" in told:
            held = (site_domain(lead.text("website"), shared), company_domain(lead.text("domain"), shared))
            told["domain"] = next(filter(None, held), "") or company_domain(lead.text("email"), shared)
        return told if all(told.values()) else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """What the API says about each; explicitly nothing or unavailable, with the reason, where it says nothing."""
        return await asyncio.gather(*(self._asking.ask(question, self._called) for question in questions))

    async def _called(self, inputs: Inputs) -> Sequence[Finding]:
        url, headers, secret = self._request(inputs)
        await self._manners.turn(
            self.name, max(1.0, self._rules.per_second), self._seconds(), self._rules.timeout_seconds
        )
        caps = await self._paid()
        try:
            answer = await self._outbound.get(self._with_query(url, secret), headers, self._limits)
        except (RefusedAddress, Unreachable) as error:
            await self._purse.give_back(self.name, self._rules.cost, caps)
            self._trouble(str(error))
            raise Unavailable(str(error)) from None
        except (OutboundError, TimeoutError) as error:
            self._trouble(str(error) or f"no answer within {self._rules.timeout_seconds:g} s")
            raise
        self._judge(answer)
        if answer.status in self._rules.nothing_statuses:
            return [nothing(field, f"it knows nothing (HTTP {answer.status})") for field in self.fields]
        return self._findings(answer, url, secret)

    def _seconds(self) -> float:
        return max(1.0, self._rules.per_second) / self._rules.per_second

    def _request(self, inputs: Inputs) -> tuple[str, dict[str, str], str]:
        """Address without secrets, headers, and the secret. Raises Unavailable when the settings hold none of that name."""
        url = self._rules.url
        for name, value in inputs.items():
            url = url.replace(f"{{{name}}}", quote(value, safe=""))
        headers = {"user-agent": self._user_agent, "accept": "application/json", **self._rules.headers}
        auth = self._rules.auth
        if auth is None:
            return url, headers, ""
        secret = self._secrets().get(auth.secret, "")
        if not secret:
            raise self._warned(f"the settings hold no secret named {auth.secret}")
        if not secret.isascii() or not secret.isprintable():
            raise self._warned(f"the secret named {auth.secret} holds characters that can't be sent")
        if auth.kind == "bearer":
            headers["authorization"] = f"Bearer {secret}"
        elif auth.kind == "basic":
            headers["authorization"] = "Basic " + base64.b64encode(f"{auth.name}:{secret}".encode()).decode()
        elif auth.kind == "header":
            headers[auth.name or "x-api-key"] = secret
        return url, headers, secret

    def _with_query(self, url: str, secret: str) -> str:
        auth = self._rules.auth
        if auth is None or auth.kind != "query":
            return url
        return f"{url}{'&' if '?' in url else '?'}{quote(auth.name or 'api_key', safe='')}={quote(secret, safe='')}"

    async def _paid(self) -> Mapping[str, float | None]:
        """Counts the call's cost; raises Unavailable when a cap is reached."""
        now, rules = self._now(), self._rules
        caps = {f"{now:%Y-%m-%d}": rules.daily_cap, f"{now:%Y-%m}": rules.monthly_cap}
        if rules.cost > 0 and (full := await self._purse.spend(self.name, rules.cost, caps)):
            kind = "daily" if len(full) > 7 else "monthly"
            raise self._warned(f"the {kind} cap of {caps[full]:g} is reached; a call costs {rules.cost:g}")
        return caps if rules.cost > 0 else {}

    def _judge(self, answer: Answer) -> None:
        """Raises Unavailable for a status that is no answer."""
        status = answer.status
        if status == 200 or status in self._rules.nothing_statuses:
            self._manners.worked(self.name)
            self._health.mended(f"enrich {self.name}")
            return
        if status == 429:
            wait = retry_after(answer.headers.get("retry-after", ""), self._now()) or BUSY_SECONDS
            self._manners.asked_to_wait(self.name, wait)
            raise Unavailable(f"it asks to wait {wait:.0f} s (HTTP 429)")
        if status >= 500:
            self._trouble(f"HTTP {status}")
            raise Unavailable(f"it fails with HTTP {status}")
        self._manners.worked(self.name)
        if status in (401, 403):
            raise self._warned(f"it refuses the secret (HTTP {status})")
        raise self._warned(f"it does not take the question (HTTP {status})")

    def _findings(self, answer: Answer, url: str, secret: str) -> Sequence[Finding]:
        if answer.cut:
            raise self._warned(f"its answer is larger than {self._limits.body_bytes} bytes")
        source = answer.body.decode("utf-8", "replace")
        try:
            body: Any = json.loads(source)
        except (ValueError, RecursionError):
            raise self._warned("its answer is no JSON") from None
        return [mapped(field, rule, body, source, url, secret) for field, rule in self._rules.fields.items()]

    def _trouble(self, reason: str) -> None:
        self._manners.failed(self.name, reason)

    def _warned(self, reason: str) -> Unavailable:
        self._health.warn(f"enrich {self.name}", reason)
        return Unavailable(reason)
