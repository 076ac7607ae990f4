"""The facts that routing rules may name: the lead's own, the CRM's, its territory, and how much room the pools have."""

from datetime import datetime

from pydantic import JsonValue

from libs.contracts.lead import Lead
from libs.policy.facts import Facts, lead_facts
from libs.policy.policy import Policy
from services.router.domain.holds import Context, record_facts
from services.router.domain.known import Known
from services.router.domain.turns import free_in

ROOM = "pools.free"


def routing_facts(lead: Lead, context: Context, known: Known, now: datetime) -> Facts:
    """All facts of a lead for the rules of its policy; room in the pools is looked up only when a rule asks for it."""
    policy = known.policy(lead)
    facts = lead_facts(lead, record_facts(context, now))
    facts["lead.territory"] = policy.territories.of(facts)
    if _asks_for_room(policy):
        room: dict[str, JsonValue] = {name: free_in(name, policy, known, now) for name in policy.pools}
        facts[ROOM] = room
    return facts


def recorded(facts: Facts) -> Facts:
    """What a route keeps of its facts, beside the lead itself: what came from elsewhere, and the reviews, which become
    questions; for explaining and replaying it."""
    kept = (ROOM, "lead.territory", "lead.reviews")
    return {name: value for name, value in facts.items() if name.startswith("record.") or name in kept}


def _asks_for_room(policy: Policy) -> bool:
    return any(ROOM in rule.when.names for rule in policy.routing.rules)
