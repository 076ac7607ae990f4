"""Reading what people made of machines' values: answers to suggestions, and what became of values that nobody was asked about."""

from collections.abc import AsyncIterator, Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from libs.contracts.change import FieldChange, Status
from libs.contracts.codec import UnreadableError, decode
from libs.contracts.events import Event, TriageDecided
from libs.contracts.lead import Lead
from libs.contracts.topics import AUDIT_CHANGE, LEAD_ROUTED, TRIAGE_DECIDED, Topic
from libs.policy.policy import Policy
from libs.runtime.cluster import read_opened
from whatif.answers import Answered, Gate, Segments, Unresolved, answers_in, resolved, told_apart
from whatif.writes import Question, Writes, Written

SHOW_EVERY = 5_000
ROLLED_BACK = "approved, rolled back"
"""The verdict of a suggestion that a person approved and that was taken back after all."""
Say = Callable[[str], None]
E = TypeVar("E", bound=Event)


@dataclass
class Log:
    """All of it, each question and each write once. Decisions come before changes: the log tells how sure a lead's queued
    changes were."""

    policy: Policy
    writes: Writes = field(init=False)
    unreadable: int = 0
    _gate: Gate = field(init=False)
    _answered: dict[Question, Answered] = field(default_factory=dict)
    _unresolved: dict[Question, Unresolved] = field(default_factory=dict)
    _queued: dict[str, Question] = field(default_factory=dict)
    _segments: dict[str, Segments] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.writes, self._gate = Writes(self.policy), Gate(self.policy)

    def decided(self, event: TriageDecided) -> None:
        """A person's answers. The same question asked again counts once, with the last answer."""
        for one in answers_in(event, self._gate):
            if isinstance(one, Unresolved):
                key = one.answered.lead_id, one.answered.question_id
                self._unresolved[key], self._queued[one.change_id] = one, key
            else:
                self._answered[one.lead_id, one.question_id] = one

    def changed(self, change: FieldChange) -> None:
        """A move of a field."""
        key = self._queued.get(change.change_id) if change.status is Status.QUEUED else None
        held = self._unresolved.get(key) if key is not None else None
        if key is not None and held is not None and held.change_id == change.change_id:
            self._answered[key] = resolved(self._unresolved.pop(key), change, self._gate)
        self.writes.changed(change)

    def routed(self, lead: Lead) -> None:
        """What a lead is told apart by; of several versions the last one counts."""
        self._segments[lead.lead_id] = told_apart(lead)

    def answers(self) -> Iterator[Answered]:
        """The answers of which is known how sure the machine was. What was approved and rolled back later was wrong."""
        taken_back = self.writes.taken_back
        for key, one in self._answered.items():
            yield replace(one, right=False, verdict=ROLLED_BACK) if one.right and key in taken_back else one

    def written(self) -> Iterator[Written]:
        """The writes, with what their leads are told apart by."""
        return self.writes.told(self._segments)

    @property
    def unsure(self) -> int:
        """Answers of which nobody knows any more how sure the machine was: they are left out."""
        return len(self._unresolved)


async def read_log(kafka: str, policy: Policy, say: Say, *, field: str = "", segments: bool = False) -> Log:
    """The log as of now; nobody's offsets move. Each record's changes, and each lead's decisions, stand in one partition, in
    order. `field`: the only one whose changes are looked at, without its record type. `segments`: whether the leads behind
    writes have to be told apart, which takes all routes to be read."""
    log = Log(policy)
    async for event in _events(kafka, TRIAGE_DECIDED, log, say):
        log.decided(event)
    async for recorded in _events(kafka, AUDIT_CHANGE, log, say, mentions=field):
        log.changed(recorded.change)
    if segments:
        async for routed in _events(kafka, LEAD_ROUTED, log, say):
            log.routed(routed.lead)
    return log


async def _events(kafka: str, topic: Topic[E], log: Log, say: Say, mentions: str = "") -> AsyncIterator[E]:
    """The events of a topic; only those that may mention a name are decoded, which is what takes the time."""
    count, mark = 0, f'"{mentions}"'.encode() if mentions else b""
    async for record in read_opened(kafka, [topic.name]):
        count += 1
        if count % SHOW_EVERY == 0:
            say(f"{topic.name}: {count:,} records are read")
        if mark not in (record.value or b""):
            continue
        try:
            yield decode(topic, record.value, record.headers)
        except UnreadableError:
            log.unreadable += 1
