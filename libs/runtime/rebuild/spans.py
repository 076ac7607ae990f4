"""What there is to read: every partition of some topics from where it begins to where it ends now, and who the brokers are."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from aiokafka import TopicPartition

from libs.runtime.broker import reading_consumer


@dataclass(frozen=True, slots=True)
class Span:
    """The offsets of one partition from `begin` up to, and without, `end`; some of them may hold no record."""

    topic: str
    partition: int
    begin: int
    end: int

    @property
    def size(self) -> int:
        """How many offsets."""
        return self.end - self.begin


async def look(kafka: str, names: Iterable[str]) -> tuple[list[Span], list[tuple[str, int]]]:
    """The spans of the topics, and the brokers' addresses. Raises KafkaError when no broker answers, LookupError for a topic
    that does not exist."""
    consumer = reading_consumer(kafka)
    await consumer.start()
    try:
        await consumer._client.force_metadata_update()
        places = []
        for name in sorted(set(names)):
            partitions = consumer.partitions_for_topic(name)
            if not partitions:
                raise LookupError(f"there is no topic {name}")
            places += [TopicPartition(name, partition) for partition in sorted(partitions)]
        begins, ends = await consumer.beginning_offsets(places), await consumer.end_offsets(places)
        brokers = [(node.host, int(node.port)) for node in consumer._client.cluster.brokers()]
        return [Span(tp.topic, tp.partition, begins[tp], ends[tp]) for tp in places], brokers
    finally:
        await consumer.stop()


def shares(spans: Sequence[Span], workers: int) -> list[list[Span]]:
    """The spans shared out so that all have about as much to read; none twice."""
    shared: list[list[Span]] = [[] for _ in range(workers)]
    for span in sorted(spans, key=lambda one: (-one.size, one.topic, one.partition)):
        if span.size:
            min(shared, key=lambda held: sum(one.size for one in held)).append(span)
    return [held for held in shared if held]
