"""What the triage service is told from outside; environment names start with `TRIAGE_`."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.runtime.chat_settings import ChatSettings


class TriageSettings(BaseSettings):
    """Settings of the triage service."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", extra="ignore")

    page_max: int = Field(default=200, ge=1)
    """Rows that one page of the queue holds at most."""
    body_max_bytes: int = Field(default=512 * 1024, ge=1024)
    """Largest decision that is read."""


class DraftEndpointSettings(ChatSettings):
    """The endpoint that may write drafts; the environment names are `TRIAGE_OPENAI_` and the field's name in capitals.

    Without a `base_url` the template engine writes all of them.
    """

    model_config = SettingsConfigDict(env_prefix="TRIAGE_OPENAI_", extra="ignore")

    concurrency: int = Field(default=4, ge=1)
