"""Records: record.changed.v1 in; nothing out but the newest version of each record in enrich's read model."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, Protocol

from libs.contracts.events import RecordChanged
from libs.contracts.outcome import Outcome
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime.stage import Stage

VERSION = "1"
READ = frozenset(("contact", "company", "opportunity"))
"""The kinds of records that the provider `crm` looks at."""


class RecordSink(Protocol):
    """Where records are kept."""

    async def save(self, changes: Sequence[RecordChanged]) -> None: ...


def records_stage(records: RecordSink) -> Stage[RecordChanged, None]:
    """The stage: stateful, and the store's newest-version rule makes any order of arrival end the same."""

    async def gather(events: Sequence[RecordChanged]) -> None:
        """There is nothing to look up."""

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await records.save([outcome.state for outcome in outcomes if isinstance(outcome.state, RecordChanged)])

    return Stage("enrich.records", "enrich", VERSION, RECORD_CHANGED, (), gather, decide, save=save, batch_max=1000)


def decide(event: RecordChanged, facts: None, now: datetime) -> Outcome[Any]:  # noqa: ARG001 - nothing else decides
    """The record as state to keep, when it is of a kind that is looked up."""
    return Outcome(state=event if event.record.type in READ else None)
