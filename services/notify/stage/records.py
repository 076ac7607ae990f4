"""Notify: record.changed.v1 in; members, whom there is to tell. Nothing goes out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, RecordChanged
from libs.contracts.outcome import Outcome
from libs.contracts.topics import RECORD_CHANGED
from libs.runtime.stage import Stage
from services.notify.domain.known import Known, Moved
from services.notify.domain.notice import member_of
from services.notify.stage.state import State, advanced, moved_of

NAME = "notify.records"
VERSION = "1"


def decide(event: RecordChanged, known: Known, now: datetime) -> Outcome[Event]:  # noqa: ARG001 - as every decide
    """The member's row; nothing for other records, and for what was seen already."""
    if event.record.type != "member":
        return Outcome()
    held = known.members.get(event.record.id)
    if held is not None and event.version <= held.version:
        return Outcome()
    return Outcome(state=Moved(members=(member_of(event),)))


def records_stage(state: State) -> Stage[RecordChanged, Known]:
    """The stage, on its state."""

    async def gather(events: Sequence[RecordChanged]) -> Known:
        ids = sorted({event.record.id for event in events if event.record.type == "member"})
        return Known(members=await state.members(ids, ()) if ids else {})

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(moved_of(outcomes))

    return Stage(NAME, "notify", VERSION, RECORD_CHANGED, (), gather, decide, advanced, save)
