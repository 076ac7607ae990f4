"""What a provider's answer means, whatever the provider: kept, gone, come back later, or a matter for a person."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from pydantic import JsonValue

TOKEN_SECONDS = 300.0
"""A refused token is tried again so often: a person has to mend it, and then the leads should not wait for long."""
LIMIT_SECONDS = 60.0
"""The wait after a rate limit that does not say how long."""
LONGEST_SECONDS = 24 * 3600.0


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer; header names in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def json(self) -> JsonValue:
        """The body as JSON; None when it is none."""
        try:
            value: JsonValue = json.loads(self.body)
        except (ValueError, RecursionError):
            return None
        return value


@dataclass(frozen=True, slots=True)
class Kept:
    """The object itself."""


@dataclass(frozen=True, slots=True)
class Gone:
    """The provider has deleted it."""

    reason: str


@dataclass(frozen=True, slots=True)
class Later:
    """Not now. `after_seconds` None: as soon as usual. `whole_source`: every other call for the source would fare alike."""

    reason: str
    after_seconds: float | None = None
    whole_source: bool = False
    token: bool = False
    """The provider refuses the token: a person has to mend it."""


@dataclass(frozen=True, slots=True)
class Refused:
    """Never by itself: a person has to look."""

    reason: str


Meaning = Kept | Gone | Later | Refused


def token_refused(provider: str, detail: str) -> Later:
    """The token is expired, revoked, or lacks a permission."""
    return Later(f"{provider} refuses the access token ({detail})", TOKEN_SECONDS, whole_source=True, token=True)


def meaning_of(provider: str, answer: Answer, now: datetime) -> Meaning:
    """By status alone; a provider that says more in its body asks that first."""
    status, after = answer.status, retry_after(answer, now)
    if status == 200:
        if isinstance(answer.json(), dict):
            return Kept()
        return Later(f"{provider} answered 200 with something that is no JSON object")
    if status in (401, 403):
        return token_refused(provider, str(status))
    if status in (404, 410):
        return Gone(f"{provider} has deleted it ({status})")
    if status == 429:
        return Later(f"{provider} limits our rate (429)", LIMIT_SECONDS if after is None else after, whole_source=True)
    if status in (408, 425) or status >= 500:
        return Later(f"{provider} answered {status}", after)
    return Refused(f"{provider} answered {status}")


def retry_after(answer: Answer, now: datetime) -> float | None:
    """Seconds that Retry-After asks to wait, as a number or a date, at most a day; None when it says nothing usable."""
    text = answer.headers.get("retry-after", "").strip()
    if text.isascii() and text.isdigit() and len(text) < 10:
        return min(LONGEST_SECONDS, float(text))
    try:
        moment = parsedate_to_datetime(text)
    except (ValueError, TypeError, IndexError):
        return None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(LONGEST_SECONDS, max(0.0, (aware - now).total_seconds()))
