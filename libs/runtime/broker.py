"""The one module that talks to Kafka: clients with the measured settings, durable sends, and reading one record again."""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import aiokafka.producer.sender
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer, ConsumerRebalanceListener, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.admin.config_resource import ConfigResource, ConfigResourceType
from aiokafka.errors import KafkaError, MessageSizeTooLargeError, TopicAlreadyExistsError

from libs.contracts.codec import Encoded, ErasedError, sealed, subject_in
from libs.contracts.events import Event
from libs.contracts.lead import Position
from libs.contracts.topics import MAX_RECORD_BYTES, TOPICS, Topic
from libs.runtime.bulk import partition_of
from libs.runtime.errors import Retryable
from libs.runtime.keys import Keys, NoKeys
from libs.runtime.record import Record, opened
from libs.runtime.settings import RuntimeSettings

log = logging.getLogger(__name__)

aiokafka.producer.sender.BACKOFF_OVERRIDE = 0.001
"""A constant 20 ms in aiokafka, before it asks again for a transaction's partitions; lowered, an empty transaction
takes 4.3 instead of 25 ms."""
REQUEST_TIMEOUT_MS = 10_000
RETRY_BACKOFF_MS = 3
MAX_REQUEST_BYTES = MAX_RECORD_BYTES + 64 * 1024


def transactional_producer(settings: RuntimeSettings, transactional_id: str) -> AIOKafkaProducer:
    """A producer whose start fences every earlier one with the same id and aborts its open transaction."""
    return AIOKafkaProducer(
        bootstrap_servers=settings.kafka,
        transactional_id=transactional_id,
        transaction_timeout_ms=settings.transaction_timeout_ms,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=RETRY_BACKOFF_MS,
        linger_ms=0,
        max_batch_size=512 * 1024,
        max_request_size=MAX_REQUEST_BYTES,
        partitioner=partition_of,
    )


def group_consumer(settings: RuntimeSettings, group: str) -> AIOKafkaConsumer:
    """A read_committed consumer that commits nothing by itself; subscribe before start."""
    return AIOKafkaConsumer(
        bootstrap_servers=settings.kafka,
        group_id=group,
        group_instance_id=f"{group}.{settings.instance}" if settings.instance else None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        session_timeout_ms=settings.session_timeout_ms,
        heartbeat_interval_ms=max(500, settings.session_timeout_ms // 5),
        rebalance_timeout_ms=30_000,
        request_timeout_ms=30_000,
        retry_backoff_ms=20,
        fetch_max_wait_ms=500,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )


def reading_consumer(kafka: str) -> AIOKafkaConsumer:
    """A read_committed consumer without a group, for reading a topic from where it is told."""
    return AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=None,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        retry_backoff_ms=20,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )


class Producer:
    """Durable single sends: idempotent, acks=all. For what has no input record: intake, commands, timers, effects."""

    def __init__(self, kafka: str, keys: Keys | None = None) -> None:
        self._kafka = kafka
        self._keys = keys or NoKeys()
        self._client: AIOKafkaProducer | None = None
        self._lost = False
        self._starting = asyncio.Lock()

    async def start(self) -> None:
        """Connect. Raises KafkaError when no broker answers; may then be called again."""
        client = AIOKafkaProducer(
            bootstrap_servers=self._kafka,
            enable_idempotence=True,
            acks="all",
            linger_ms=0,
            request_timeout_ms=REQUEST_TIMEOUT_MS,
            retry_backoff_ms=20,
            max_batch_size=512 * 1024,
            max_request_size=MAX_REQUEST_BYTES,
            partitioner=partition_of,
        )
        try:
            await client.start()
        except (KafkaError, asyncio.CancelledError):
            await client.stop()
            raise
        self._client = client

    async def stop(self) -> None:
        """Flush and disconnect; gives up after 5 s, since unsent records were never acknowledged to anyone."""
        if self._client is None:
            return
        try:
            await asyncio.wait_for(self._client.stop(), 5)
        except (TimeoutError, KafkaError) as error:
            log.warning("producer stop: %s", type(error).__name__)

    async def send_and_wait(self, encoded: Encoded, timeout_seconds: float = 5.0) -> Position:
        """Where the record stands once all in-sync replicas hold it.

        It is sealed first. Raises Retryable past the timeout, when the broker refuses for now or while keys can't be read. The
        record may still be written later: ids derive from causes, so the late copy is harmless. Raises ValueError when it is
        larger than the topic takes.
        """
        client, future = self._client, None
        try:
            async with asyncio.timeout(timeout_seconds):
                client = client or await self._started_again()
                encoded = sealed(encoded, await self._keys.writing([subject_in(encoded.headers)]))
                future = await client.send(encoded.topic, encoded.value, key=encoded.key, headers=list(encoded.headers))
                held = await asyncio.shield(future)
        except MessageSizeTooLargeError:
            if future is not None:
                await self._lose(client)  # the broker said it: the partition's sequence has a gap now
            raise ValueError(f"a record of {len(encoded.value)} bytes is larger than {encoded.topic} takes") from None
        except (TimeoutError, KafkaError) as error:
            if client is not None and client._sender.sender_task.done():
                await self._lose(client)
            raise Retryable(f"Kafka did not acknowledge ({type(error).__name__})") from None
        return Position(topic=encoded.topic, partition=held.partition, offset=held.offset)

    async def _lose(self, client: AIOKafkaProducer) -> None:
        """Give a client up that would refuse every record from now on; the next send starts another."""
        if id(self._client) != id(client):
            return  # somebody else saw it first
        self._client, self._lost = None, True
        log.error("the Kafka producer can't go on and is replaced")
        with suppress(TimeoutError, KafkaError):
            await asyncio.wait_for(client.stop(), 5)

    async def _started_again(self) -> AIOKafkaProducer:
        if not self._lost:
            raise Retryable("not connected to Kafka yet")
        async with self._starting:
            if self._client is None:
                await self.start()
        assert self._client is not None
        return self._client


async def send_together(
    kafka: str, transactional_id: str, records: Sequence[Encoded], keys: Keys | None = None
) -> None:
    """Seal records and write them in one transaction: all of them or none. A later sender with the same id ends one that hangs.

    Raises KafkaError when the broker does not take them, Retryable while keys can't be read.
    """
    cipher = await (keys or NoKeys()).writing(subject_in(one.headers) for one in records)
    records = [sealed(one, cipher) for one in records]
    producer = AIOKafkaProducer(
        bootstrap_servers=kafka,
        transactional_id=transactional_id,
        request_timeout_ms=REQUEST_TIMEOUT_MS,
        retry_backoff_ms=RETRY_BACKOFF_MS,
        max_request_size=MAX_REQUEST_BYTES,
        partitioner=partition_of,
    )
    try:
        await producer.start()
        async with producer.transaction():
            for one in records:
                await producer.send(one.topic, one.value, key=one.key, headers=list(one.headers))
    finally:
        await producer.stop()


class RecordReader:
    """Reads single records again by position, decrypted; keeps one consumer, used by one caller at a time."""

    def __init__(self, kafka: str, keys: Keys | None = None) -> None:
        self._kafka = kafka
        self._keys = keys or NoKeys()
        self._consumer: AIOKafkaConsumer | None = None
        self._lock = asyncio.Lock()

    async def read(self, position: Position, timeout_seconds: float = 5.0) -> Record:
        """The record at a position. Raises Retryable when the broker does not answer, LookupError when it is gone or its
        subject was erased."""
        tp = TopicPartition(position.topic, position.partition)
        async with self._lock:
            try:
                consumer = await self._started()
                consumer.assign([tp])
                consumer.seek(tp, position.offset)
                found: Record = await asyncio.wait_for(consumer.getone(tp), timeout_seconds)
            except (TimeoutError, KafkaError) as error:
                raise Retryable(f"could not read {position.topic} again ({type(error).__name__})") from None
        if found.offset != position.offset:
            raise LookupError(f"{position.topic}[{position.partition}]@{position.offset} is no longer kept")
        try:
            return opened(found, await self._keys.reading([subject_in(found.headers)]))
        except ErasedError:
            place = f"{position.topic}[{position.partition}]@{position.offset}"
            raise LookupError(f"the person whom {place} is about was erased") from None

    async def stop(self) -> None:
        """Disconnect."""
        if self._consumer is not None:
            await self._consumer.stop()

    async def _started(self) -> AIOKafkaConsumer:
        if self._consumer is None:
            consumer = reading_consumer(self._kafka)
            await consumer.start()
            self._consumer = consumer
        return self._consumer


async def read_topics(
    kafka: str,
    names: Iterable[str],
    starts: Mapping[tuple[str, int], int] | None = None,
    only: Collection[int] | None = None,
) -> AsyncGenerator[Record, None]:
    """Every committed record of the topics from their beginning to where they end now, partition by partition in order.

    `starts`: by topic and partition, the offset to begin at instead; `only`: partitions to read. Without a group, so
    nobody's offsets move.
    """
    async with _reading(kafka) as consumer:
        partitions = [
            TopicPartition(name, partition)
            for name in names
            for partition in sorted(await _partitions_of(consumer, name))
            if only is None or partition in only
        ]
        if not partitions:
            return
        consumer.assign(partitions)
        ends = await consumer.end_offsets(partitions)
        await consumer.seek_to_beginning(*partitions)
        for tp in partitions:
            if (start := (starts or {}).get((tp.topic, tp.partition))) is not None:
                consumer.seek(tp, start)
        left = {tp for tp in partitions if ends[tp] > await consumer.position(tp)}
        while left:
            for tp, records in (await consumer.getmany(*left, timeout_ms=200, max_records=2000)).items():
                for record in records:
                    if record.offset < ends[tp]:
                        yield record
            left = {tp for tp in left if await consumer.position(tp) < ends[tp]}


async def read_shared(
    kafka: str, group: str, names: Sequence[str], start: Callable[[str, int], int | None]
) -> AsyncIterator[Record]:
    """What `read_topics` reads, of the partitions that fall to this one of a group of readers. Nothing is committed.

    `start` says at which offset a partition that falls to it begins; None: at its beginning.
    """
    consumer = AIOKafkaConsumer(
        bootstrap_servers=kafka,
        group_id=group,
        enable_auto_commit=False,
        auto_offset_reset="earliest",
        isolation_level="read_committed",
        retry_backoff_ms=20,
        max_partition_fetch_bytes=4 * 1024 * 1024,
    )
    share = _Share(consumer, start)
    consumer.subscribe(names, listener=share)
    await consumer.start()
    try:
        while not share.given or share.left:
            for tp, records in (await consumer.getmany(timeout_ms=200, max_records=2000)).items():
                for record in records:
                    if record.offset < share.ends.get(tp, 0):
                        yield record
            await share.look()
    finally:
        await consumer.stop()


class _Share(ConsumerRebalanceListener):  # type: ignore[misc]
    """The partitions that fell to one reader of a group, and how far each is to be read."""

    def __init__(self, consumer: AIOKafkaConsumer, start: Callable[[str, int], int | None]) -> None:
        self._consumer, self._start = consumer, start
        self.ends: dict[TopicPartition, int] = {}
        self.left: set[TopicPartition] = set()
        self.given = False

    async def on_partitions_revoked(self, revoked: Iterable[TopicPartition]) -> None:
        self.left -= set(revoked)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        self.ends.update(await self._consumer.end_offsets(assigned))
        for tp in assigned:
            begin = self._start(tp.topic, tp.partition)
            await self._consumer.seek_to_beginning(tp) if begin is None else self._consumer.seek(tp, begin)
        self.left = set(assigned)
        self.given = True

    async def look(self) -> None:
        """Forget the partitions that are read."""
        for tp in tuple(self.left):
            if await self._consumer.position(tp) >= self.ends[tp]:
                self.left.discard(tp)


async def _partitions_of(consumer: AIOKafkaConsumer, name: str) -> set[int]:
    await consumer._client.force_metadata_update()
    found = consumer.partitions_for_topic(name)
    return set(found or ())


@asynccontextmanager
async def _reading(kafka: str) -> AsyncIterator[AIOKafkaConsumer]:
    consumer = reading_consumer(kafka)
    try:
        await consumer.start()
        yield consumer
    finally:
        await consumer.stop()


@asynccontextmanager
async def admin(kafka: str) -> AsyncIterator[AIOKafkaAdminClient]:
    """A connected admin client."""
    client = AIOKafkaAdminClient(bootstrap_servers=kafka, request_timeout_ms=20_000)
    await client.start()
    try:
        yield client
    finally:
        await client.close()


async def ensure_topics(settings: RuntimeSettings, topics: Sequence[Topic[Event]] = TOPICS) -> list[str]:
    """Create the topics that are missing; returns their names. Existing ones are never changed.

    Raises ValueError when an existing line topic has another partition count: that would re-key leads.
    """
    async with admin(settings.kafka) as client:
        held = {item["topic"]: len(item["partitions"]) for item in await client.describe_topics()}
        missing = [topic for topic in topics if topic.name not in held]
        for topic in topics:
            wanted = topic.partitions or settings.partitions
            if held.get(topic.name, wanted) != wanted:
                raise ValueError(
                    f"{topic.name} has {held[topic.name]} partitions and not {wanted}: "
                    "the count is fixed once a topic exists; set SIGNALBOX_PARTITIONS to what it has"
                )
        if missing:
            try:
                await client.create_topics([_new_topic(topic, settings) for topic in missing], timeout_ms=20_000)
            except TopicAlreadyExistsError:
                log.info("topics were created by another process meanwhile")
    return [topic.name for topic in missing]


def _new_topic(topic: Topic[Event], settings: RuntimeSettings) -> NewTopic:
    days = topic.retention_days
    config = {
        "retention.ms": "-1" if days < 0 else str(days * 86_400_000),
        "cleanup.policy": "compact" if topic.compacted else "delete",
        "max.message.bytes": str(MAX_RECORD_BYTES),
    }
    if topic.stamped:
        config["message.timestamp.type"] = "LogAppendTime"
    if settings.replication_factor >= 3:
        config["min.insync.replicas"] = "2"
    return NewTopic(
        topic.name, topic.partitions or settings.partitions, settings.replication_factor, topic_configs=config
    )


async def topic_limits(kafka: str, names: Sequence[str]) -> dict[str, int]:
    """The largest record, in bytes, that each topic takes now (`max.message.bytes`)."""

    resources = [ConfigResource(ConfigResourceType.TOPIC, name, {"max.message.bytes": None}) for name in names]
    limits: dict[str, int] = {}
    async with admin(kafka) as client:
        for response in await client.describe_configs(resources):
            for resource in response.resources:
                for entry in resource[4]:
                    if entry[0] == "max.message.bytes":
                        limits[resource[3]] = int(entry[1])
    return limits
