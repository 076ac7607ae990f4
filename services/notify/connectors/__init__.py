"""One file a kind of channel. A new one is a file here, its account in `notify.json`, and a branch below."""

from dataclasses import dataclass, replace
from datetime import datetime

from libs.contracts.signing import derived_secret
from libs.runtime.outbound import Outbound
from services.notify.connectors import email, slack, webhook
from services.notify.connectors.base import never
from services.notify.domain.account import Accounts, Room, Target
from services.notify.domain.shown import Content


@dataclass(frozen=True, slots=True)
class Connectors:
    """Sends a message by any channel."""

    client: Outbound
    tenant_secret: bytes
    timeout_seconds: float
    loopback: bool = False

    async def send(self, channel: str, accounts: Accounts, content: Content, target: Target, now: datetime) -> None:
        """Returns when the channel took it. Raises Retryable while it takes nothing, Rejected when it will not take this one,
        `Gone` (a Rejected) when it will never take any."""
        kind, _, name = channel.partition(":")
        if kind == "email" and accounts.email is not None:
            return await email.send(accounts.email, content, target, self.timeout_seconds, now)
        if kind == "slack" and accounts.slack is not None:
            room = accounts.slack.rooms.get(name) if name else Room(channel=target.address)
            if room is not None and (room.webhook_url or accounts.slack.token):
                return await slack.send(accounts.slack, room, content, self.client, self.timeout_seconds, now)
        if kind == "webhook" and name in accounts.webhooks:
            hook = accounts.webhooks[name]
            hook = replace(hook, secret=hook.secret or self.secret_of(name))
            return await webhook.send(
                name, hook, content, self.client, self.timeout_seconds, now, plain_http=self.loopback
            )
        raise never(f"the channel {channel} is not set up: docs/notices.md says how")

    def secret_of(self, name: str) -> str:
        """The secret of a webhook for which notify.json names none."""
        return derived_secret(self.tenant_secret, f"notices to {name}")
