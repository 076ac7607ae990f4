"""What notify is told from outside: limits by the environment, accounts and their secrets by `<data>/notify.json`."""

import json
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.contracts.signing import secret_problem
from libs.runtime.settings import port_of
from libs.runtime.watched import Watched
from services.notify.domain.account import SLACK_API, Accounts, Hook, Mailer, Room, Slack

FILE = "notify.json"
_LOCAL = ("localhost", "127.0.0.1", "::1")


class NotifySettings(BaseSettings):
    """Limits; the environment names are `NOTIFY_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="NOTIFY_", extra="ignore")

    timeout_seconds: float = Field(default=10.0, gt=0, le=20)
    """How long a mail server, Slack or a webhook may take for one answer."""
    at_once: int = Field(default=4, ge=1, le=32)
    """Messages that are sent side by side."""
    disable_days: float = Field(default=3.0, gt=0)
    """A channel is switched off when nothing got through for so long."""
    page_max: int = Field(default=500, ge=1)
    triage_url: str = ""
    """Where triage's API is; empty: on this machine, at TRIAGE_PORT."""
    loopback: bool = False
    """Whether Slack and webhooks may be on this machine, and without TLS: for trying things out."""
    ports: frozenset[int] = frozenset((80, 443))
    """Ports that webhooks may be called at."""

    def triage(self) -> str:
        """The address of triage's API; empty when it is not known."""
        port = port_of("triage")
        return self.triage_url.rstrip("/") or (f"http://127.0.0.1:{port}" if port else "")


class ConsoleAddress(BaseSettings):
    """Where people find the console: `CONSOLE_PUBLIC_URL`, https://signalbox.example.com; empty: messages have no links."""

    model_config = SettingsConfigDict(env_prefix="CONSOLE_", extra="ignore")
    public_url: str = ""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid")


class _Email(_Strict):
    host: str = Field(min_length=1)
    port: int = Field(default=587, gt=0, lt=65536)
    sender: str = Field(alias="from", pattern=r"^[^\r\n]*[^\s@]+@[^\s@]+$")
    security: Literal["starttls", "tls", "none"] = "starttls"
    username: str = ""
    password: str = Field(default="", repr=False)
    ca_file: str = ""

    @model_validator(mode="after")
    def _no_password_in_the_clear(self) -> "_Email":
        if self.security == "none" and self.password and self.host not in _LOCAL:
            raise ValueError("a password goes to another machine encrypted only: security is starttls or tls")
        return self


class _Room(_Strict):
    channel: str = ""
    webhook_url: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _one_of_both(self) -> "_Room":
        if bool(self.channel) == bool(self.webhook_url):
            raise ValueError("a room has either a channel or a webhook_url")
        return self


Named = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,63}$")]


class _Slack(_Strict):
    token: str = Field(default="", repr=False)
    signing_secret: str = Field(default="", repr=False)
    base_url: str = SLACK_API
    rooms: dict[Named, _Room] = {}


class _Hook(_Strict):
    url: str = Field(min_length=1)
    secret: str = Field(default="", repr=False)

    @model_validator(mode="after")
    def _fits(self) -> "_Hook":
        if self.secret and (problem := secret_problem(self.secret)):
            raise ValueError(problem)
        return self


class _File(_Strict):
    email: _Email | None = None
    slack: _Slack | None = None
    webhooks: dict[Named, _Hook] = {}


_FILE = TypeAdapter(_File)


class AccountsFileError(ValueError):
    """`notify.json` can't be used; the message says where, never what it holds."""


def read_accounts(path: Path) -> Accounts:
    """What is set up; nothing when the file does not exist. Raises AccountsFileError."""
    try:
        held = _FILE.validate_python(json.loads(path.read_bytes()))
    except FileNotFoundError:
        return Accounts()
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False, include_context=False)[0]
        raise AccountsFileError(f"{path}: {'.'.join(map(str, first['loc']))}: {first['msg']}") from None
    except (ValueError, RecursionError):
        raise AccountsFileError(f"{path}: not JSON") from None
    slack = held.slack
    return Accounts(
        None if held.email is None else Mailer(**dict(held.email)),
        None if slack is None else Slack(
            slack.token, slack.signing_secret, slack.base_url.rstrip("/"),
            {name: Room(**dict(room)) for name, room in slack.rooms.items()},
        ),
        {name: Hook(**dict(hook)) for name, hook in held.webhooks.items()},
    )  # fmt: skip


def accounts_file(path: Path) -> Watched[Accounts]:
    """`notify.json`. Raises AccountsFileError."""
    return Watched(path, read_accounts)
