"""The providers over the network that a policy names: the company's own site when it is enabled, and one per API."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import cached_property
from pathlib import Path

import asyncpg

from libs.policy.enrichment import PaidApi as ApiRules
from libs.policy.enrichment import Website as SiteRules
from libs.policy.policy import Policy
from libs.runtime.health import Health
from libs.runtime.outbound import Outbound, with_hosts
from services.enrich.connectors.paid_api import PaidApi
from services.enrich.connectors.website import Website
from services.enrich.domain.provider import Provider
from services.enrich.http.manners import Manners
from services.enrich.http.settings import EnrichHttpSettings, secrets_file
from services.enrich.http.store import AnswerTable, SpendTable


class NetworkProviders:
    """`Network`, as it runs. All share one client, one cache and one set of manners; what two policies describe alike is one
    provider, and nothing is made before a policy asks for it."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        data: Path,
        health: Health,
        limits: EnrichHttpSettings,
        now: Callable[[], datetime],
        monotonic: Callable[[], float],
    ) -> None:
        self._answers, self._purse = AnswerTable(pool), SpendTable(pool)
        self._secrets, self._health, self._limits = secrets_file(data), health, limits
        self._now, self._monotonic = now, monotonic
        self._manners = Manners(monotonic)
        self._sites: dict[SiteRules, Provider] = {}
        self._apis: dict[tuple[str, str], Provider] = {}

    def __call__(self, policy: Policy) -> Sequence[Provider]:
        """The site first, then the APIs in the policy's order."""
        rules = policy.enrichment
        sites = [self._site(rules.website)] if rules.website.enabled else []
        return [*sites, *(self._api(name, api) for name, api in rules.apis.items())]

    @cached_property
    def _outbound(self) -> Outbound:
        limits = self._limits
        ports = None if limits.loopback else limits.ports
        return Outbound(loopback=limits.loopback, ports=ports, resolve=with_hosts(limits.hosts))

    def _site(self, rules: SiteRules) -> Provider:
        if rules not in self._sites:
            self._sites[rules] = Website(
                rules,
                self._outbound,
                self._answers,
                self._manners,
                self._now,
                self._limits.user_agent,
                self._limits.body_bytes,
                self._limits.nothing_days,
            )
        return self._sites[rules]

    def _api(self, name: str, rules: ApiRules) -> Provider:
        key = (name, rules.model_dump_json())
        if key not in self._apis:
            self._apis[key] = PaidApi(
                name,
                rules,
                self._outbound,
                self._answers,
                self._purse,
                self._manners,
                lambda: self._secrets.current(self._monotonic()),
                self._health,
                self._now,
                self._limits.user_agent,
                self._limits.body_bytes,
                self._limits.nothing_days,
            )
        return self._apis[key]
