"""Notify: notice.given.v1 in; who is told by which channel, and when, as rows, calls and bells."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from libs.contracts.events import Event
from libs.contracts.notices import NoticeGiven
from libs.contracts.outcome import Outcome
from libs.contracts.topics import NOTICE_DELIVERED, NOTICE_GIVEN
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import Stage
from services.notify.domain.known import Known
from services.notify.domain.notice import notice_of
from services.notify.stage.state import State, advanced, moved_of, tell

NAME = "notify.notices"
VERSION = "1"


def decide(event: NoticeGiven, known: Known, now: datetime) -> Outcome[Event]:
    """The deliveries of a notice; none of one that the launch mode keeps in the house."""
    return tell(notice_of(event), known, now) if event.outgoing else Outcome()


def notices_stage(state: State, policies: PolicyVersions) -> Stage[NoticeGiven, Known]:
    """The stage, on its state."""

    async def gather(events: Sequence[NoticeGiven]) -> Known:
        ids = sorted({event.to.id for event in events if event.to is not None})
        roles = sorted({event.role for event in events if event.to is None and event.role})
        told = await state.told([event.notice_id for event in events])
        return Known(policies.newest(), await state.members(ids, roles), notices=told)

    async def save(outcomes: Sequence[Outcome[Any]]) -> None:
        await state.save(moved_of(outcomes))

    return Stage(NAME, "notify", VERSION, NOTICE_GIVEN, (NOTICE_DELIVERED,), gather, decide, advanced, save)
