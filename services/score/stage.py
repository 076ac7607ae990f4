"""Score: lead.classified.v1 in; lead.scored.v1 out, with each point's reason and evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from libs.contracts.events import LeadClassified, LeadScored
from libs.contracts.lead import Lead, ShadowScore
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_SCORED
from libs.policy.policy import Policy
from libs.policy.shadow import tried
from libs.runtime.stage import Stage
from services.score.domain.changes import changes_of, reviews_of
from services.score.domain.points import score_lead

VERSION = "1"


@dataclass(frozen=True, slots=True)
class Policies:
    """By hash, for every lead of the batch; and the one that is only tried."""

    by_hash: Mapping[str, Policy]
    shadow: Policy | None = None


class PolicyVersions(Protocol):
    """Where the stage gets the policy that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...

    def shadow(self) -> Policy | None: ...


def score_stage(policies: PolicyVersions) -> Stage[LeadClassified, Policies]:
    """The stage: stateless, one policy look-up per batch, the rest is arithmetic."""

    async def gather(events: Sequence[LeadClassified]) -> Policies:
        wanted = {event.lead.policy_hash for event in events}
        return Policies({one: policies.by_hash(one) for one in wanted}, policies.shadow())

    return Stage("score", "score", VERSION, LEAD_CLASSIFIED, (LEAD_SCORED,), gather, decide)


def decide(event: LeadClassified, policies: Policies, now: datetime) -> Outcome[LeadScored]:  # noqa: ARG001 - see `age_of`
    """The lead with its score, the changes of its score fields, and the questions that the table asks of a person."""
    lead = event.lead
    policy, shadow = policies.by_hash[lead.policy_hash], policies.shadow
    score = score_lead(lead, policy.scoring, policy.taxonomy.qualification)
    if shadow is not None:
        score = score.model_copy(update={"shadow": tried(lambda: _shadow_score(lead, shadow))})
    return Outcome(
        next=LeadScored(lead=lead.model_copy(update={"score": score})),
        changes=changes_of(score, lead),
        reviews=reviews_of(score),
    )


def _shadow_score(lead: Lead, policy: Policy) -> ShadowScore:
    score = score_lead(lead, policy.scoring, policy.taxonomy.qualification)
    return ShadowScore(policy_hash=policy.hash, priority=score.priority)
