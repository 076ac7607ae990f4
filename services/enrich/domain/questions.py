"""What there is to ask a provider about a lead, and which recorded answers make asking needless."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from libs.contracts.lead import Lead, ProviderAnswer
from services.enrich.domain.findings import Finding, Inputs, State, nothing
from services.enrich.domain.proof import proven


@dataclass(frozen=True, slots=True)
class Answered:
    """What is known now of one provider's answer about one lead, to the question named by the hash `asked`.

    `findings`: one per field of the provider, when it was asked now. `kept`: what it said before, when it was not. Neither:
    the lead carries its missed answers, and somebody is still asking.
    """

    provider: str
    asked: str
    findings: tuple[Finding, ...] = ()
    inputs: Inputs | None = None
    """The question, while an answer may still come later."""
    kept: tuple[ProviderAnswer, ...] = ()
    next_asked: str = ""
    """The hash that a late answer gets: that of the question of the version which it lets in."""


def is_missed(answer: ProviderAnswer) -> bool:
    """Whether the answer is still to come."""
    return answer.outcome in ("timed_out", "unavailable") and not answer.given_up


def already_answered(lead: Lead, provider: str, fields: Iterable[str], asked: str) -> bool:
    """Whether the lead carries this provider's answers to exactly this question; a missed answer does not count, unless
    it was given up."""
    kept = {answer.field for answer in carried(lead, provider, asked) if not is_missed(answer)}
    return kept.issuperset(fields)


def carried(lead: Lead, provider: str, asked: str) -> tuple[ProviderAnswer, ...]:
    """The answers to exactly this question that the lead carries."""
    return tuple(one for one in lead.answers if one.provider == provider and one.input_hash == asked)


def complete(fields: Sequence[str], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each of the provider's fields: what it left out, or claims without a value or evidence, is
    explicitly nothing; what is not its own is dropped."""
    said = {finding.field: finding for finding in findings}
    return tuple(
        proven(said[field]) if field in said else nothing(field, "the provider said nothing about it")
        for field in fields
    )


def missed(fields: Sequence[str], outcome: State, reason: str) -> tuple[Finding, ...]:
    """The explicit answer for every field of a provider that could not answer."""
    return tuple(Finding(field, outcome, reason=reason) for field in fields)
