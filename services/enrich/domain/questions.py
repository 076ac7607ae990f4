"""What there is to ask a provider about a lead, and which recorded answers make asking needless."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from libs.contracts.lead import Lead
from libs.policy.admit import is_empty
from services.enrich.domain.findings import Finding, State, nothing


@dataclass(frozen=True, slots=True)
class Answered:
    """What one provider said about one lead now: the hash of the question and one finding per field of the provider."""

    provider: str
    asked: str
    findings: tuple[Finding, ...]


def already_answered(lead: Lead, provider: str, fields: Iterable[str], asked: str) -> bool:
    """Whether the lead carries this provider's answers to exactly this question; a missed answer does not count."""
    kept = {
        answer.field
        for answer in lead.answers
        if answer.provider == provider and answer.input_hash == asked and answer.outcome in ("found", "nothing")
    }
    return kept.issuperset(fields)


def complete(fields: Sequence[str], findings: Iterable[Finding]) -> tuple[Finding, ...]:
    """One finding for each of the provider's fields: what it left out, or claims without a value or evidence, is
    explicitly nothing; what is not its own is dropped."""
    said = {finding.field: finding for finding in findings}
    return tuple(_proven(field, said.get(field)) for field in fields)


def _proven(field: str, finding: Finding | None) -> Finding:
    if finding is None:
        return nothing(field, "the provider said nothing about it")
    if finding.outcome == "found" and (is_empty(finding.value) or not finding.evidence):
        return nothing(field, "the provider gave no value or no evidence")
    return finding


def missed(fields: Sequence[str], outcome: State, reason: str) -> tuple[Finding, ...]:
    """The explicit answer for every field of a provider that could not answer."""
    return tuple(Finding(field, outcome, reason=reason) for field in fields)
