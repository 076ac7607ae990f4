"""The effect: a provider that was missed is asked again, until it answers or the policy's time for it is over."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol

from pydantic import JsonValue

from libs.policy.policy import Policy
from libs.runtime.errors import Retryable
from services.enrich.domain.findings import Finding
from services.enrich.domain.late import FINDINGS, Call, Reply
from services.enrich.domain.provider import Network, Provider
from services.enrich.stage.asking import ask_one

ASK_SECONDS = 30.0
"""How long one attempt may take: an effect is taken up by another worker after a minute."""


class PolicyVersions(Protocol):
    """The policies that leads are stamped with, and the one that counts for what is done now."""

    def by_hash(self, policy_hash: str) -> Policy: ...

    def newest(self) -> Policy: ...


class Calls:
    """Asks again. A provider that the newest policy no longer names is not asked, whatever the lead's own policy says."""

    def __init__(
        self,
        policies: PolicyVersions,
        providers: Sequence[Provider],
        network: Network,
        now: Callable[[], datetime],
        ask_seconds: float = ASK_SECONDS,
    ) -> None:
        self._policies = policies
        self._providers = providers
        self._network = network
        self._now = now
        self._ask_seconds = ask_seconds

    async def ask(self, arguments: JsonValue, effect_id: str) -> JsonValue:  # noqa: ARG002 - a question may be repeated
        """What the provider says, or that it was given up. Raises Retryable while it does not answer and there is time."""
        call = Call.model_validate(arguments)
        provider = self._provider(self._policies.by_hash(call.policy_hash), call.provider)
        if provider is None or self._provider(self._policies.newest(), call.provider) is None:
            return Reply(reason="the policy no longer names this provider").model_dump(mode="json")
        findings = await self._findings(provider, call)
        missing = next((one for one in findings if one.outcome in ("timed_out", "unavailable")), None)
        if missing is None:
            return Reply(findings=FINDINGS.dump_python(findings, mode="json")).model_dump(mode="json")
        now = self._now()
        if now < call.until:
            raise Retryable(f"{call.provider}: {missing.reason}", after_seconds=call.pause(now).total_seconds())
        hours = (call.until - call.since).total_seconds() / 3600
        return Reply(reason=f"not within {hours:g} hours; at last it {missing.reason}").model_dump(mode="json")

    def _provider(self, policy: Policy, name: str) -> Provider | None:
        return next((one for one in (*self._providers, *self._network(policy)) if one.name == name), None)

    async def _findings(self, provider: Provider, call: Call) -> tuple[Finding, ...]:
        try:
            async with asyncio.timeout(self._ask_seconds):
                return await ask_one(provider, call.inputs)
        except TimeoutError:
            late = f"gave no answer within {self._ask_seconds:g} seconds"
            return tuple(Finding(field, "timed_out", reason=late) for field in provider.fields)
