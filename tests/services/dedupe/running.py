"""Runs stages over the fake index as the runtime does: gather once, decide one by one, advance, save."""

from collections.abc import Coroutine, Sequence
from itertools import groupby
from typing import Any, TypeVar

from libs.contracts.events import Command, Event, LeadReceived, RecordChanged, TriageDecided
from libs.contracts.lead import Lead
from libs.contracts.outcome import Outcome
from libs.runtime.errors import Rejected
from libs.runtime.stage import AnyStage
from services.dedupe.stage.commands import commands_stage
from services.dedupe.stage.decisions import decisions_stage
from services.dedupe.stage.received import received_stage
from services.dedupe.stage.records import records_stage
from tests.services.dedupe.fakes import NOW, MemoryIndex, OnePolicy

T = TypeVar("T")


def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of a coroutine that never really waits."""
    try:
        work.send(None)
    except StopIteration as end:
        return end.value  # type: ignore[no-any-return]
    raise AssertionError("it waited")


class Dedupe:
    """The service's stages over one fake index."""

    def __init__(self, index: MemoryIndex | None = None) -> None:
        self.index = index or MemoryIndex()
        policies = OnePolicy()
        self.stages: dict[type[Event], AnyStage] = {
            LeadReceived: received_stage(self.index, policies),
            TriageDecided: decisions_stage(self.index, policies),
            Command: commands_stage(self.index, policies),
            RecordChanged: records_stage(self.index),
        }

    def batch(self, events: Sequence[Event], refuse: bool = False) -> list[Outcome[Any]]:
        """The outcomes of one batch of one kind of events."""
        return finished(run_batch(self.stages[type(events[0])], events, refuse))

    def runs(self, events: Sequence[Event]) -> list[Outcome[Any]]:
        """The outcomes of a mixed sequence, each run of one kind as one batch."""
        return [one for _, run in groupby(events, type) for one in self.batch(list(run), refuse=True)]

    def one(self, event: Event) -> Outcome[Any]:
        """The outcome of a batch of one."""
        return self.batch([event])[0]

    def lead(self, lead: Lead) -> Lead:
        """The lead as it goes on."""
        out = self.one(LeadReceived(event_id=lead.lead_id + lead.facts_hash, lead=lead)).next
        assert out is not None
        return out.lead  # type: ignore[no-any-return]


async def run_batch(stage: AnyStage, events: Sequence[Event], refuse: bool = False) -> list[Outcome[Any]]:
    """What the stage loop does with a batch, without Kafka; `refuse`: a refusal is an answer even in a batch of one."""
    facts = await stage.gather(events)
    outcomes: list[Outcome[Any]] = []
    for event in events:
        try:
            outcome = stage.decide(event, facts, NOW)
        except Rejected as refusal:
            if len(events) == 1 and not refuse:
                raise
            outcomes.append(Outcome(answer={"refused": refusal.message}))
            continue
        outcomes.append(outcome)
        assert stage.advance is not None
        facts = stage.advance(facts, outcome)
    assert stage.save is not None
    await stage.save(outcomes)
    return outcomes
