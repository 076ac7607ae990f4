"""Title: seniority and function of a job title, by our own taxonomy (`domain/titles.py`)."""

from collections.abc import Sequence

from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding, Inputs, found, nothing
from services.enrich.domain.own_words import first_own_words
from services.enrich.domain.titles import function_of, seniority_of

_WHERE = "lead.title"


class Title:
    """Reads the title that the lead gave."""

    name = "title"
    version = "3"
    fields = ("seniority", "function")

    def inputs(self, lead: Lead, policy: Policy) -> Inputs:  # noqa: ARG002 - every provider is asked the same way
        """The title as written, up to what talks to a machine, or what follows it."""
        title = first_own_words(lead.text("title"))
        return {"title": title} if title else {}

    async def answer(self, questions: Sequence[Inputs]) -> Sequence[Sequence[Finding]]:
        """Seniority and function of every title."""
        return [_findings(question["title"]) for question in questions]


def _findings(title: str) -> list[Finding]:
    answers = []
    for field, value in (("seniority", seniority_of(title)), ("function", function_of(title))):
        if value is None:
            answers.append(nothing(field, "the taxonomy does not know this title"))
        else:
            answers.append(found(field, value, 0.9, title, _WHERE))
    return answers
