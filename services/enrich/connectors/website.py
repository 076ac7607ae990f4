"""Website: what a company's own site says about it; read politely, and never anybody else's site."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from urllib.parse import urlsplit

from libs.contracts.lead import Lead
from libs.identity.domains import company_domain, registrable_domain, site_domain
from libs.policy.enrichment import Website as Rules
from libs.policy.policy import Policy
from libs.runtime.addresses import Target
from libs.runtime.limits import retry_after
from libs.runtime.outbound import Answer, Limits, NoSuchHost, Outbound, Unreachable, Unusable
from services.enrich.domain.findings import Finding, Inputs, nothing
from services.enrich.http.ask import Asking, Unavailable
from services.enrich.http.manners import Manners
from services.enrich.http.page import Unreadable, decoded, parsed
from services.enrich.http.parked import not_a_site
from services.enrich.http.robots import Robots
from services.enrich.http.site_facts import facts
from services.enrich.http.store import Cache

FIELDS = (
    "company", "website", "employees", "country", "city", "tech_stack", "description", "social_links", "founded", "company_phone",
)  # fmt: skip
_HTML = ("text/html", "application/xhtml+xml")
BUSY_SECONDS = 60.0
"""When a site says 429 or 503 without saying for how long."""


class NotTheSite(Exception):
    """What answers is not this company's site; the message says what it is."""


class Website:
    """Reads the front page, and what other pages the policy names, of the domain that a lead's website or address names."""

    name = "website"
    fields = FIELDS

    def __init__(
        self,
        rules: Rules,
        outbound: Outbound,
        cache: Cache,
        manners: Manners,
        now: Callable[[], datetime],
        user_agent: str,
        body_bytes: int = 1_000_000,
        nothing_days: float = 1.0,
    ) -> None:
        self.version = "1" if rules.pages == ("/",) else f"1 {' '.join(rules.pages)}"
        self._rules = rules
        self._outbound = outbound
        self._manners = manners
        self._now = now
        self._headers = {"user-agent": user_agent, "accept": "text/html,application/xhtml+xml;q=0.9"}
        self._robots = Robots(outbound, cache, now, user_agent)
        seconds = rules.timeout_seconds
        self._limits = Limits(min(seconds / 3, 2.0), seconds, seconds, body_bytes, wanted=_HTML)
        self._asking = Asking(self.name, self.version, FIELDS, cache, now, rules.keep_days, nothing_days)

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:
        """The registrable domain of the company's site, else of the lead's corporate address."""
        shared = policy.matching.shared_domains
        told = (site_domain(lead.text("website"), shared), company_domain(lead.text("domain"), shared))
        domain = next(filter(None, told), "") or company_domain(lead.text("email"), shared)
        return {"domain": domain} if domain else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """What each site says; explicitly nothing, with the reason, where it says nothing."""
        return await asyncio.gather(*(self._asking.ask(question, self._site) for question in questions))

    async def _site(self, inputs: Inputs) -> Sequence[Finding]:
        domain = inputs["domain"]
        found: dict[str, Finding] = {}
        try:
            async with asyncio.timeout(self._rules.timeout_seconds):
                front = await self._front(domain)
                for finding in await self._facts(front, domain):
                    found[finding.field] = finding
                for path in self._rules.pages[1:]:
                    for finding in await self._further(front, path, domain):
                        found.setdefault(finding.field, finding)
        except (NotTheSite, Unusable, Unreadable) as error:
            return [nothing(field, str(error)) for field in FIELDS]
        except TimeoutError:
            if not found:
                self._manners.failed(domain, "no answer in time")
                raise
        return [found.get(field) or nothing(field, "the site does not say") for field in FIELDS]

    async def _front(self, domain: str) -> Answer:
        """The front page, at the first address that answers."""
        last: Unreachable | None = None
        path = self._rules.pages[0] if self._rules.pages else "/"
        for start in (f"https://{domain}", f"https://www.{domain}", f"http://{domain}"):
            try:
                return await self._page(f"{start}{path}", domain)
            except Unreachable as error:
                last = last if isinstance(error, NoSuchHost) and last else error
        if isinstance(last, NoSuchHost):
            raise NotTheSite(str(last))
        self._manners.failed(domain, "can't be reached")
        raise last or Unreachable(f"{domain} does not answer")

    async def _further(self, front: Answer, path: str, domain: str) -> Sequence[Finding]:
        """Another page of the same site; one that is not there, or not for us, says nothing."""
        parts = urlsplit(front.url)
        try:
            return await self._facts(await self._page(f"{parts.scheme}://{parts.netloc}{path}", domain), domain)
        except (NotTheSite, Unusable, Unreadable, Unreachable, Unavailable):
            return []

    async def _page(self, url: str, domain: str) -> Answer:
        await self._consent(url, domain)
        await self._manners.turn(domain, 1.0, self._rules.per_host_seconds, self._rules.timeout_seconds)

        async def consent(target: Target) -> None:
            if target.url != url:
                await self._consent(target.url, domain)

        answer = await self._outbound.get(url, self._headers, self._limits, consent)
        self._judge(answer, domain)
        return answer

    async def _consent(self, url: str, domain: str) -> None:
        """Raises NotTheSite for an address of another domain, and for one that robots.txt keeps us from."""
        other = registrable_domain(url)
        if other != domain:
            raise NotTheSite(
                f"{domain} redirects to {other or 'no domain'}: another domain's words are not taken for its own"
            )
        parts = urlsplit(url)
        allowed = await self._robots.allowed(f"{parts.scheme}://{parts.netloc}", url, self._limits)
        if not allowed.may:
            raise NotTheSite(allowed.reason)
        if allowed.delay > self._rules.per_host_seconds:
            self._manners.slower(domain, allowed.delay)

    def _judge(self, answer: Answer, domain: str) -> None:
        status = answer.status
        if status == 429 or status >= 500:
            wait = retry_after(answer.headers.get("retry-after", ""), self._now()) or BUSY_SECONDS
            if status in (429, 503):
                self._manners.asked_to_wait(domain, min(wait, 3600.0))
            self._manners.failed(domain, f"HTTP {status}")
            raise Unavailable(f"{domain} answers with HTTP {status}")
        self._manners.worked(domain)
        if status != 200:
            raise NotTheSite(f"{domain} answers with HTTP {status}")

    async def _facts(self, answer: Answer, domain: str) -> Sequence[Finding]:
        source = decoded(answer.body, answer.headers.get("content-type", ""))
        return await asyncio.to_thread(_read, source, answer.url, domain)


def _read(source: str, url: str, domain: str) -> Sequence[Finding]:
    page = parsed(source, url)
    if reason := not_a_site(page.title, page.text, page.parts):
        raise NotTheSite(reason)
    return facts(page, domain)
