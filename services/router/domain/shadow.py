"""Where a policy that is only tried would send a lead: the same planning under its rules, with nothing done by it."""

from dataclasses import replace
from datetime import datetime

from libs.contracts.lead import Lead, ShadowRoute
from libs.policy.policy import Policy
from libs.policy.shadow import tried
from services.router.domain.holds import Context
from services.router.domain.known import Known
from services.router.domain.plan import Plan, planned
from services.router.domain.records import LeadRow


def with_shadow(plan: Plan, lead: Lead, context: Context, known: Known, row: LeadRow | None, now: datetime) -> Plan:
    """The plan with the route that the policy in shadow would give; as it is when none is tried, or score did not know it
    yet when the lead passed."""
    shadow = known.shadow
    if (
        shadow is None
        or lead.score is None
        or lead.score.shadow is None
        or lead.score.shadow.policy_hash != shadow.hash
    ):
        return plan
    found = tried(lambda: _shadow_route(shadow, lead, context, known, row, now))
    return plan if found is None else replace(plan, route=plan.route.model_copy(update={"shadow": found}))


def _shadow_route(
    shadow: Policy, lead: Lead, context: Context, known: Known, row: LeadRow | None, now: datetime
) -> ShadowRoute:
    assert lead.score is not None
    assert lead.score.shadow is not None
    priority = lead.score.shadow.priority
    # only the priority is known under the other points: the sums that it is made of stay those that decided
    score = lead.score.model_copy(update={"priority": priority})
    told = lead.model_copy(update={"policy_hash": shadow.hash, "score": score})
    there = replace(known, policies={**known.policies, shadow.hash: shadow}, newest=shadow)
    route = planned(told, context, there, row, now).route
    return ShadowRoute(
        policy_hash=shadow.hash,
        destination=route.destination,
        queue=route.queue,
        pool=route.pool,
        rule=route.rule,
        reason=route.reason,
        priority=priority,
    )
