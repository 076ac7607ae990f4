"""What the command line is told from outside; environment names start with `SIGNALBOX_`."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class CliSettings(BaseSettings):
    """Defaults of options that most commands share."""

    model_config = SettingsConfigDict(env_prefix="SIGNALBOX_", extra="ignore")

    data: Path = ROOT / ".signalbox"
    """The data folder of the stack that commands talk to."""
    policy: Path = ROOT / "policy"
    """The folder with the policy's YAML files."""


class RemoteSettings(BaseSettings):
    """Where a stack is that was not started by `up`, as in containers; the same names as the services'."""

    model_config = SettingsConfigDict(env_prefix="SIGNALBOX_", extra="ignore")

    kafka: str = ""
    database_url: str = ""
    api_token: str = Field(default="", repr=False)
    tenant_secret: str = Field(default="", repr=False)
    master_key: str = Field(default="", repr=False)
    token: str = Field(default="", repr=False)
    """A person's token (`signalbox access grant`), in the place of the stack's own."""
    api_host: str = "127.0.0.1"
    """Host of the APIs; `{service}` in it stands for a service's name. Their ports are `<SERVICE>_PORT`."""
