"""An object that intake asked for, and how far fetching it got."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from libs.contracts import ids
from libs.contracts.events import SubmissionReceived
from libs.contracts.fetch import METHOD, NOT_FETCHED, FetchOrder, NotFetched

State = Literal["open", "fetched", "gone", "given_up"]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One object. `key` is the id of the submission that holds, or will hold, the answer."""

    key: str
    order: FetchOrder
    state: State
    at: datetime
    """Of the last move (UTC)."""
    reason: str = ""

    def settled(self, state: State, at: datetime, reason: str = "") -> "Wanted":
        """The same object, moved."""
        return replace(self, state=state, at=at, reason=reason)


def is_asked_anew(held: Wanted | None, order: FetchOrder) -> bool:
    """Whether the order leads to a call: not when the same notice came again, and always when a person asked.

    One that was given up is tried again by the sender's next notice too.
    """
    return held is None or order.again or held.state == "given_up"


def answer_submission(order: FetchOrder, body: bytes, content_type: str, now: datetime) -> SubmissionReceived:
    """The submission that keeps an answer for ever. The same bytes always have the same event id."""
    digest = ids.content_hash(body)
    return SubmissionReceived(
        event_id=ids.derived_id("submission.received", order.submission_id, digest),
        decided_at=now,
        submission_id=order.submission_id,
        source=order.source,
        delivery_id=order.delivery_id,
        method=METHOD,
        path=f"/hooks/{order.source}",
        content_type=content_type,
        trust=order.trust,
        verified_by=order.verified_by,
        received_at=now,
        sha256=digest,
        body=body,
    )


def missing_submission(
    order: FetchOrder, outcome: Literal["gone", "given_up"], reason: str, now: datetime
) -> SubmissionReceived:
    """The submission that says why there is no answer: mapped like any other, so that a person sees it."""
    told = NotFetched(provider=order.provider, object_id=order.object_id, outcome=outcome, reason=reason, at=now)
    return answer_submission(order, told.model_dump_json().encode(), NOT_FETCHED, now)
