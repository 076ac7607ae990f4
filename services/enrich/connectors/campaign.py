"""Campaign: the channel, read off UTM values, click ids and the referrer (`domain/channels.py`)."""

from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.channels import channel_told
from services.enrich.domain.findings import Finding, Inputs, found, nothing

_READ = ("utm_medium", "utm_source", "referrer", "page")
_LONGEST = 4_000


class Campaign:
    """Reads where the lead came from."""

    name = "campaign"
    version = "2"
    fields = ("channel",)

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """UTM medium and source, the referrer and the page with its parameters, where given."""
        return {field: text for field in _READ if (text := lead.text(field).strip()[:_LONGEST].strip())}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """The channel of every lead."""
        return [[_finding(question)] for question in questions]


def _finding(question: Inputs) -> Finding:
    told = channel_told(question)
    if isinstance(told, str):
        return nothing("channel", told)
    signal, reason = told
    return found("channel", signal.channel, signal.confidence, signal.quote, f"lead.{signal.field}", reason)
