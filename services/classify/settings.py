"""What classify is told from outside: an endpoint, if there is one."""

from pydantic import Field
from pydantic_settings import SettingsConfigDict

from libs.runtime.chat_settings import ChatSettings


class EndpointSettings(ChatSettings):
    """An OpenAI-compatible endpoint; the environment names are `CLASSIFY_OPENAI_` and the field's name in capitals.

    Without a `base_url` the built-in model answers everything.
    """

    model_config = SettingsConfigDict(env_prefix="CLASSIFY_OPENAI_", extra="ignore")

    batch_seconds: float = Field(default=25.0, gt=0)
    """What a batch may take; leads without an answer then are classified by the built-in model."""
    batch_max: int = Field(default=40, ge=1)
