"""What enrich asks of dedupe when a provider answered late: the arguments of the command `complete`."""

from pydantic import Field

from libs.contracts.base import Model
from libs.contracts.lead import ProviderAnswer

COMPLETE = "complete"
"""The command's name; its key is the lead's id."""


class LateAnswers(Model):
    """All recorded answers of a lead, late ones among them. They count for the version that they were asked for: a newer
    one carries its own."""

    version: int = Field(ge=1)
    answers: tuple[ProviderAnswer, ...] = Field(min_length=1)
