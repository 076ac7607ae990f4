"""A classification as proposed changes of the lead's fields, and of the record of a contact that this lead made."""

from collections.abc import Iterator

from pydantic import JsonValue

from libs.contracts.change import Actor, ProposedChange, RecordRef, Source
from libs.contracts.lead import Claim, Classification, Lead
from libs.policy.admit import is_empty
from libs.policy.policy import Policy

STAGE = "classify"
OFFLINE, ENDPOINT = "offline", "openai_compatible"
"""Names of the models' sources, as the policy's `sources.yaml` gives them their trust."""
CONTACT_FIELDS = frozenset(("use_case", "urgency", "buyer_role", "product_interest", "intent"))


def changes_of(answer: Classification, lead: Lead, policy: Policy) -> tuple[ProposedChange, ...]:
    """A change for every label that is known and news, and for `spam` when it is raised.

    Nothing is proposed that a person locked or verified, or that the field's contract would block for low confidence.
    """
    own = tuple(_lead_changes(answer, lead, policy))
    return own + _contact_changes(own, lead)


def _lead_changes(answer: Classification, lead: Lead, policy: Policy) -> Iterator[ProposedChange]:
    source = _source(answer, policy)
    for name, claim in answer.claims.items():
        if claim.label != "unknown" and _is_wanted(name, claim.label, claim, lead, policy, source):
            yield _change(lead, name, claim.label, claim, answer, source)
    spam = answer.flags.get("spam")
    if spam is not None and _is_wanted("spam", True, spam, lead, policy, source):
        yield _change(lead, "spam", True, spam, answer, source)


def _source(answer: Classification, policy: Policy) -> Source:
    name = OFFLINE if answer.model_version.startswith("offline") else ENDPOINT
    return Source(kind="model", name=name, trust=policy.sources.trust_by_name("model", name))


def _is_wanted(field: str, value: JsonValue, claim: Claim, lead: Lead, policy: Policy, source: Source) -> bool:
    contract, held = policy.contract("lead", field), lead.fields.get(field)
    if contract is None or STAGE not in contract.updaters or claim.confidence < policy.bands_of(contract).suggest:
        return False
    if held is None or is_empty(held.value):
        return held is None or not held.locked
    if held.locked or held.verified_by or held.value == value:
        return False
    return policy.trust_of(held.source) <= source.trust and held.confidence <= claim.confidence


def _change(
    lead: Lead, field: str, value: JsonValue, claim: Claim, answer: Classification, source: Source
) -> ProposedChange:
    return ProposedChange(
        record=RecordRef(type="lead", id=lead.lead_id),
        field=field,
        old=lead.value(field),
        new=value,
        source=source,
        confidence=claim.confidence,
        actor=Actor(kind="ai", id=answer.model_version),
        evidence=claim.evidence,
        reason=f"{field} reads as {claim.label}",
        model_version=answer.model_version,
    )


def _contact_changes(own: tuple[ProposedChange, ...], lead: Lead) -> tuple[ProposedChange, ...]:
    identity = lead.identity
    if identity is None or identity.verdict == "ambiguous" or not identity.contact_is_new:
        return ()
    return tuple(
        change.model_copy(update={"record": identity.contact, "old": None})
        for change in own
        if change.field in CONTACT_FIELDS
    )
