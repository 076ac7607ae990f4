"""What the triage service is told from outside; environment names start with `TRIAGE_`."""

from datetime import timedelta

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from libs.runtime.chat_settings import ChatSettings
from services.triage.domain.work import WorkRules


class TriageSettings(BaseSettings):
    """Settings of the triage service."""

    model_config = SettingsConfigDict(env_prefix="TRIAGE_", extra="ignore")

    page_max: int = Field(default=200, ge=1)
    """Rows that one page of the queue holds at most."""
    claim_minutes: int = Field(default=15, ge=1, le=24 * 60)
    """So long an item is somebody's who took it; deciding, releasing or taking it again moves that."""
    snooze_max_days: int = Field(default=30, ge=1, le=365)
    """A snooze until a time is at most so long."""
    undo_seconds: int = Field(default=600, ge=0, le=24 * 3600)
    """So long the person who decided may take it back."""
    bulk_max: int = Field(default=200, ge=1, le=1000)
    """Items that are decided in one request at most."""
    body_max_bytes: int = Field(default=512 * 1024, ge=1024)
    """Largest decision that is read."""

    @property
    def rules(self) -> WorkRules:
        """How people work, as the rules take it."""
        return WorkRules(
            claim=timedelta(minutes=self.claim_minutes),
            snooze_max=timedelta(days=self.snooze_max_days),
            undo=timedelta(seconds=self.undo_seconds),
        )


class DraftEndpointSettings(ChatSettings):
    """The endpoint that may write drafts; the environment names are `TRIAGE_OPENAI_` and the field's name in capitals.

    Without a `base_url` the template engine writes all of them.
    """

    model_config = SettingsConfigDict(env_prefix="TRIAGE_OPENAI_", extra="ignore")

    concurrency: int = Field(default=4, ge=1)
