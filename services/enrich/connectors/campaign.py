"""Campaign: the channel, read off UTM values and the referrer (`domain/channels.py`)."""

from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.channels import channel_of
from services.enrich.domain.findings import Finding, Inputs, found, nothing

_READ = ("utm_medium", "utm_source", "referrer")


class Campaign:
    """Reads where the lead came from."""

    name = "campaign"
    version = "1"
    fields = ("channel",)

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """UTM medium and source, and the referrer, where given."""
        return {field: text for field in _READ if (text := lead.text(field).strip())}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """The channel of every lead."""
        return [[_finding(question)] for question in questions]


def _finding(question: Inputs) -> Finding:
    told = channel_of(*(question.get(field, "") for field in _READ))
    if told is None:
        return nothing("channel", "neither UTM values nor referrer name a channel")
    channel, field = told
    return found("channel", channel, 0.9, question[field][:500], f"lead.{field}")
