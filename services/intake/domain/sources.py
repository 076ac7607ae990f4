"""A source is an address, `/hooks/NAME`: which adapter reads it, by which rules, and what proves its sender."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from libs.policy.policy import Policy
from libs.policy.sources import IntakeSource
from services.intake.domain.adapter import Adapter
from services.intake.domain.request import Request, Secret
from services.intake.domain.verifiers import REFUSED, Verdict, verify

UNDECLARED_TRUST = 0.5
"""Trust of a source that only the settings know."""
CHECK_ONLY = "verify"
"""The name of the secret that only answers a tool's check of the address (`Preset.setup`): it travels in URLs, so it signs
nothing."""


@dataclass(frozen=True, slots=True)
class SourceSetting:
    """What the settings say of a source: its secrets, and all the rest when the policy does not know it."""

    secrets: tuple[Secret, ...] = ()
    adapter: str | None = None
    trust: float = UNDECLARED_TRUST
    kind: str = "lead"
    unsigned: bool = False


Lookup = Callable[[str], "Source | None"]


@dataclass(frozen=True, slots=True)
class Source:
    """A source, ready to take requests."""

    name: str
    adapter: Adapter
    rules: IntakeSource
    secrets: tuple[Secret, ...]
    takes_unsigned: bool

    def verdict(self, request: Request) -> Verdict:
        """Whether the request is accepted. A source that has secrets, or that should have them, takes nothing unsigned."""
        if self.takes_unsigned:
            return Verdict(True)
        proving = [secret for secret in self.secrets if secret.name != CHECK_ONLY]
        return verify(self.adapter.verifiers, proving, request) if proving else REFUSED


def source_of(
    name: str, policy: Policy, settings: Mapping[str, SourceSetting], adapters: Mapping[str, Adapter]
) -> Source | None:
    """The source of that name; None when there is none, when it is switched off, or when its adapter does not exist."""
    setting = settings.get(name)
    rules = policy.sources.sources.get(name)
    if rules is None:
        rules = _undeclared(setting)
    if rules is None or not rules.enabled or rules.adapter not in adapters:
        return None
    secrets: Sequence[Secret] = setting.secrets if setting is not None else ()
    if not secrets and rules.secret is not None and rules.secret in settings:
        secrets = settings[rules.secret].secrets
    open_by_policy = name in policy.sources.sources and rules.secret is None and not rules.require_signature
    opened = open_by_policy or (setting is not None and setting.unsigned)
    return Source(name, adapters[rules.adapter], rules, tuple(secrets), takes_unsigned=opened and not secrets)


def _undeclared(setting: SourceSetting | None) -> IntakeSource | None:
    if setting is None or setting.adapter is None:
        return None
    return IntakeSource(adapter=setting.adapter, trust=setting.trust, kind=setting.kind)
