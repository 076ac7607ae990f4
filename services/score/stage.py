"""Score: lead.classified.v1 in; lead.scored.v1 out, with each point's reason and evidence."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from libs.contracts.events import LeadClassified, LeadScored
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_CLASSIFIED, LEAD_SCORED
from libs.policy.policy import Policy
from libs.runtime.stage import Stage
from services.score.domain.changes import changes_of, reviews_of
from services.score.domain.points import score_lead

VERSION = "1"
Policies = Mapping[str, Policy]
"""By hash, for every lead of the batch."""


class PolicyVersions(Protocol):
    """Where the stage gets the policy that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...


def score_stage(policies: PolicyVersions) -> Stage[LeadClassified, Policies]:
    """The stage: stateless, one policy look-up per batch, the rest is arithmetic."""

    async def gather(events: Sequence[LeadClassified]) -> Policies:
        return {wanted: policies.by_hash(wanted) for wanted in {event.lead.policy_hash for event in events}}

    return Stage("score", "score", VERSION, LEAD_CLASSIFIED, (LEAD_SCORED,), gather, decide)


def decide(event: LeadClassified, policies: Policies, now: datetime) -> Outcome[LeadScored]:  # noqa: ARG001 - see `age_of`
    """The lead with its score, the changes of its score fields, and the questions that the table asks of a person."""
    lead = event.lead
    policy = policies[lead.policy_hash]
    score = score_lead(lead, policy.scoring, policy.taxonomy.qualification)
    return Outcome(
        next=LeadScored(lead=lead.model_copy(update={"score": score})),
        changes=changes_of(score, lead),
        reviews=reviews_of(score),
    )
