"""How channels are reached: what `notify.json` says, understood."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

SLACK_API = "https://slack.com/api"


@dataclass(frozen=True, slots=True)
class Mailer:
    """A mail server. `security`: encrypted after STARTTLS, from the beginning, or not at all."""

    host: str
    port: int
    sender: str
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = field(default="", repr=False)
    ca_file: str = ""
    """Whose certificates are believed beside those of the system."""

    @property
    def domain(self) -> str:
        """Of our own address: what ids of mails end with."""
        return self.sender.rpartition("@")[2].rstrip("> ").lower()


@dataclass(frozen=True, slots=True)
class Room:
    """A place in Slack that many read: a channel's id for the bot, or the address of an incoming webhook."""

    channel: str = ""
    webhook_url: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Slack:
    """A Slack app: the bot's token, and the secret that signs what Slack sends."""

    token: str = field(default="", repr=False)
    signing_secret: str = field(default="", repr=False)
    base_url: str = SLACK_API
    rooms: Mapping[str, Room] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Hook:
    """A system that is called. An empty secret: the one that is derived from the tenant's."""

    url: str
    secret: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Accounts:
    """All that is set up."""

    email: Mailer | None = None
    slack: Slack | None = None
    webhooks: Mapping[str, Hook] = field(default_factory=dict)

    def channels(self) -> tuple[str, ...]:
        """The names of the channels that can be sent by."""
        found = ["email"] if self.email else []
        if self.slack is not None:
            found += ["slack"] if self.slack.token else []
            found += [f"slack:{name}" for name in sorted(self.slack.rooms)]
        return (*found, *(f"webhook:{name}" for name in sorted(self.webhooks)))


@dataclass(frozen=True, slots=True)
class Target:
    """Who a message goes to: a member's name and address; both empty for a room or a system."""

    name: str = ""
    address: str = ""
