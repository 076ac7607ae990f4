"""What the insights service is told from outside; environment names start with `INSIGHTS_`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class InsightsSettings(BaseSettings):
    """Settings of the insights service."""

    model_config = SettingsConfigDict(env_prefix="INSIGHTS_", extra="ignore")

    page_max: int = Field(default=500, ge=1)
    """Cases that one page holds at most."""
    days_max: int = Field(default=1100, ge=1)
    """The longest period that one question may be about."""
    at_once: int = Field(default=500, ge=1, le=5000)
    """Leads and submissions that are counted anew in one transaction."""
    wait_seconds: float = Field(default=1.0, gt=0)
    """How long to wait when nothing is left to count."""
