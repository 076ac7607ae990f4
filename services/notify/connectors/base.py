"""What all channels have in common: the call, and what it means when it fails."""

from collections.abc import Mapping
from datetime import datetime

from libs.contracts.reasons import RejectionReason
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.limits import retry_after
from libs.runtime.outbound import Answer, Limits, Outbound, OutboundError, RefusedAddress

MEND_SECONDS = 300.0
"""A refused password or token is tried again so often: a person has to mend it."""
LIMIT_SECONDS = 30.0
"""The wait after a rate limit that does not say how long."""
LONGEST_SECONDS = 3600.0
READ_BYTES = 64 * 1024


class Gone(Rejected):
    """The receiver wants nothing more: the channel is switched off at once."""


class Busy(Retryable):
    """Not now, and the channel is well: its pace, or this one recipient. With `after_seconds` all of the channel waits."""


def never(reason: str) -> Rejected:
    """This message will not be sent."""
    return Rejected(RejectionReason.INVALID, reason)


def gone(reason: str) -> Gone:
    """No message will be sent there any more."""
    return Gone(RejectionReason.INVALID, reason)


async def posted(
    client: Outbound, who: str, url: str, body: bytes, headers: Mapping[str, str], timeout_seconds: float, now: datetime
) -> Answer:
    """The answer to a POST. Raises Retryable when there is none or it asks to wait, Rejected for an address that may not be
    called."""
    limits = Limits(timeout_seconds, timeout_seconds, timeout_seconds, READ_BYTES)
    try:
        answer = await client.post(url, body, headers, limits)
    except RefusedAddress as error:
        raise never(f"{who}: {error}") from None
    except TimeoutError:
        raise Retryable(f"{who} does not answer within {timeout_seconds:g} s") from None
    except OutboundError as error:
        raise Retryable(f"{who}: {type(error).__name__}") from None
    if answer.status == 429:
        asked = retry_after(answer.headers.get("retry-after", ""), now) or LIMIT_SECONDS
        raise Busy(f"{who} limits our rate", after_seconds=min(LONGEST_SECONDS, asked))
    if answer.status >= 500 or answer.status == 408:
        raise Retryable(f"{who} answers {answer.status}")
    return answer
