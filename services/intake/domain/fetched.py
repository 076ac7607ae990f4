"""A submission that the service fetch made because there is no answer: deleted at the provider, or given up."""

from pydantic import ValidationError

from libs.contracts.events import SubmissionReceived
from libs.contracts.fetch import METHOD, NOT_FETCHED, NotFetched
from libs.contracts.reasons import Disposition
from services.intake.domain.facts import Item, NotALead, ToFetch, Unmapped


def missing_item(submission: SubmissionReceived, again: bool) -> Item | None:
    """The item of such a submission; None for any other. `again`: a person asked for it, so it is fetched once more.

    Nothing that came by HTTP is taken for one: no request has the method FETCH.
    """
    if submission.method != METHOD or submission.content_type != NOT_FETCHED:
        return None
    try:
        told = NotFetched.model_validate_json(submission.body)
    except ValidationError:
        return Unmapped("what the service fetch told can't be read")
    if again:
        return ToFetch(told.provider, told.object_id, "a person asked to fetch it again")
    if told.outcome == "gone":
        return NotALead(Disposition.CANCELLATION, told.reason)
    when = told.at.strftime("%Y-%m-%d %H:%M UTC")
    return Unmapped(f"{told.provider} {told.object_id} could not be fetched ({when}): {told.reason}", ("object_id",))
