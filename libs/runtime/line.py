"""Runs a batch through a stage, and in a fused line on through the stages that follow, into the records of one transaction."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any

import asyncpg

from libs.contracts.codec import (
    Cipher,
    Encoded,
    ErasedError,
    UnreadableError,
    body_of,
    decode,
    header,
    sealed,
    subject_in,
    with_body,
)
from libs.contracts.events import Command, DeadLetter, Event
from libs.contracts.lead import Position
from libs.contracts.outcome import Effect, Outcome, Timer
from libs.contracts.reasons import RejectionReason
from libs.contracts.topics import BY_NAME
from libs.runtime import clock, state, stored
from libs.runtime.deadletter import Failure, dead_letter
from libs.runtime.emit import FUSED, Emitter
from libs.runtime.errors import Rejected, Retryable
from libs.runtime.kept import kept_records, numbered
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from libs.runtime.stage import AnyStage
from libs.runtime.tracing import Spans

log = logging.getLogger(__name__)

BREATH_SECONDS = 0.01
"""A batch decides for so long before others get their turn in the event loop: HTTP requests, heartbeats, other partitions."""


@dataclass(slots=True)
class Input:
    """One record on its way: `index` is its place in the batch, `event` what the current stage has to decide."""

    index: int
    record: Record
    event: Event
    now: datetime
    traceparent: str
    carried: Encoded | None = None
    """In a fused line, the event's own record: it has no place in Kafka yet."""


@dataclass(slots=True)
class Worked:
    """What a batch led to: records by input index, in order, and how many defects there were."""

    records: list[list[Encoded]]
    defects: int = 0

    def add(self, index: int, records: Sequence[Encoded]) -> None:
        """Append the records of one input."""
        self.records[index].extend(records)


@dataclass(slots=True)
class Decided:
    """One input's outcome at one stage, before it is stored."""

    input: Input
    verdict: state.Verdict
    records: tuple[Encoded, ...]
    next: Event | None = None
    answer: Any = None
    outcome: Outcome[Any] | None = None
    effects: tuple[Effect, ...] = ()
    timers: tuple[Timer, ...] = ()
    defect: bool = False


@dataclass(frozen=True)
class Line:
    """Stages hosted by one process. `followers` maps a topic to the stage that goes on with it in the same transaction."""

    emitter: Emitter
    pools: Mapping[str, asyncpg.Pool]
    limits: Mapping[str, int]
    """The largest record each topic takes, in bytes."""
    clock: Callable[[], datetime]
    keys: Keys
    followers: Mapping[str, AnyStage] = field(default_factory=dict)
    tracer: Any = None

    async def work(self, stage: AnyStage, records: Sequence[Record]) -> Worked:
        """Everything the records lead to. Raises Retryable when the world is not ready; decides nothing twice."""
        worked = Worked([[] for _ in records])
        now = self.clock()
        inputs = []
        cipher = await self.keys.reading(subject_in(record.headers) for record in records)
        for index, record in enumerate(records):
            if header(record.headers, FUSED) and not header(record.headers, "redrive_of"):
                continue
            try:
                event = self._read(stage, record, cipher)
            except ErasedError:
                log.info("%s passes over offset %s: its subject was erased", stage.name, record.offset)
                continue
            except UnreadableError as error:
                failure = Failure(RejectionReason.UNREADABLE, str(error))
                worked.add(index, dead_letter(stage, record, None, None, failure, now))
                continue
            inputs.append(Input(index, record, event, now, header(record.headers, "traceparent")))
        spans = Spans(self.tracer)
        try:
            while inputs:
                for one in inputs:
                    one.traceparent = spans.start(stage.name, one.traceparent)
                decided = await (self._stateful(stage, inputs) if stage.stateful else self._decide(stage, inputs))
                for done in decided:
                    worked.add(done.input.index, done.records)
                    worked.defects += done.defect
                stage, inputs = self._followed(stage, decided)
        finally:
            spans.end()
        return worked

    def _read(self, stage: AnyStage, record: Record, cipher: Cipher) -> Event:
        event: Event = decode(stage.consumes, record.value, record.headers, cipher)
        if not stage.consumes.raw or isinstance(event, DeadLetter):
            return event
        place = Position(topic=record.topic, partition=record.partition, offset=record.offset)
        return with_body(event, body_of(record.value, record.headers, cipher), place)

    async def _sealed(self, decided: list[Decided]) -> list[Decided]:
        """What was decided, with its records as they are stored and sent."""
        subjects = [subject_in(record.headers) for one in decided for record in one.records]
        if not any(subjects):
            return decided
        cipher = await self.keys.writing(subjects)
        for one in decided:
            one.records = tuple([sealed(record, cipher) for record in one.records])
        return decided

    def _followed(self, stage: AnyStage, decided: Sequence[Decided]) -> tuple[AnyStage, list[Input]]:
        """The next stage of a fused line and its inputs; no inputs when the line ends here."""
        followers = {topic.name: self.followers[topic.name] for topic in stage.produces if topic.name in self.followers}
        if not followers:
            return stage, []
        (follower,) = followers.values()
        inputs = []
        for one in decided:
            if isinstance(one.next, follower.consumes.event):
                moment = one.next.decided_at or one.input.now
                carried = next(held for held in one.records if held.topic == follower.consumes.name)
                inputs.append(
                    Input(one.input.index, one.input.record, one.next, moment, one.input.traceparent, carried)
                )
        return follower, inputs

    async def _stateful(self, stage: AnyStage, inputs: Sequence[Input]) -> list[Decided]:
        """Decide inside one database transaction with the checkpoint locked; below it, the stored outcomes again."""
        record = inputs[0].record
        pool = self.pools[stage.service]
        async with state.locked_checkpoint(pool, stage.name, record.topic, record.partition) as checkpoint:
            below = [one for one in inputs if one.record.offset < checkpoint.next_offset]
            held = await checkpoint.outcomes([one.record.offset for one in below]) if below else {}
            again = [await self._stored_again(one, held) for one in below if not _is_late(one, held)]
            fresh = [one for one in inputs if one.record.offset >= checkpoint.next_offset or _is_late(one, held)]
            if not fresh:
                return again
            known = await checkpoint.known([one.event.event_id for one in fresh])
            new, repeated = _first_of_each(fresh, known)
            decided = await self._decide(stage, new) if new else []
            assert stage.save is not None
            saved = [one.outcome for one in decided if one.outcome is not None]
            if saved:
                await stage.save(saved)
                for one, records in zip(decided, await numbered([one.records for one in decided]), strict=True):
                    one.records = records
            decided += [Decided(one, "redelivered", ()) for one in repeated]
            rows = [_row(one) for one in sorted(decided, key=lambda one: one.input.record.offset)]
            await checkpoint.advance(max(checkpoint.next_offset, fresh[-1].record.offset + 1), rows, inputs[0].now)
        return sorted(again + decided, key=lambda one: one.input.index)

    async def _stored_again(self, one: Input, held: Mapping[int, tuple[str, bytes]]) -> Decided:
        """The stored outcome, byte for byte. An input whose outcome is no longer kept led to what it led to long ago.

        Raises Retryable, so that the stage stands still, when the stored outcome is another event's: Kafka was wiped or
        restored without Postgres, and going on would swallow every new event up to the checkpoint.
        """
        event_id, packed = held.get(one.record.offset, (one.event.event_id, b""))
        if event_id != one.event.event_id:
            place = f"{one.record.topic}/{one.record.partition} offset {one.record.offset}"
            raise Retryable(
                f"{place} is not the event whose outcome is stored: Kafka and Postgres are not of one history"
            )
        records = tuple(self._sent_again(record) for record in stored.unpack(packed)) if packed else ()
        return Decided(one, "decided", records, next=await self._next_of(records))

    def _sent_again(self, record: Encoded) -> Encoded:
        """As it was stored; one that was to be carried on by a fused line is left to its topic's stage when none is here."""
        if record.topic in self.followers:
            return record
        return replace(record, headers=tuple(held for held in record.headers if held[0] != FUSED))

    async def _next_of(self, records: Sequence[Encoded]) -> Event | None:
        """The event that a fused line goes on with; None when there is none, and when its subject was erased since."""
        for record in records:
            if header(record.headers, FUSED):
                cipher = await self.keys.reading([subject_in(record.headers)])
                with suppress(ErasedError):
                    return decode(BY_NAME[record.topic], record.value, record.headers, cipher)
        return None

    async def _decide(self, stage: AnyStage, inputs: Sequence[Input]) -> list[Decided]:
        """Gather once, decide one by one. A Rejected from gather is pinned to its record by trying them singly."""
        try:
            facts = await asyncio.wait_for(stage.gather([one.event for one in inputs]), stage.gather_seconds)
        except TimeoutError:
            raise Retryable(f"{stage.name}: gather took more than {stage.gather_seconds} s") from None
        except Rejected as error:
            if len(inputs) == 1:
                return await self._sealed([self._dead(stage, inputs[0], Failure(error.reason, error.message))])
            return [found for one in inputs for found in await self._decide(stage, [one])]
        decided, held_since = [], clock.monotonic()
        for one in inputs:
            if clock.monotonic() - held_since > BREATH_SECONDS:
                await asyncio.sleep(0)
                held_since = clock.monotonic()
            found = self._decide_one(stage, one, facts)
            decided.append(found)
            if stage.advance is not None and found.outcome is not None:
                facts = stage.advance(facts, found.outcome)
        return await self._sealed(decided)

    def _decide_one(self, stage: AnyStage, one: Input, facts: Any) -> Decided:
        try:
            outcome = stage.decide(one.event, facts, one.now)
            emitted = self.emitter.emitted(stage, one.event, outcome, one.now, one.traceparent)
            kept = kept_records(stage, one.event, outcome, one.now, one.traceparent)
            records = (*emitted.records, *kept)
        except Retryable:
            raise
        except Rejected as error:
            if isinstance(one.event, Command) and stage.stateful:
                return Decided(one, "refused", (), answer={"refused": error.message, "reason": error.reason})
            return self._dead(stage, one, Failure(error.reason, error.message))
        except Exception as error:
            log.exception("%s could not decide %s", stage.name, one.event.event_id)
            return self._dead(stage, one, Failure.of_defect(error))
        too_large = next((held for held in records if _size(held) > self._limit(held.topic)), None)
        if too_large is not None:
            message = f"{_size(too_large)} bytes for {too_large.topic}, which takes {self._limit(too_large.topic)}"
            return self._dead(stage, one, Failure(RejectionReason.REFUSED_BY_BROKER, message))
        return Decided(one, "decided", records, emitted.next, outcome.answer, outcome, outcome.effects, outcome.timers)

    def _dead(self, stage: AnyStage, one: Input, failure: Failure) -> Decided:
        log.error(
            "%s gives up %s: %s %s %s", stage.name, one.event.event_id, failure.reason, failure.message, failure.trace
        )
        letters = dead_letter(
            stage, one.record, one.carried, one.event, failure, one.now, policies=self.emitter.policies
        )
        return Decided(one, "dead", tuple(letters), defect=failure.reason is RejectionReason.DEFECT)

    def _limit(self, topic: str) -> int:
        return self.limits.get(topic, 1 << 30)


def _is_late(one: Input, held: Mapping[int, object]) -> bool:
    """Whether an input below the checkpoint is new here: the stage before it gave it up at first, and now did not."""
    return one.carried is not None and one.record.offset not in held


def _first_of_each(fresh: Sequence[Input], known: set[str]) -> tuple[list[Input], list[Input]]:
    """Inputs whose event is seen for the first time, and the repeated ones."""
    seen, new, repeated = set(known), [], []
    for one in fresh:
        if one.event.event_id in seen:
            repeated.append(one)
        else:
            seen.add(one.event.event_id)
            new.append(one)
    return new, repeated


def _row(one: Decided) -> state.Stored:
    return state.Stored(
        offset=one.input.record.offset,
        event_id=one.input.event.event_id,
        verdict=one.verdict,
        records=stored.pack(one.records),
        answer=one.answer,
        effects=one.effects,
        timers=one.timers,
    )


def _size(record: Encoded) -> int:
    """Bytes of the record on the wire, a little generously."""
    return len(record.key) + len(record.value) + sum(len(name) + len(value) + 4 for name, value in record.headers) + 128
