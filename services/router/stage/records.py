"""Router: record.changed.v1 in; members, suppression entries, owners and flags for its own read tables, and what was taken
back of writes under earned autonomy. Only levels go out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, RecordChanged
from libs.contracts.outcome import Outcome
from libs.contracts.topics import AUTONOMY_CHANGED, RECORD_CHANGED
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.router.domain.crm_records import delta_of
from services.router.domain.known import Known, Wanted
from services.router.domain.levels import with_taken_back
from services.router.domain.routing import Cause
from services.router.stage.gathering import VERSION, State, applied, deltas_of

NAME = "router.records"


def decide_record(event: RecordChanged, known: Known, now: datetime) -> Outcome[Event]:
    """The record's row, and what its new state says of earlier writes."""
    cause = Cause(event.event_id, NAME, VERSION, now)
    return with_taken_back(Outcome(state=delta_of(event, known)), event, known, cause)


def records_stage(state: State, policies: PolicyVersions, batch_max: int = 500) -> Stage[RecordChanged, Known]:
    """The stage `router.records`, over its state."""

    async def gather(events: Sequence[RecordChanged]) -> Known:
        ids = frozenset(event.record.id for event in events)
        known = await state.known(Wanted(parties=ids, records=ids, pools=True))
        # records come in before any policy is published; only a counted write needs one
        return known.with_policies({}, policies.newest()) if known.let_out else known

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    out = (AUTONOMY_CHANGED,)
    return Stage(NAME, "router", VERSION, RECORD_CHANGED, out, gather, decide_record, applied, save, batch_max)
