"""Router's own settings, from the environment."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class RouterSettings(BaseSettings):
    """Environment names are `ROUTER_` and the field's name in capitals. Rules, pools and clocks are policy, not settings."""

    model_config = SettingsConfigDict(env_prefix="ROUTER_", extra="ignore")

    batch_max: int = Field(default=500, ge=1, le=2000)
    """Leads that are routed in one database transaction."""
    page_max: int = Field(default=200, ge=1)
    """Leads that one page of the API holds at most."""
