"""Runs the router's stages over a state as the runtime does: gather once, decide one by one, advance, save."""

from collections.abc import Coroutine, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any, TypeVar

from libs.contracts import ids
from libs.contracts.events import (
    Command,
    CrmWrite,
    Event,
    LeadScored,
    RecordChanged,
    TriageDecided,
    TriageRequested,
)
from libs.contracts.lead import Lead, Route
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from libs.runtime.policies import PolicyVersions
from libs.runtime.stage import AnyStage
from services.router.stage.commands import commands_stage
from services.router.stage.decisions import decisions_stage
from services.router.stage.gathering import State
from services.router.stage.records import records_stage
from services.router.stage.scored import scored_stage
from tests.services.router.fakes import NOW, MemoryState, Policies

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never really waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("it waited")


class Router:
    """The service's stages over one fake state."""

    def __init__(
        self, newest: str = "limited_auto", state: State | None = None, policies: PolicyVersions | None = None
    ) -> None:
        self.state: Any = state or MemoryState()
        policies = policies or Policies(newest)
        self.now = NOW
        self.stages: dict[type[Event], AnyStage] = {
            LeadScored: scored_stage(self.state, policies),
            TriageDecided: decisions_stage(self.state, policies),
            Command: commands_stage(self.state, policies),
            RecordChanged: records_stage(self.state, policies),
        }

    def runs(self, events: Sequence[Event]) -> list[Outcome[Any]]:
        """The outcomes of a mixed sequence, each run of one kind as one batch."""
        return [
            one
            for kind, run in groupby(events, type)
            for one in finished(run_batch(self.stages[kind], list(run), self.now))
        ]

    def one(self, event: Event) -> Outcome[Any]:
        """The outcome of a batch of one; a refused command raises."""
        return finished(run_batch(self.stages[type(event)], [event], self.now, refuse=False))[0]

    def scored(self, lead: Lead) -> Outcome[Any]:
        """What follows from a scored lead."""
        return self.one(scored(lead))


async def run_batch(
    stage: AnyStage, events: Sequence[Event], now: datetime = NOW, refuse: bool = True
) -> list[Outcome[Any]]:
    """What the stage loop does with a batch, without Kafka; `refuse`: a refusal is an answer."""
    facts = await stage.gather(events)
    outcomes: list[Outcome[Any]] = []
    for event in events:
        try:
            outcome = stage.decide(event, facts, now)
        except Rejected as refusal:
            if not refuse:
                raise
            outcomes.append(Outcome(answer={"refused": refusal.message}))
            continue
        outcomes.append(outcome)
        assert stage.advance is not None
        facts = stage.advance(facts, outcome)
    assert stage.save is not None
    await stage.save(outcomes)
    return outcomes


def scored(lead: Lead) -> LeadScored:
    """The event of a scored lead."""
    return LeadScored(event_id=ids.derived_id("scored", lead.lead_id, lead.version), lead=lead)


def route_of(outcome: Outcome[Any]) -> Route:
    """The route of an outcome."""
    assert outcome.next is not None
    route = outcome.next.route
    assert isinstance(route, Route)
    return route


def writes(outcome: Outcome[Any]) -> list[CrmWrite]:
    """The CRM writes of an outcome."""
    return [event for event in outcome.emits if isinstance(event, CrmWrite)]


def request(outcome: Outcome[Any]) -> TriageRequested | None:
    """The triage request of an outcome."""
    found = [event for event in outcome.emits if isinstance(event, TriageRequested)]
    assert len(found) < 2
    return found[0] if found else None
