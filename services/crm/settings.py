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
