"""What all stages of the router need to know, gathered once for a batch."""

from collections.abc import Iterable, Sequence
from typing import Any, Protocol

from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.policy.autonomy import Levels
from libs.policy.policy import Policy
from libs.runtime.policies import PolicyVersions
from services.router.domain.holds import match_keys
from services.router.domain.known import Known, Wanted
from services.router.domain.records import Delta, stored_lead

VERSION = "1"


class State(Protocol):
    """Where routed leads, the CRM's records and turns are kept; used inside the batch's database transaction."""

    async def known(self, wanted: Wanted) -> Known:
        """All that is wanted; until the transaction ends no other batch of the router decides."""
        ...

    async def save(self, deltas: Sequence[Delta]) -> None:
        """Store what the outcomes of a batch change, in order."""
        ...


def wanted_of(lead: Lead) -> Wanted:
    """What must be known to route a lead."""
    identity = lead.identity
    refs = frozenset(ref.id for ref in (identity.contact, identity.company) if ref) if identity else frozenset[str]()
    return Wanted(leads=frozenset((lead.lead_id,)), parties=refs, matches=match_keys(lead, ()), pools=True)


async def gathered(state: State, policies: PolicyVersions, leads: Sequence[Lead], more: Sequence[Wanted] = ()) -> Known:
    """What is known for these leads, and for those of `more` as they are stored. Raises Retryable for an unknown policy."""
    known = await state.known(Wanted.all_of([*map(wanted_of, leads), *more]))
    hashes = {lead.policy_hash for lead in leads}
    if more:
        hashes |= {stored_lead(row).policy_hash for row in known.leads.values()}
    return known.with_policies({one: policies.by_hash(one) for one in hashes}, *_now(policies))


def _now(policies: PolicyVersions) -> tuple[Policy, Levels, Policy | None]:
    return policies.newest(), policies.levels(), policies.shadow()


def applied(known: Known, outcome: Outcome[Any]) -> Known:
    """What the next input of the batch sees."""
    return known.apply(outcome.state) if isinstance(outcome.state, Delta) else known


def deltas_of(outcomes: Iterable[Outcome[Any]]) -> list[Delta]:
    """What has to be stored."""
    return [outcome.state for outcome in outcomes if isinstance(outcome.state, Delta)]
