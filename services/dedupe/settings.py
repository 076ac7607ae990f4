"""Dedupe's own settings, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class DedupeSettings(BaseSettings):
    """Environment names are `DEDUPE_` and the field's name in capitals. Thresholds are policy, not settings."""

    model_config = SettingsConfigDict(env_prefix="DEDUPE_", extra="ignore")

    batch_max: int = Field(default=500, ge=1, le=2000)
    """Leads or records that are decided in one database transaction."""
