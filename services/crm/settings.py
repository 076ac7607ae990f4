"""What the crm service is told from outside; environment names start with `CRM_`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class CrmSettings(BaseSettings):
    """Settings of the crm service."""

    model_config = SettingsConfigDict(env_prefix="CRM_", extra="ignore")

    page_max: int = Field(default=500, ge=1)
    """Records that one page of the API holds at most."""
    body_max_bytes: int = Field(default=1024 * 1024, ge=1024)
    """Largest request body; a command must also fit its topic (2 MiB)."""
    webhook_timeout_seconds: float = Field(default=10.0, gt=0)
    """How long a webhook's receiver may take to answer."""
    webhook_disable_days: float = Field(default=3.0, gt=0)
    """A webhook is switched off when no call got through for so long."""
    webhook_loopback: bool = False
    """Whether webhooks may call this machine, and without TLS: for trying things out."""
    webhook_ports: frozenset[int] = frozenset((80, 443))
    """Ports that webhooks may call."""
    calls_at_once: int = Field(default=4, ge=1)
    """Calls to the outside that run side by side."""
