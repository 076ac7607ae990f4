"""Notify: triage.requested.v1 in; the question that a button may answer, and the word that there is one."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event, TriageRequested
from libs.contracts.outcome import Outcome
from libs.contracts.topics import NOTICE_DELIVERED, TRIAGE_REQUESTED
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.notify.domain.known import Known, Moved
from services.notify.domain.notice import asked_notice, asked_of
from services.notify.stage.state import State, advanced, moved_of, tell

NAME = "notify.requests"
VERSION = "1"


def decide(event: TriageRequested, known: Known, now: datetime) -> Outcome[Event]:
    """The newest question of a lead, and its word to whoever works the queue when it is another than before."""
    held = known.asked.get(event.lead_id)
    if held is not None and event.lead_version < held.version:
        return Outcome()
    asked = asked_of(event)
    notice = asked_notice(event, event.decided_at or now)
    if notice is None or (held is not None and held.question_hash == asked.question_hash):
        return Outcome(state=Moved(asked=(asked,)))
    return tell(notice, known, now, (asked,))


def requests_stage(state: State, policies: PolicyVersions) -> Stage[TriageRequested, Known]:
    """The stage, on its state."""

    async def gather(events: Sequence[TriageRequested]) -> Known:
        roles = sorted({event.waiting.remind_to for event in events if event.waiting and event.waiting.remind_to})
        asked = await state.asked(sorted({event.lead_id for event in events}))
        notices = [found.notice_id for event in events if (found := asked_notice(event, event.decided_at or _EVER))]
        told = await state.told(notices)
        return Known(policies.newest(), await state.members((), roles), asked, told)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(moved_of(outcomes))

    return Stage(NAME, "notify", VERSION, TRIAGE_REQUESTED, (NOTICE_DELIVERED,), gather, decide, advanced, save)


_EVER = datetime.fromisoformat("2000-01-01T00:00:00+00:00")
"""A notice's id does not depend on when it was."""
