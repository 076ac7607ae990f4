"""One file a provider: how an object is asked for, and what the answer means. A new one is a file here and a line below."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from services.fetch.connectors import hubspot, linkedin, meta
from services.fetch.domain.account import Account, Question
from services.fetch.domain.answers import Answer, Meaning


@dataclass(frozen=True, slots=True)
class Connector:
    """One provider. Both functions are pure; `calls.py` does the HTTP."""

    name: str
    """As a person reads it."""
    question: Callable[[str, Account], Question]
    meaning: Callable[[Answer, datetime], Meaning]


CONNECTORS: dict[str, Connector] = {
    "hubspot": Connector(hubspot.NAME, hubspot.question, hubspot.meaning),
    "linkedin": Connector(linkedin.NAME, linkedin.question, linkedin.meaning),
    "meta": Connector(meta.NAME, meta.question, meta.meaning),
}
"""By the provider's name in intake's adapters."""
