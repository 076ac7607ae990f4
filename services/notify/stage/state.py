"""What notify's stages have in common: the state they ask, and what follows from a notice."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Protocol

from libs.contracts.events import Event
from libs.contracts.outcome import Outcome
from services.notify.domain.known import Known, Moved
from services.notify.domain.notice import Asked, Delivery, Member, Notice
from services.notify.domain.plan import deliveries_of, effects_of, may_leave, timers_of


class State(Protocol):
    """Where all of it is kept."""

    async def members(self, member_ids: Sequence[str], roles: Sequence[str]) -> Mapping[str, Member]:
        """The members of these ids, and all who have one of these roles."""
        ...

    async def asked(self, lead_ids: Sequence[str]) -> Mapping[str, Asked]:
        """Triage's newest questions about these leads, locked until the transaction ends."""
        ...

    async def told(self, notice_ids: Sequence[str]) -> frozenset[str]:
        """Which of these notices were heard of before."""
        ...

    async def of_messages(self, message_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """The deliveries of these messages, locked until the transaction ends."""
        ...

    async def of_ids(self, delivery_ids: Sequence[str]) -> Mapping[str, Delivery]:
        """The deliveries of these ids, locked likewise."""
        ...

    async def waiting(self, places: Sequence[tuple[str, str, datetime]]) -> Mapping[str, Delivery]:
        """What is kept for these recipients and channels, and due by then; locked likewise."""
        ...

    async def save(self, moved: Iterable[Moved]) -> None:
        """Store the rows as they are now."""
        ...


def advanced(known: Known, outcome: Outcome[Any]) -> Known:
    """What the next event of the batch sees."""
    moved = outcome.state
    if not isinstance(moved, Moved):
        return known
    return replace(
        known,
        members={**known.members, **{one.member_id: one for one in moved.members}},
        asked={**known.asked, **{one.lead_id: one for one in moved.asked}},
        notices=known.notices | {one.notice_id for one in moved.notices},
        deliveries={**known.deliveries, **{one.delivery_id: one for one in moved.deliveries}},
    )


def moved_of(outcomes: Sequence[Outcome[Any]]) -> list[Moved]:
    """The changed rows of a batch, in order."""
    return [one.state for one in outcomes if isinstance(one.state, Moved)]


def tell(notice: Notice, known: Known, now: datetime, asked: tuple[Asked, ...] = ()) -> Outcome[Event]:
    """The deliveries of a notice: rows, what was decided of each, and calls or bells. A notice that no rule takes leaves
    nothing behind; one that was told before is not told again."""
    policy = known.policy
    if policy is None or notice.notice_id in known.notices or not may_leave(policy):
        return Outcome(state=Moved(asked=asked)) if asked else Outcome()
    found = deliveries_of(notice, known.members, policy, now)
    if not found:
        return Outcome(state=Moved(asked=asked)) if asked else Outcome()
    return moving(Moved(asked=asked, notices=(notice,), deliveries=found))


def moving(moved: Moved, *emits: Event) -> Outcome[Event]:
    """The outcome of deliveries that moved: each told, and what is on its way or kept."""
    told = tuple(one.told() for one in moved.deliveries)
    return Outcome(
        emits=(*told, *emits), state=moved, effects=effects_of(moved.deliveries), timers=timers_of(moved.deliveries)
    )
