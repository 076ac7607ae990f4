"""What enrich is told from outside, beside the runtime's settings."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class EnrichSettings(BaseSettings):
    """Settings of enrich; the environment names are `ENRICH_` and the field's name in capitals."""

    model_config = SettingsConfigDict(env_prefix="ENRICH_", extra="ignore")

    provider_seconds: float = Field(default=2.0, gt=0, le=60)
    """How long an offline provider may take for a batch; then its answer is `timed_out` and the leads go on without it. Those
    over the network have the policy's `budget_seconds`."""
