"""What travels with a candidate beside the comparisons: open opportunities, recent activity, and why it is held back."""

from collections.abc import Iterable

from libs.contracts.lead import Candidate
from services.dedupe.domain.known import Known
from services.dedupe.domain.records import Company, text
from services.dedupe.domain.related import held_for, last_activity, open_opportunities, utc

_FLAGS = ("strategic", "partner", "competitor", "investor", "regulated")
"""Fields of a company, true or false, that are reasons to hold it back."""


def with_context(candidates: Iterable[Candidate], known: Known) -> tuple[Candidate, ...]:
    """The candidates with what the CRM holds about each."""
    return tuple(_shown(candidate, known) for candidate in candidates)


def _shown(candidate: Candidate, known: Known) -> Candidate:
    related, record_id = known.related.values(), candidate.record.id
    held = known.contacts.get(record_id) or known.companies.get(record_id)
    company = known.companies.get(record_id)
    seen = (last_activity(candidate.record, related), utc(text(held.fields, "last_activity_at")) if held else "")
    return candidate.model_copy(
        update={
            "open_opportunities": open_opportunities(candidate.record, related),
            "last_activity_at": max(seen) or None,
            "held_for": tuple(sorted(held_reasons(company, known))) if company else (),
        }
    )


def held_reasons(company: Company, known: Known) -> frozenset[str]:
    """Why a company is held back: suppression entries that name it or its domain, and what its record says itself."""
    entries = held_for(company.company_id, company.all_domains(), known.related.values())
    fields = company.fields or {}
    flags = {flag for flag in _FLAGS if fields.get(flag) is True}
    flags |= {"strategic"} if text(fields, "tier") == "strategic" else set()
    flags |= {"opt_out"} if fields.get("do_not_mail") is True else set()
    return (entries | flags) - {""}
