"""The signed tools as drills play them: a body of each, signed as the tool does, with the secrets of a site."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from cli.signing import SIGNED, Unsigned, signed
from cli.sources import ensure_sources, secrets_of
from drills.site import limited_auto
from drills.wire import Post
from libs.policy.load import load_policy
from libs.runtime import clock
from services.intake.connectors import ADAPTERS


@dataclass(frozen=True)
class Sender:
    """One signed source: its name, its tool, its secret, and a body of that tool."""

    source: str
    tool: str
    secret: str
    body: bytes
    content_type: str
    base_url: str = ""

    def signed(self, now: datetime, *, body: bytes | None = None, secret: str | None = None) -> Post:
        """The post as the tool sends it at that time."""
        path = f"/hooks/{self.source}"
        request = Unsigned(self.base_url + path, self.body if body is None else body)
        headers, sent = signed(self.tool, secret or self.secret, request, now)
        found = [(name.encode(), value.encode()) for name, value in headers.items()]
        return Post(path, [(b"content-type", self.content_type.encode()), *found], sent)

    @property
    def tolerance(self) -> timedelta | None:
        """How old a signature may be; None when it holds no time."""
        held = [one.tolerance_seconds for one in ADAPTERS[self.tool].verifiers if one.timestamp]
        return timedelta(seconds=max(held)) if held else None


def make_secrets(data: Path) -> None:
    """Secrets for every source of the shipped policy, before the stack starts."""
    data.mkdir(parents=True, exist_ok=True)
    ensure_sources(data, load_policy(limited_auto()).sources.sources)


def senders(data: Path, base_url: str) -> Sequence[Sender]:
    """Every source of the shipped policy whose tool signs what it sends."""
    held, found = secrets_of(data), []
    for name, rules in load_policy(limited_auto()).sources.sources.items():
        preset = ADAPTERS[rules.adapter].preset if rules.adapter in ADAPTERS else None
        if rules.secret in held and rules.adapter in SIGNED and preset is not None:
            secret = held[rules.secret or ""]
            found.append(Sender(name, rules.adapter, secret, preset.sample, preset.content_type, base_url))
    return found


def now() -> datetime:
    """The machine's time, which signatures carry."""
    return clock.now()
