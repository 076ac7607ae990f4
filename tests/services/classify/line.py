"""The whole line folded over one submission, from the mapper to the router, on the shipped policy in its freest mode."""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from libs.contracts.events import Event, LeadReceived
from libs.contracts.lead import Lead
from libs.policy.policy import Policy
from libs.runtime.gate import gated
from services.classify.stage import Endpoint, classify_stage
from services.dedupe.stage.received import received_stage
from services.enrich.connectors.campaign import Campaign
from services.enrich.connectors.email_domain import EmailDomain
from services.enrich.connectors.language import Language
from services.enrich.connectors.person_name import PersonName
from services.enrich.connectors.phone import Phone
from services.enrich.connectors.title import Title
from services.enrich.domain.provider import Provider
from services.enrich.stage.line import enrich_stage
from services.intake.connectors import ADAPTERS
from services.intake.domain.sources import source_of
from services.intake.stage import mapper_stage
from services.router.domain.crm_records import delta_of
from services.router.domain.known import Known
from services.router.stage.scored import scored_stage
from services.score.stage import score_stage
from tests.policies import Plain
from tests.services.classify.makers import OneModel
from tests.services.dedupe.fakes import MemoryIndex
from tests.services.intake.samples import AT, TENANT_SECRET, submission
from tests.services.router.fakes import MemoryState, member, policy

SOURCE = "demo"
MEMBERS = ("ann", "bob", "eve")


class Freest(Plain):
    """The shipped policy in the mode that lets the line act."""

    def by_hash(self, policy_hash: str) -> Policy:
        return policy()

    def newest(self) -> Policy:
        return policy()


POLICIES = Freest()
PROVIDERS = (EmailDomain(), Phone(), PersonName(), Title(), Language(), Campaign())
MAPPER = mapper_stage(POLICIES, lambda name, held: source_of(name, held, {}, ADAPTERS), TENANT_SECRET)
ENRICH = enrich_stage(POLICIES, PROVIDERS, 2.0)
SCORE = score_stage(POLICIES)


@dataclass(frozen=True)
class Ended:
    """What became of a lead: what classify said, the points, and what the router decided and let out."""

    lead: Lead
    asked: bool
    """Whether triage was asked."""

    @property
    def decided(self) -> dict[str, Any]:
        """All that must be the same for a lead and its twin."""
        answer, score, route = self.lead.classification, self.lead.score, self.lead.route
        assert answer is not None
        assert score is not None
        assert route is not None
        return {
            "labels": {name: (claim.label, round(claim.confidence, 6)) for name, claim in answer.claims.items()},
            "flags": {name: round(flag.confidence, 6) for name, flag in answer.flags.items()},
            "for_sales": answer.should_route_to_sales,
            "score": (score.fit, score.engagement, score.risk, score.priority, score.needs_review),
            "points": [(part.rule, part.points) for part in score.parts],
            "route": (route.destination, route.queue, route.owner, route.rule, route.suggested),
            "reviews": sorted(review.kind for review in self.lead.reviews),
            "asked": self.asked,
        }


async def through(
    items: Sequence[dict[str, Any]], endpoint: Endpoint | None = None, further: Sequence[Provider] = ()
) -> list[Ended]:
    """The ends of all leads of one submission, in the order of its items; `further` providers are asked after the built-in."""
    enrich = enrich_stage(POLICIES, (*PROVIDERS, *further), 2.0) if further else ENRICH
    body: Any = list(items) if len(items) > 1 else items[0]
    events: list[Event] = [submission(json.dumps(body).encode(), source=SOURCE)]
    state = MemoryState()
    router = scored_stage(state, POLICIES)
    for name in MEMBERS:
        state.all.members.update(_members(name))
    classify = classify_stage(POLICIES, OneModel(), endpoint)
    ends: list[Ended] = []
    for stage in (MAPPER, received_stage(MemoryIndex(), POLICIES), enrich, classify, SCORE, router):
        following: list[Event] = []
        facts = await stage.gather(events)
        for number, event in enumerate(events):
            outcome = stage.decide(event, facts, AT)
            made, _ = gated(stage, event.event_id, outcome, POLICIES, AT, None)
            if stage is router:
                assert outcome.next is not None
                ends.append(Ended(made[0].lead, any(type(one).__name__ == "TriageRequested" for one in made)))  # type: ignore[attr-defined]
            leads = made if stage is MAPPER else made[:1]
            following += [
                one.model_copy(update={"event_id": f"{stage.name} {number} {at}"}) for at, one in enumerate(leads)
            ]
            if stage.advance is not None:
                facts = stage.advance(facts, outcome)
        events = [one for one in following if stage is not MAPPER or isinstance(one, LeadReceived)]
    return ends


def _members(name: str) -> dict[str, Any]:
    known = Known()
    known.apply(delta_of(member(name), known))
    return dict(known.members)
