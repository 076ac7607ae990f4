"""A stage is data and two functions; see docs/architecture.md. The loop that runs it is `owner.py`."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, Generic, TypeVar

from libs.contracts.events import Event
from libs.contracts.outcome import Outcome
from libs.contracts.topics import Topic
from libs.runtime.rows import Kept

E = TypeVar("E", bound=Event)
F = TypeVar("F")


@dataclass(frozen=True)
class Stage(Generic[E, F]):
    """One consume-decide-produce step.

    `gather` does all I/O for a batch and decides nothing; past `gather_seconds` the batch is retried, unless the stage
    itself answers `timed_out`. `decide` is pure: event, facts and the recorded time in, outcome out. `advance` gives the
    facts that the next event of the batch must see, so that a batch of n equals n batches of one.

    A stateful stage has a `save`, which stores `Outcome.state` of every outcome of the batch. The runtime then opens one
    database transaction around gather, decide and save (`libs.runtime.state.transaction()` is its connection), and keeps
    each outcome in it. `produces` lists the topics that `Outcome.next` and `emits` may go to.
    """

    name: str
    service: str
    version: str
    consumes: Topic[E]
    produces: tuple[Topic[Any], ...]
    gather: Callable[[Sequence[E]], Awaitable[F]]
    decide: Callable[[E, F, datetime], Outcome[Any]]
    advance: Callable[[F, Outcome[Any]], F] | None = None
    save: Callable[[Sequence[Outcome[Any]]], Awaitable[None]] | None = None
    batch_max: int = 500
    gather_seconds: float = 5.0
    keeps: Callable[[Any], Sequence[Kept]] | None = None
    """The rows that `save` writes for one outcome's state, in order: they are told on `state.stored.v1`, and a rebuild reads
    them. None: the state is a fold of the topic that the stage reads, or there is none."""

    @property
    def stateful(self) -> bool:
        """Whether its outcomes are kept in Postgres before they go to Kafka."""
        return self.save is not None


AnyStage = Stage[Any, Any]


def keeping(keeps: Callable[[Any], Sequence[Kept]], *stages: AnyStage) -> tuple[AnyStage, ...]:
    """The stages, each telling of the rows that it stores."""
    return tuple(replace(stage, keeps=keeps) for stage in stages)
