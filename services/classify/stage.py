"""Classify: lead.enriched.v1 in; lead.classified.v1 out, each label with its quote and a calibrated confidence."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from libs.contracts.events import LeadClassified, LeadEnriched
from libs.contracts.lead import Classification, ShadowOpinion
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_ENRICHED
from libs.policy.policy import Policy
from libs.policy.taxonomy import Taxonomy
from libs.runtime.stage import Stage
from services.classify.domain.asked import Asked, asked_about
from services.classify.domain.changes import changes_of
from services.classify.domain.model import OfflineModel
from services.classify.domain.offline import classify_offline
from services.classify.domain.reply import Reply
from services.classify.domain.strict import RefusedError, answered, second_opinion

VERSION = "1"


class PolicyVersions(Protocol):
    """Where the stage gets the policy that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...


class ModelVersions(Protocol):
    """Where the stage gets the built-in model that a policy names. Raises Retryable when it is not there."""

    def by_version(self, version: str) -> OfflineModel: ...


class Endpoint(Protocol):
    """A language model outside the process. It raises nothing: what goes wrong is a reply with a problem."""

    async def ask(self, questions: Sequence[tuple[Asked, Taxonomy]]) -> Sequence[Reply]: ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """Policies and hashes of their taxonomies by policy hash, models by version, the endpoint's replies by event id."""

    policies: Mapping[str, Policy]
    taxonomies: Mapping[str, str]
    models: Mapping[str, OfflineModel]
    replies: Mapping[str, Reply] = field(default_factory=dict)


def classify_stage(
    policies: PolicyVersions,
    models: ModelVersions,
    endpoint: Endpoint | None = None,
    batch_max: int = 500,
    gather_seconds: float = 5.0,
) -> Stage[LeadEnriched, Gathered]:
    """The stage. A lead whose question was answered before keeps that answer, and nobody is asked."""
    taxonomies: dict[str, str] = {}

    async def gather(events: Sequence[LeadEnriched]) -> Gathered:
        by_hash = {wanted: policies.by_hash(wanted) for wanted in {event.lead.policy_hash for event in events}}
        for policy_hash, policy in by_hash.items():
            if policy_hash not in taxonomies:
                taxonomies[policy_hash] = taxonomy_hash(policy.taxonomy)
        named = {version for policy in by_hash.values() for version in _versions(policy)}
        read_by = {version: models.by_version(version) for version in sorted(named)}
        gathered = Gathered(by_hash, {held: taxonomies[held] for held in by_hash}, read_by)
        if endpoint is None:
            return gathered
        open_questions = {event.event_id: asked for event in events if (asked := _open_question(event, gathered))}
        chosen = [event for event in events if event.event_id in open_questions]
        pairs = [(open_questions[event.event_id], by_hash[event.lead.policy_hash].taxonomy) for event in chosen]
        replies = await endpoint.ask(pairs)
        return Gathered(by_hash, gathered.taxonomies, read_by, dict(zip(open_questions, replies, strict=True)))

    def decide(event: LeadEnriched, gathered: Gathered, now: datetime) -> Outcome[LeadClassified]:  # noqa: ARG001
        lead, policy = event.lead, gathered.policies[event.lead.policy_hash]
        asked = asked_about(lead, gathered.taxonomies[lead.policy_hash])
        answer = lead.classification
        if answer is None or answer.input_hash != asked.input_hash:
            model = gathered.models[policy.classification.model]
            answer = classified(asked, policy.taxonomy, model, gathered.replies.get(event.event_id))
            answer = in_shadow(answer, asked, policy, gathered.models)
        return Outcome(
            next=LeadClassified(lead=lead.model_copy(update={"classification": answer})),
            changes=changes_of(answer, lead, policy),
        )

    return Stage(
        "classify",
        "classify",
        VERSION,
        LEAD_ENRICHED,
        (LEAD_CLASSIFIED,),
        gather,
        decide,
        batch_max=batch_max,
        gather_seconds=gather_seconds,
    )


def classified(asked: Asked, taxonomy: Taxonomy, model: OfflineModel, reply: Reply | None) -> Classification:
    """The endpoint's answer when there is one that keeps the rules, else the built-in model's with the reason why."""
    if reply is None:
        return classify_offline(asked, taxonomy, model)
    if reply.problem:
        return _fallback(asked, taxonomy, model, reply, reply.problem)
    try:
        answer = answered(reply, asked, taxonomy)
    except RefusedError as refused:
        return _fallback(asked, taxonomy, model, reply, f"its answer {refused}")
    return second_opinion(answer, classify_offline(asked, taxonomy, model), taxonomy)


def in_shadow(
    answer: Classification, asked: Asked, policy: Policy, models: Mapping[str, OfflineModel]
) -> Classification:
    """The answer with the opinion of the model that is only tried, if the policy names one. Nothing else of it changes."""
    if policy.classification.shadow is None:
        return answer
    tried = classify_offline(asked, policy.taxonomy, models[policy.classification.shadow])
    opinion = ShadowOpinion(
        model_version=tried.model_version,
        labels={name: claim.label for name, claim in tried.claims.items()},
        flags=tuple(tried.flags),
        confidence=tried.confidence,
    )
    return answer.model_copy(update={"shadow": opinion})


def taxonomy_hash(taxonomy: Taxonomy) -> str:
    """Hash of the labels and definitions: another taxonomy is another question."""
    return hashlib.sha256(taxonomy.model_dump_json().encode()).hexdigest()[:16]


def _versions(policy: Policy) -> tuple[str, ...]:
    named = policy.classification
    return (named.model,) if named.shadow is None else (named.model, named.shadow)


def _fallback(asked: Asked, taxonomy: Taxonomy, model: OfflineModel, reply: Reply, why: str) -> Classification:
    return classify_offline(asked, taxonomy, model, note=f"built-in model used instead of {reply.model}, {why}")


def _open_question(event: LeadEnriched, gathered: Gathered) -> Asked | None:
    """The question of an event that no recorded answer answers; a lead without words is the built-in model's."""
    lead = event.lead
    asked = asked_about(lead, gathered.taxonomies[lead.policy_hash])
    held = lead.classification
    if (held is not None and held.input_hash == asked.input_hash) or not asked.message.strip():
        return None
    return asked
