"""The exactly-once loop of one stage on one input partition: fence, committed, seek, resume; then batch by batch.

Why each step stands where it does is docs/decisions/0001-kafka-transactions-in-python.md; the drills show that none may go.
"""

import asyncio
import logging
from collections.abc import Sequence
from dataclasses import dataclass, field

from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, TopicPartition
from aiokafka.errors import MessageSizeTooLargeError

from libs.contracts.codec import Encoded
from libs.contracts.reasons import RejectionReason
from libs.runtime import clock
from libs.runtime.attempts import QUARANTINE_AFTER, Attempts, attempts_of
from libs.runtime.backoff import Backoff
from libs.runtime.broker import transactional_producer
from libs.runtime.bulk import send_all
from libs.runtime.deadletter import Failure, dead_letter
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from libs.runtime.line import Line, Worked
from libs.runtime.record import Record
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import AnyStage
from libs.runtime.telemetry import Meter

log = logging.getLogger(__name__)

COMMIT_DEADLINE_SECONDS = 5.0
"""Less than the request timeout (10 s): a commit is never sent again within one epoch, so that a late one
can't end a later transaction."""
POLL_MS = 250
LEAST_BATCH = 32
"""A batch is never cut below this by a slow measurement: a transaction costs the same for one record as for many, and
small batches would make that cost look like the records' own, and the next batch smaller still."""
PASSED_OVER_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class Guards:
    """The safety net, part by part. Only drills take one out, to show that it is needed."""

    gather: bool = True
    fence: bool = True
    seek: bool = True


@dataclass
class Owner:
    """Owns one input partition of one stage until it is told to stop."""

    stage: AnyStage
    partition: TopicPartition
    line: Line
    consumer: AIOKafkaConsumer
    settings: RuntimeSettings
    health: Health
    meter: Meter
    guards: Guards = Guards()
    stopping: asyncio.Event = field(default_factory=asyncio.Event)
    _producer: AIOKafkaProducer = field(init=False)
    _transactional_id: str = ""
    _next: int = 0
    _committed: int = 0
    _per_record: float = 0.001
    _committed_at: float = 0.0
    _defects: int = 0

    @property
    def name(self) -> str:
        """See PartitionOwner."""
        return self._transactional_id

    def _new_transactional_id(self) -> str:
        """Static per input partition: whoever starts with it fences the one before."""
        place = f"{self.partition.topic}.{self.partition.partition}"
        instance = "" if self.guards.fence else f".{id(self)}.{clock.new_id()}"
        return f"{self.settings.env}.{self.stage.service}.{place}{instance}"

    async def run(self) -> None:
        """Work until stopped. Raises whatever can't be told from success: the caller ends the process."""
        self._transactional_id = self._new_transactional_id()
        await self._fence()
        try:
            await self._take_over()
            if self.stopping.is_set():
                return
            self.consumer.resume(self.partition)
            await self._loop(attempts_of(self.settings.data, self._transactional_id))
        finally:
            await asyncio.wait_for(self._producer.stop(), COMMIT_DEADLINE_SECONDS)

    async def _fence(self) -> None:
        """Start a producer: the broker aborts what an earlier one with this id left open and refuses it from now on."""
        self._producer = transactional_producer(self.settings, self._transactional_id)
        await self._producer.start()

    async def _take_over(self) -> None:
        """Go to the committed offset as it is after the fence: the one fetched at the rebalance may be older."""
        committed = await self.consumer.committed(self.partition)
        if committed is None:
            committed = (await self.consumer.beginning_offsets([self.partition]))[self.partition]
        self._committed = self._next = committed
        if self.guards.seek:
            self.consumer.seek(self.partition, committed)

    async def _loop(self, attempts: Attempts) -> None:
        first, last, deaths = attempts.died_at()
        while not self.stopping.is_set():
            single = deaths > 0 and self._next <= last
            records = await self._poll(1 if single else self._batch_size())
            if not records:
                await self._commit_passed()
                continue
            worked: Worked | None
            suspected = deaths if single and records[0].offset == first else 0
            started = clock.monotonic()
            if suspected >= QUARANTINE_AFTER:
                worked = self._quarantined(records[0], suspected)
            else:
                worked = await self._retried(records, attempts, suspected)
            if worked is None:
                return
            self._count_defects(worked)
            if any(worked.records):
                await self._commit(records, worked)
            else:
                self._next = records[-1].offset + 1
                await self._commit_passed()
            self._measure(records, clock.monotonic() - started)

    async def _poll(self, limit: int) -> Sequence[Record]:
        """What is ready now, at most `limit`; a short wait only between two transactions under load."""
        gap = self._committed_at + self.settings.transaction_gap_seconds - clock.monotonic()
        if gap > 0:
            await asyncio.sleep(gap)
        batch = await self.consumer.getmany(self.partition, timeout_ms=POLL_MS, max_records=limit)
        records: Sequence[Record] = batch.get(self.partition, ())
        if records and self.guards.seek and records[0].offset < self._next:
            raise RuntimeError(f"{self.partition}: read offset {records[0].offset} after {self._next}: a stale buffer")
        self.health.beat(self._transactional_id)
        return records

    def _batch_size(self) -> int:
        fits = int(self.settings.batch_seconds / max(self._per_record, 1e-6))
        return min(self.stage.batch_max, max(LEAST_BATCH, fits))

    async def _retried(self, records: Sequence[Record], attempts: Attempts, suspected: int) -> Worked | None:
        """The batch's work, with back-off in place while the world is not ready; None when stopped meanwhile.

        Only while it works does a batch count as the cause of an end: one that waits is not to blame for a restart.
        """
        backoff = Backoff()
        while not self.stopping.is_set():
            attempts.begin(records[0].offset, records[-1].offset, suspected)
            try:
                worked = await self.line.work(self.stage, records)
            except Retryable as error:
                attempts.done()
                self.health.trouble(self._transactional_id, str(error))
                log.warning("%s waits at offset %s: %s", self.stage.name, records[0].offset, error)
                await backoff.wait(self.stopping)
            else:
                attempts.done()
                self.health.fine(self._transactional_id)
                return worked
        return None

    async def _commit(self, records: Sequence[Record], worked: Worked) -> None:
        """One transaction with every record and the offset; a record that the broker refuses becomes a dead letter.

        The broker refuses whole batches, so after a refusal the records are sent one by one to find the one it means.
        """
        refused = await self._transaction(records, worked.records, singly=False)
        given_up: set[int] = set()
        while refused is not None:
            refused = await self._transaction(records, worked.records, singly=True)
            if refused is not None:
                worked.records[refused] = self._refused(records[refused], bare=refused in given_up)
                given_up.add(refused)
        self._committed = self._next = records[-1].offset + 1
        self._committed_at = clock.monotonic()

    def _refused(self, record: Record, *, bare: bool) -> list[Encoded]:
        what = "its dead letter (its bytes stand at its position)" if bare else "what it led to"
        failure = Failure(RejectionReason.REFUSED_BY_BROKER, f"{what} is larger than its topic takes")
        log.error("%s: the broker refused what offset %s led to", self.stage.name, record.offset)
        return dead_letter(self.stage, record, None, None, failure, self.line.clock(), bare=bare)

    async def _commit_passed(self) -> None:
        """Records that nothing followed from: their offset goes with the next transaction, or alone after a second.

        Reading them again is harmless, and a transaction for offsets alone is the most expensive of all. It is no fence,
        though: once the group goes on without this owner, a commit could put a successor's offset back.
        """
        if self.stopping.is_set():
            return
        if self._next > self._committed and clock.monotonic() - self._committed_at > PASSED_OVER_SECONDS:
            await self.consumer.commit({self.partition: self._next})
            self._committed, self._committed_at = self._next, clock.monotonic()

    async def _transaction(
        self, records: Sequence[Record], outs: Sequence[Sequence[Encoded]], *, singly: bool
    ) -> int | None:
        """Commit, or abort and return the index of an input whose record was refused; exactly which only when `singly`."""
        producer = self._producer
        await producer.begin_transaction()
        refused = await self._send(outs, singly=singly)
        if refused is not None:
            # a refused batch has used up sequence numbers that the broker never saw: only a new epoch can go on
            await producer.abort_transaction()
            await producer.stop()
            await self._fence()
            return refused
        if self.settings.drill_pause:
            await asyncio.sleep(self.settings.drill_pause)
        await producer.send_offsets_to_transaction({self.partition: records[-1].offset + 1}, self.stage.service)
        await asyncio.wait_for(producer.commit_transaction(), COMMIT_DEADLINE_SECONDS)
        return None

    async def _send(self, outs: Sequence[Sequence[Encoded]], *, singly: bool) -> int | None:
        """Send everything and await every answer: commit_transaction() itself never looks at them."""
        if singly:
            return await self._send_singly(outs)
        sent = await send_all(self._producer, (encoded for out in outs for encoded in out))
        if self.guards.gather:
            for answer in await asyncio.gather(*sent, return_exceptions=True):
                if isinstance(answer, MessageSizeTooLargeError):
                    return 0
                if isinstance(answer, BaseException):
                    raise answer
        return None

    async def _send_singly(self, outs: Sequence[Sequence[Encoded]]) -> int | None:
        """Send one by one up to the record that the broker refuses; returns the index of its input."""
        for index, encoded in ((index, one) for index, out in enumerate(outs) for one in out):
            try:
                await self._producer.send_and_wait(
                    encoded.topic, encoded.value, key=encoded.key, headers=list(encoded.headers)
                )
            except MessageSizeTooLargeError:
                return index
        return None

    def _quarantined(self, record: Record, deaths: int) -> Worked:
        failure = Failure(RejectionReason.QUARANTINED, f"{deaths} starts ended at this record", attempts=deaths)
        letters = dead_letter(self.stage, record, None, None, failure, self.line.clock())
        log.error("%s quarantines offset %s after %s starts", self.stage.name, record.offset, deaths)
        return Worked([letters])

    def _count_defects(self, worked: Worked) -> None:
        self._defects += worked.defects
        if self._defects > self.settings.defect_limit:
            raise RuntimeError(
                f"{self.stage.name}: {self._defects} records could not be decided because of defects; stopping before "
                "more become dead letters. Deploy a mended version, then `signalbox dead-letters redrive`."
            )

    def _measure(self, records: Sequence[Record], seconds: float) -> None:
        self._per_record = 0.7 * self._per_record + 0.3 * seconds / len(records)
        self.meter.batch(self.stage.name, len(records), seconds)
