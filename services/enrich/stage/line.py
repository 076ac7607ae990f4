"""Enrich: lead.deduped.v1 in; lead.enriched.v1 out, with every provider's answer, found or not, recorded on the lead."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from libs.contracts.events import Command, LeadDeduped, LeadEnriched
from libs.contracts.lead import Lead, ProviderAnswer
from libs.contracts.outcome import Outcome
from libs.contracts.topics import COMMANDS, LEAD_DEDUPED, LEAD_ENRICHED
from libs.policy.policy import Policy
from libs.runtime.stage import Stage
from services.enrich.domain.late import Order, Remembered, order_of
from services.enrich.domain.provider import Network, Provider, no_network
from services.enrich.domain.questions import Answered, is_missed
from services.enrich.domain.summary import summary_of
from services.enrich.domain.waterfall import ACTOR, as_of, contact_changes, filled, merged, recorded
from services.enrich.stage.asking import Asked, answers_of

__all__ = ["ASK_LATER", "Provider", "enrich_stage"]

VERSION = "2"
ASK_LATER = "complete"
"""Enrich's own command: a question was missed, and is asked again while the lead goes on."""
LONGEST_BUDGET_SECONDS = 30.0
"""What a policy's `budget_seconds` may be at most."""


class PolicyVersions(Protocol):
    """Where the stage gets the policy that a lead is stamped with."""

    def by_hash(self, policy_hash: str) -> Policy: ...


class Late(Protocol):
    """Where questions are kept that were missed before."""

    async def of(self, lead_ids: Sequence[str]) -> Sequence[Remembered]:
        """Those about these leads. Raises Retryable when the database is away."""
        ...


@dataclass(frozen=True, slots=True)
class Gathered:
    """Policies by hash, and what providers said about each event's lead (by event id)."""

    policies: Mapping[str, Policy]
    answers: Mapping[str, Sequence[Answered]]


def enrich_stage(
    policies: PolicyVersions,
    providers: Sequence[Provider],
    provider_seconds: float,
    network: Network = no_network,
    late: Late | None = None,
) -> Stage[LeadDeduped, Gathered]:
    """The stage. `providers` are offline: each is asked once per batch and may take `provider_seconds`. Those that `network`
    names for a lead's policy share the `budget_seconds` of that policy, and all are asked side by side.

    What is missed is recorded, the lead goes on, and enrich's own commands see to the rest; `late` remembers them.
    """

    async def gather(events: Sequence[LeadDeduped]) -> Gathered:
        by_hash = {wanted: policies.by_hash(wanted) for wanted in {event.lead.policy_hash for event in events}}
        asked = [Asked(provider, events) for provider in providers] + list(_over_the_network(network, events, by_hash))
        memory = {(one.lead_id, one.provider, one.asked): one for one in await _remembered(late, events, asked)}
        budget = min((policy.enrichment.budget_seconds for policy in by_hash.values()), default=provider_seconds)
        said = await asyncio.gather(
            *(answers_of(one, by_hash, memory, budget if one.slow else provider_seconds) for one in asked)
        )
        answers = {
            event.event_id: [answer for answers in said if (answer := answers.get(event.event_id)) is not None]
            for event in events
        }
        return Gathered(by_hash, answers)

    return Stage(
        "enrich",
        "enrich",
        VERSION,
        LEAD_DEDUPED,
        (LEAD_ENRICHED, COMMANDS["enrich"]),
        gather,
        decide,
        gather_seconds=max(provider_seconds, LONGEST_BUDGET_SECONDS) + 5.0,
    )


def decide(event: LeadDeduped, gathered: Gathered, now: datetime) -> Outcome[LeadEnriched]:
    """The lead with all answers, and the changes and questions that found answers stand for."""
    before, policy = event.lead, gathered.policies[event.lead.policy_hash]
    said = gathered.answers[event.event_id]
    new = [answer for one in said for answer in _recorded(before, one, now)]
    lead = before.model_copy(update={"answers": merged(before.answers, new)})
    lead = lead.model_copy(update={"summary": summary_of(lead, lead.answers)})
    told = filled(lead, lead.answers, policy)
    return Outcome(
        next=LeadEnriched(lead=lead),
        changes=told.changes + contact_changes(lead, told.changes),
        reviews=told.reviews,
        emits=tuple(_ask_later(order) for order in _missed(lead, said)),
    )


def _recorded(lead: Lead, said: Answered, now: datetime) -> Iterable[ProviderAnswer]:
    if said.kept:
        return [as_of(answer, lead) for answer in said.kept]
    return recorded(lead, said.provider, said.asked, said.findings, now)


def _missed(lead: Lead, said: Sequence[Answered]) -> Iterable[Order]:
    orders = (order_of(lead, one) for one in said)
    return [order for order in orders if order is not None]


def _ask_later(order: Order) -> Command:
    arguments = order.model_dump(mode="json")
    return Command(target="enrich", name=ASK_LATER, key=order.question_id, actor=ACTOR, arguments=arguments)


async def _remembered(late: Late | None, events: Sequence[LeadDeduped], asked: Sequence[Asked]) -> Sequence[Remembered]:
    """What is known of missed questions. Without slow providers only leads that carry a missed answer can have one."""
    slow = any(one.slow for one in asked)
    wanted = {event.lead.lead_id for event in events if slow or any(map(is_missed, event.lead.answers))}
    return await late.of(sorted(wanted)) if late is not None and wanted else ()


def _over_the_network(
    network: Network, events: Sequence[LeadDeduped], policies: Mapping[str, Policy]
) -> Iterable[Asked]:
    """The network's providers that may fill some field, each with the leads whose policy names it."""
    by_provider: dict[int, tuple[Provider, list[LeadDeduped]]] = {}
    for policy_hash, policy in policies.items():
        mine = [event for event in events if event.lead.policy_hash == policy_hash]
        for provider in network(policy):
            listed = any(
                provider.name in rule.providers and field in provider.fields
                for field, rule in policy.enrichment.fields.items()
            )
            if listed:
                by_provider.setdefault(id(provider), (provider, []))[1].extend(mine)
    return [Asked(provider, held, slow=True) for provider, held in by_provider.values()]
