"""What intake asks of the service `fetch`, and how the answer comes back: as a submission of its own."""

from datetime import datetime
from typing import Literal

from libs.contracts import ids
from libs.contracts.base import Model

METHOD = "FETCH"
"""`SubmissionReceived.method` of what was fetched; nothing that came by HTTP has it."""
NOT_FETCHED = "application/vnd.signalbox.not-fetched+json"
"""Content type of a fetched submission that holds a `NotFetched` instead of a provider's answer."""
FETCH = "fetch"
"""The command's name."""


class FetchOrder(Model):
    """Arguments of the command `fetch`: one object of one provider, for one source."""

    source: str
    provider: str
    object_id: str
    """As the provider's connector understands it; an opaque id, never a name or an address."""
    trust: Literal["signed", "token", "unsigned"]
    """How far the notice proved itself: what it made us fetch is trusted as much."""
    verified_by: str | None = None
    again: bool = False
    """Fetch it even when it was fetched before: a person asked."""

    @property
    def delivery_id(self) -> str:
        """The delivery id of the submission that holds the answer."""
        return f"{self.provider} {self.object_id}"

    @property
    def submission_id(self) -> str:
        """Id of the submission that holds the answer, whenever and however often it is fetched; also the command's key."""
        return ids.submission_id(self.source, self.delivery_id)


class NotFetched(Model):
    """The body of a fetched submission when there is no answer: the provider deleted the object, or it was given up."""

    provider: str
    object_id: str
    outcome: Literal["gone", "given_up"]
    reason: str
    at: datetime
