"""What the command line is told from outside; environment names start with `SIGNALBOX_`."""

from pathlib import Path

from pydantic_settings import BaseSettings, SettingsConfigDict

ROOT = Path(__file__).resolve().parent.parent


class CliSettings(BaseSettings):
    """Defaults of options that most commands share."""

    model_config = SettingsConfigDict(env_prefix="SIGNALBOX_", extra="ignore")

    data: Path = ROOT / ".signalbox"
    """The data folder of the stack that commands talk to."""
    policy: Path = ROOT / "policy"
    """The folder with the policy's YAML files."""
