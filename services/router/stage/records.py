"""Router: record.changed.v1 in; members, suppression entries, owners and flags for its own read tables. Nothing goes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, RecordChanged
from libs.contracts.outcome import Outcome
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime.stage import Stage
from services.router.domain.crm_records import delta_of
from services.router.domain.known import Known, Wanted
from services.router.stage.gathering import VERSION, State, applied, deltas_of


def decide_record(event: RecordChanged, known: Known, now: datetime) -> Outcome[Event]:  # noqa: ARG001
    """The record's row."""
    return Outcome(state=delta_of(event, known))


def records_stage(state: State, batch_max: int = 500) -> Stage[RecordChanged, Known]:
    """The stage `router.records`, over its state."""

    async def gather(events: Sequence[RecordChanged]) -> Known:
        ids = frozenset(event.record.id for event in events)
        return await state.known(Wanted(parties=ids, records=ids, pools=True))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(deltas_of(outcomes))

    return Stage(
        "router.records", "router", VERSION, RECORD_CHANGED, (), gather, decide_record, applied, save, batch_max
    )
