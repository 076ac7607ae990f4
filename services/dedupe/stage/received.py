"""Dedupe: lead.received.v1 in; lead.deduped.v1 out, with who it is from, which company, and what was compared."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import LeadDeduped, LeadReceived
from libs.contracts.outcome import Outcome
from libs.contracts.topics import LEAD_DEDUPED, LEAD_RECEIVED
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.dedupe.domain.known import Known
from services.dedupe.domain.versions import next_version
from services.dedupe.stage.gathering import Ask, Index, applied, deltas_of, gathered

VERSION = "1"


def received_stage(index: Index, policies: PolicyVersions, batch_max: int = 500) -> Stage[LeadReceived, Known]:
    """The stage `dedupe`, over an index."""

    async def gather(events: Sequence[LeadReceived]) -> Known:
        return await gathered(index, policies, [Ask(event.lead.lead_id, event.lead) for event in events])

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await index.save(deltas_of(outcome.state for outcome in outcomes))

    return Stage(
        name="dedupe",
        service="dedupe",
        version=VERSION,
        consumes=LEAD_RECEIVED,
        produces=(LEAD_DEDUPED,),
        gather=gather,
        decide=decide_received,
        advance=lambda known, outcome: applied(known, outcome.state),
        save=save,
        batch_max=batch_max,
    )


def decide_received(event: LeadReceived, known: Known, now: datetime) -> Outcome[LeadDeduped]:
    """The lead's first version, or the next one when its facts changed; nothing for facts that are known already."""
    row = known.leads.get(event.lead.lead_id)
    if row is not None and row.facts_hash == event.lead.facts_hash:
        return Outcome(answer={"redelivered": row.lead_id, "version": row.version})
    return next_version(event.lead, known.at(now), row)
