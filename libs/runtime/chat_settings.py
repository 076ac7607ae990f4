"""What is told from outside about an OpenAI-compatible endpoint, whichever service asks it."""

from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings


class ChatSettings(BaseSettings):
    """An endpoint and what asking it may take; a service gives its own prefix of environment names."""

    base_url: str = ""
    """Up to and without `/chat/completions`; without it nobody is asked."""
    model: str = ""
    key: SecretStr | None = None
    timeout_seconds: float = Field(default=20.0, gt=0)
    retries: int = Field(default=2, ge=0, le=10)
    retry_seconds: float = Field(default=0.5, ge=0)
    concurrency: int = Field(default=8, ge=1)
    max_tokens: int = Field(default=1200, ge=100)
    breaker_failures: int = Field(default=5, ge=1)
    breaker_seconds: float = Field(default=30.0, ge=0)
    tokens_per_day: int = Field(default=0, ge=0)
    """What one process may use in a day (UTC), both ways together; 0: no such limit."""
    money_per_day: float = Field(default=0.0, ge=0)
    """What one process may spend in a day (UTC), in the currency of the prices; 0: no such limit."""
    price_in: float = Field(default=0.0, ge=0)
    """Per million tokens asked."""
    price_out: float = Field(default=0.0, ge=0)
    """Per million tokens answered."""

    @model_validator(mode="after")
    def _money_needs_prices(self) -> Self:
        if self.money_per_day and not (self.price_in or self.price_out):
            raise ValueError("money_per_day needs price_in and price_out: without them nothing would ever be counted")
        return self

    @property
    def configured(self) -> bool:
        """Whether there is an endpoint to ask."""
        return bool(self.base_url and self.model)
