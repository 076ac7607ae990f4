"""Which answer becomes a value: the best-trusted provider's, when nothing better stands on the lead already."""

from collections.abc import Iterable
from datetime import datetime

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.fields import LEAD_FIELDS
from libs.contracts.lead import FieldValue, Lead, ProviderAnswer
from libs.policy.admit import is_empty, same_value
from libs.policy.policy import Policy
from services.enrich.domain.findings import Finding

STAGE = "enrich"
ACTOR = Actor(kind="rule", id=STAGE)
CONTACT_FIELDS = frozenset(
    ("first_name", "last_name", "seniority", "function", "language", "time_zone", "email_kind", "phone_country")
)
"""What the CRM keeps about a person of what enrich finds."""
NEARLY_AS_GOOD = 0.9
"""A second provider that disagrees and is at least this close (of 1) to the best is proposed too, for the gate to judge."""


def recorded(provider: str, asked: str, findings: Iterable[Finding], at: datetime) -> list[ProviderAnswer]:
    """Findings as they are kept on the lead; `asked` is the hash of the question."""
    return [
        ProviderAnswer(
            provider=provider,
            field=finding.field,
            outcome=finding.outcome,
            value=finding.value,
            confidence=finding.confidence,
            evidence=finding.evidence,
            input_hash=asked,
            at=at,
            reason=finding.reason,
        )
        for finding in findings
    ]


def merged(before: Iterable[ProviderAnswer], now: Iterable[ProviderAnswer]) -> tuple[ProviderAnswer, ...]:
    """One answer per provider and field, the newer one where both answered."""
    answers = {(answer.provider, answer.field): answer for answer in before}
    answers.update({(answer.provider, answer.field): answer for answer in now})
    return tuple(answers.values())


def proposed_changes(lead: Lead, answers: Iterable[ProviderAnswer], policy: Policy) -> tuple[ProposedChange, ...]:
    """Changes of the lead's own fields: per field the best found answer, and others that disagree and are nearly as good.

    Nothing is proposed that a person locked or verified, that the lead holds already, or that a more trusted or surer
    value stands against.
    """
    by_field: dict[str, list[ProviderAnswer]] = {}
    for answer in answers:
        if answer.outcome == "found" and answer.evidence and _may_propose(answer.field, policy):
            by_field.setdefault(answer.field, []).append(answer)
    return tuple(change for field, held in by_field.items() for change in _field_changes(lead, field, held, policy))


def source_of(answer: ProviderAnswer, policy: Policy) -> Source:
    """The provider as a source, with the policy's trust."""
    return Source(
        kind="provider", name=answer.provider, trust=policy.sources.trust_by_name("provider", answer.provider)
    )


def worth(answer: ProviderAnswer, policy: Policy) -> float:
    """How far an answer counts: the policy's trust in the provider times its confidence."""
    return source_of(answer, policy).trust * answer.confidence


def _may_propose(field: str, policy: Policy) -> bool:
    contract = policy.contract("lead", field)
    return field in LEAD_FIELDS and contract is not None and STAGE in contract.updaters


def _field_changes(lead: Lead, field: str, answers: list[ProviderAnswer], policy: Policy) -> list[ProposedChange]:
    held = lead.fields.get(field)
    ranked = sorted(answers, key=lambda answer: -worth(answer, policy))
    enough = worth(ranked[0], policy) * NEARLY_AS_GOOD
    chosen: list[ProviderAnswer] = []
    for answer in ranked:
        repeated = any(same_value(answer.value, other.value) for other in chosen)
        if worth(answer, policy) >= enough and not repeated:
            chosen.append(answer)
    return [_change(lead, answer, policy) for answer in chosen if _is_news(held, answer, policy)]


def _is_news(held: FieldValue | None, answer: ProviderAnswer, policy: Policy) -> bool:
    if held is None or is_empty(held.value):
        return held is None or not held.locked
    if held.locked or held.verified_by or same_value(held.value, answer.value):
        return False
    return policy.trust_of(held.source) <= source_of(answer, policy).trust and held.confidence <= answer.confidence


def _change(lead: Lead, answer: ProviderAnswer, policy: Policy) -> ProposedChange:
    return ProposedChange(
        record=RecordRef(type="lead", id=lead.lead_id),
        field=answer.field,
        old=lead.value(answer.field),
        new=answer.value,
        source=source_of(answer, policy),
        confidence=answer.confidence,
        actor=ACTOR,
        evidence=answer.evidence,
        reason=answer.reason or f"{answer.provider} answered",
    )


def contact_changes(lead: Lead, changes: Iterable[ProposedChange]) -> tuple[ProposedChange, ...]:
    """The same values for the record of a contact that this lead made; what the CRM knows already stays as it is there."""
    identity = lead.identity
    if identity is None or identity.verdict == "ambiguous" or not identity.contact_is_new:
        return ()
    return tuple(
        change.model_copy(update={"record": identity.contact, "old": None})
        for change in changes
        if change.field in CONTACT_FIELDS
    )
