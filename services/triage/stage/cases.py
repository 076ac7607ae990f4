"""What triage's stages share: the cases of a batch, and what follows when a case moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Protocol

from pydantic import JsonValue

from libs.contracts.change import ProposedChange, Status
from libs.contracts.events import Command, Event, SlaChanged
from libs.contracts.outcome import Outcome, Timer
from services.triage.domain.item import Case, Item, Step, instant_of
from services.triage.domain.record import RULE, status_move

TIMERS: Mapping[str, Step] = {"remind": "reminded", "overdue": "overdue", "escalate": "escalated"}
"""The commands that the timers of an item send, and the steps that they are."""
TRIAGE_CLOCK = "triage_clock"
"""The router's command for a step of triage's clock: it gives notice of it."""
Move = tuple[ProposedChange, Status, str]


class CaseStore(Protocol):
    """Where cases are kept."""

    async def locked(self, lead_ids: Sequence[str]) -> Mapping[str, Case]:
        """The case of every lead asked for, locked until the transaction ends; an unheard-of lead has an empty one."""
        ...

    async def save(self, cases: Iterable[Case]) -> None:
        """Store the cases with their items; the last one of a lead counts."""
        ...


@dataclass(frozen=True, slots=True)
class Cases:
    """The cases that a batch is about."""

    by_lead: Mapping[str, Case]

    def of(self, lead_id: str) -> Case:
        """The lead's case."""
        return self.by_lead.get(lead_id) or Case(lead_id)


def advanced(cases: Cases, outcome: Outcome[Any]) -> Cases:
    """The cases after one input of the batch."""
    moved = outcome.state
    return Cases({**cases.by_lead, moved.lead_id: moved}) if isinstance(moved, Case) else cases


async def gathered(store: CaseStore, lead_ids: Iterable[str]) -> Cases:
    """The locked cases of a batch, taken in one order by everybody."""
    return Cases(await store.locked(sorted(set(lead_ids))))


async def saved(store: CaseStore, outcomes: Sequence[Outcome[Any]]) -> None:
    """Store what a batch moved."""
    moved = {outcome.state.lead_id: outcome.state for outcome in outcomes if isinstance(outcome.state, Case)}
    if moved:
        await store.save(moved.values())


def timers_of(item: Item) -> tuple[Timer, ...]:
    """The clock of an item: set while it is open and due some time, else cancelled; what was told is not told again."""
    return tuple(
        Timer(name, item.lead_id, _rings_at(item, step), {"version": item.version}) for name, step in TIMERS.items()
    )


def _rings_at(item: Item, step: Step) -> datetime | None:
    return instant_of(item, step) if item.status == "open" and not getattr(item, step) else None


def closing_clock(item: Item, now: datetime) -> tuple[SlaChanged, ...]:
    """What the item's clock says as the item closes; nothing when it never ran. A breach happened when it was due."""
    if item.due_at is None:
        return ()
    if item.status == "superseded" or item.overdue:
        return (_clock(item, "stopped"),)
    return (_clock(item, "met", now),) if now <= item.due_at else (_clock(item, "breached", item.due_at),)


def replacing_clock(before: Item | None, item: Item, now: datetime) -> tuple[SlaChanged, ...]:
    """What is told when questions open in the place of others: a wait that goes on tells nothing."""
    if before is not None and before.waiting is not None and before.waiting == item.waiting:
        return ()
    closing = () if before is None else closing_clock(replace(before, status="superseded"), now)
    return (*closing, *starting_clock(item))


def starting_clock(item: Item) -> tuple[SlaChanged, ...]:
    """The start of an open item's clock; nothing when it is never due."""
    return () if item.due_at is None else (_clock(item, "started", item.waiting.since if item.waiting else None),)


def step_told(item: Item, step: Step) -> tuple[Event, ...]:
    """A step of an item's clock, at its own instant however late the timer was heard; the router gives notice of it."""
    at, waiting = instant_of(item, step), item.waiting
    told = {"reminded": waiting.remind_to, "escalated": waiting.escalate_to} if waiting else {}
    state = "breached" if step == "overdue" else step
    clock = _clock(item, state, at).model_copy(update={"to": told.get(step) or None})
    tells = waiting.remind_to if waiting and step == "overdue" else told.get(step, "")
    arguments: JsonValue = {
        "state": state, "at": at.isoformat() if at else None, "role": tells, "version": item.version,
        "due_at": item.due_at.isoformat() if item.due_at else None,
    }  # fmt: skip
    return clock, Command(target="router", name=TRIAGE_CLOCK, key=item.lead_id, actor=RULE, arguments=arguments)


def _clock(item: Item, state: str, at: datetime | None = None) -> SlaChanged:
    return SlaChanged.model_validate(
        {
            "lead_id": item.lead_id,
            "clock": "triage",
            "state": state,
            "due_at": item.due_at,
            "at": at,
            "owner": item.told,
        }
    )


def superseded_move(item: Item) -> Move:
    """The audited end of an item that nobody has to answer any more."""
    return status_move(item, "open", "a newer version of the lead, or one that needs nobody, took its place")
