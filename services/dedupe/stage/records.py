"""Dedupe: record.changed.v1 in; contacts and companies of the CRM feed the index. Nothing goes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, RecordChanged
from libs.contracts.outcome import Outcome
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime.stage import Stage
from services.dedupe.domain.crm_records import delta_of
from services.dedupe.domain.known import Known, Wanted
from services.dedupe.stage.gathering import Index, applied, deltas_of
from services.dedupe.stage.received import VERSION


def records_stage(index: Index, batch_max: int = 500) -> Stage[RecordChanged, Known]:
    """The stage `dedupe.records`, over an index."""

    async def gather(events: Sequence[RecordChanged]) -> Known:
        return await index.known(Wanted.all_of(wanted_for(event) for event in events))

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await index.save(deltas_of(outcome.state for outcome in outcomes))

    return Stage(
        name="dedupe.records",
        service="dedupe",
        version=VERSION,
        consumes=RECORD_CHANGED,
        produces=(),
        gather=gather,
        decide=decide_record,
        advance=lambda known, outcome: applied(known, outcome.state),
        save=save,
        batch_max=batch_max,
    )


def wanted_for(event: RecordChanged) -> Wanted:
    """The record's own row, and locks on the exact keys that it brings."""
    delta = delta_of(event, Known())
    if delta is None:
        return Wanted()
    exact = [key for contact in delta.contacts for key in contact.all_keys() if key.startswith(("email:", "custom:"))]
    exact += [key for company in delta.companies for key in company.all_keys()]
    related = (one.record_id for one in delta.related)
    return Wanted(keys=frozenset(exact), records=frozenset((event.record.id, *related)))


def decide_record(event: RecordChanged, known: Known, now: datetime) -> Outcome[Event]:  # noqa: ARG001
    """The record's row in the index."""
    return Outcome(state=delta_of(event, known))
