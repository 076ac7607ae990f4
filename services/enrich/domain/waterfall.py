"""Which answer becomes a value: the worthiest of the providers that the policy lists for the field, when nothing better
stands on the lead already; and which field a person is asked about."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.fields import LEAD_FIELDS
from libs.contracts.lead import FieldValue, Lead, ProviderAnswer, Review
from libs.policy.admit import is_empty
from libs.policy.enrichment import FieldWaterfall
from libs.policy.policy import Policy
from services.enrich.domain.alike import alike
from services.enrich.domain.findings import Finding
from services.enrich.domain.proof import held_against

STAGE = "enrich"
ACTOR = Actor(kind="rule", id=STAGE)
CONTACT_FIELDS = frozenset(
    ("first_name", "last_name", "seniority", "function", "language", "time_zone", "email_kind", "phone_country")
)
"""What the CRM keeps about a person of what enrich finds."""
WORTH_ASKING = 0.8
"""A second opinion is worth a person's time from this share of the best answer's worth on; a weaker one is outvoted."""


@dataclass(frozen=True, slots=True)
class Filled:
    """What follows from all answers: changes for the gate, and the fields that a person has to settle."""

    changes: tuple[ProposedChange, ...]
    reviews: tuple[Review, ...]


def recorded(
    lead: Lead, provider: str, asked: str, findings: Iterable[Finding], at: datetime
) -> tuple[ProviderAnswer, ...]:
    """Findings as they are kept on the lead, with what it held by then; `asked` is the hash of the question. A finding that
    quotes what the lead never said is explicitly nothing."""
    return tuple(
        as_of(
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
            ),
            lead,
        )
        for finding in (held_against(one, lead) for one in findings)
    )


def as_of(answer: ProviderAnswer, lead: Lead) -> ProviderAnswer:
    """The answer with what the lead holds in its field, and who verified that."""
    held = lead.fields.get(answer.field)
    if held is None:
        return answer
    return answer.model_copy(update={"previous": held.value, "verified_by": held.verified_by})


def merged(before: Iterable[ProviderAnswer], now: Iterable[ProviderAnswer]) -> tuple[ProviderAnswer, ...]:
    """One answer per provider and field, the newer one where both answered."""
    answers = {(answer.provider, answer.field): answer for answer in before}
    answers.update({(answer.provider, answer.field): answer for answer in now})
    return tuple(answers.values())


def filled(lead: Lead, answers: Iterable[ProviderAnswer], policy: Policy) -> Filled:
    """Per field of the policy: the worthiest answer as a change, or a question when answers worth asking about disagree.

    Nothing is proposed or asked about a field that a person set, locked or verified; nothing is proposed that the lead holds
    already, in whatever spelling, or that a more trusted or surer value stands against.
    """
    found = _found_by_field(answers, policy)
    changes: list[ProposedChange] = []
    reviews: list[Review] = []
    for field, ranked in found.items():
        if not _worth_telling(lead.fields.get(field), ranked[0], policy):
            continue
        rivals = _rivals(lead, field, ranked, policy)
        if rivals:
            reviews.append(_conflict(lead, [ranked[0], *rivals]))
        elif not alike(field, lead.value(field), ranked[0].value):
            changes.append(_change(lead, ranked[0], policy))
    return Filled(tuple(changes), tuple(reviews))


def is_settled(held: FieldValue | None) -> bool:
    """Whether a person has spoken about a field: no machine fills it, and nobody is asked about it again."""
    return held is not None and bool(held.locked or held.verified_by or held.source.kind == "human")


def may_fill(field: str, provider: str, policy: Policy) -> bool:
    """Whether the policy lets a provider fill a lead's field."""
    rule = policy.enrichment.fields.get(field)
    return rule is not None and provider in rule.providers and may_propose(field, policy)


def may_propose(field: str, policy: Policy) -> bool:
    """Whether the field is a lead's and its contract lets enrich propose it at all."""
    contract = policy.contract("lead", field)
    return field in LEAD_FIELDS and contract is not None and STAGE in contract.updaters


def source_of(answer: ProviderAnswer, policy: Policy) -> Source:
    """The provider as a source, with the trust that the policy has in it for this field."""
    rule = policy.enrichment.fields.get(answer.field)
    trust = rule.trust.get(answer.provider) if rule is not None else None
    if trust is None:
        trust = policy.sources.trust_by_name("provider", answer.provider)
    return Source(kind="provider", name=answer.provider, trust=trust)


def worth(answer: ProviderAnswer, policy: Policy) -> float:
    """How far an answer counts: the policy's trust in the provider times its confidence."""
    return source_of(answer, policy).trust * answer.confidence


def _found_by_field(answers: Iterable[ProviderAnswer], policy: Policy) -> dict[str, list[ProviderAnswer]]:
    """By field of the policy, in its order: the found answers of listed providers, worthiest first, the earlier listed one
    at a tie."""
    by_field: dict[str, list[ProviderAnswer]] = {}
    for answer in answers:
        if answer.outcome == "found" and answer.evidence and not is_empty(answer.value):
            by_field.setdefault(answer.field, []).append(answer)
    found: dict[str, list[ProviderAnswer]] = {}
    for field, rule in policy.enrichment.fields.items():
        listed = [one for one in by_field.get(field, ()) if one.provider in rule.providers]
        if listed and may_propose(field, policy):
            found[field] = sorted(listed, key=lambda one: (-worth(one, policy), _place(rule, one)))
    return found


def _place(rule: FieldWaterfall, answer: ProviderAnswer) -> int:
    return rule.providers.index(answer.provider)


def _worth_telling(held: FieldValue | None, answer: ProviderAnswer, policy: Policy) -> bool:
    """Whether an answer says the same as the lead, or something that what the lead holds does not stand against."""
    if is_settled(held):
        return False
    if held is None or is_empty(held.value) or alike(answer.field, held.value, answer.value):
        return True
    return policy.trust_of(held.source) <= source_of(answer, policy).trust and held.confidence <= answer.confidence


def _rivals(lead: Lead, field: str, ranked: list[ProviderAnswer], policy: Policy) -> list[ProviderAnswer]:
    """The usable answers that disagree with the best; none where the policy takes the best.

    Usable is what could have become a value had it been alone: the gate blocks below the field's `suggest` band, and what
    the lead holds may stand against it. And it must weigh nearly as much as the best (`WORTH_ASKING`): otherwise every
    guess would stop a lead that a good source has answered for.
    """
    contract = policy.contract("lead", field)
    if contract is None or policy.enrichment.fields[field].on_conflict != "review":
        return []
    suggest, enough = policy.bands_of(contract).suggest, WORTH_ASKING * worth(ranked[0], policy)
    if ranked[0].confidence < suggest:
        return []
    usable = [
        one
        for one in ranked[1:]
        if one.confidence >= suggest
        and worth(one, policy) >= enough
        and _worth_telling(lead.fields.get(field), one, policy)
    ]
    disagree = any(not alike(field, one.value, ranked[0].value) for one in usable)
    return usable if disagree else []


def _conflict(lead: Lead, answers: list[ProviderAnswer]) -> Review:
    """The question about one field, with what each provider says: a person takes the worthiest (`new`), another value, or
    none. In the order of names: a later version asks the same."""
    field = answers[0].field
    by_name = sorted(answers, key=lambda one: one.provider)
    values: dict[str, JsonValue] = {one.provider: one.value for one in by_name}
    return Review(
        kind="conflict",
        reason=f"Providers disagree about {field.replace('_', ' ')}",
        stage=STAGE,
        detail={"field": field, "old": lead.value(field), "new": answers[0].value, "values": values},
        evidence=tuple(evidence for one in by_name for evidence in one.evidence),
    )


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
