"""What triage's stages share: the cases of a batch, and what follows when a case moves."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from libs.contracts.change import ProposedChange, Status
from libs.contracts.events import SlaChanged
from libs.contracts.outcome import Outcome, Timer
from services.triage.domain.item import Case, Item
from services.triage.domain.record import status_move

OVERDUE = "overdue"
"""The command that the timer of an item sends."""
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


def timer_of(item: Item) -> Timer:
    """The clock of an item: set while it is open and due some time, else cancelled."""
    runs = item.status == "open" and item.due_at is not None
    return Timer(OVERDUE, item.lead_id, item.due_at if runs else None, {"version": item.version})


def closing_clock(item: Item, now: datetime) -> tuple[SlaChanged, ...]:
    """What the item's clock says as the item closes; nothing when it never ran."""
    if item.due_at is None:
        return ()
    in_time = "met" if now <= item.due_at else "breached"
    return (_clock(item, "stopped" if item.status == "superseded" or item.overdue else in_time),)


def starting_clock(item: Item) -> tuple[SlaChanged, ...]:
    """The start of an open item's clock; nothing when it is never due."""
    return () if item.due_at is None else (_clock(item, "started"),)


def breached_clock(item: Item) -> tuple[SlaChanged, ...]:
    """The breach of an item's clock."""
    return (_clock(item, "breached"),)


def _clock(item: Item, state: str) -> SlaChanged:
    return SlaChanged.model_validate(
        {"lead_id": item.lead_id, "clock": "triage", "state": state, "due_at": item.due_at}
    )


def superseded_move(item: Item) -> Move:
    """The audited end of an item that nobody has to answer any more."""
    return status_move(item, "open", "a newer version of the lead, or one that needs nobody, took its place")
