"""A whole rebuild: the target made, the topics shared out among processes, and the tables as they are in the end."""

import asyncio
import multiprocessing
import queue
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import asyncpg

from libs.runtime import clock
from libs.runtime.cluster import with_its_key
from libs.runtime.rebuild.inventory import Rebuild, inventories, schema_of
from libs.runtime.rebuild.spans import look, shares
from libs.runtime.rebuild.target import finish, make, refuse_taken, use
from libs.runtime.rebuild.worker import Job, Told, work

POSTGRES_PORT = 5432
WAIT_SECONDS = 0.2


class RebuildError(RuntimeError):
    """A rebuild that could not be finished; what there is of it stays, to be replaced by the next."""


@dataclass(frozen=True, slots=True)
class Order:
    """What is to be rebuilt, from where and into what; `workers` processes read."""

    kafka: str
    database_url: str
    into: str
    modules: tuple[str, ...]
    replace: bool = False
    workers: int = 2
    durable: bool = False
    """A crash of the database empties the tables of a rebuild, which costs another one; durable ones take longer."""


@dataclass(frozen=True, slots=True)
class Step:
    """How far a rebuild is: what it does now, and offsets passed of all that there are."""

    what: str
    offsets: int
    total: int
    records: int


@dataclass(frozen=True, slots=True)
class Rebuilt:
    """What came of a rebuild. `events` are records that were read, each once, however many services made something of it."""

    schemas: tuple[str, ...]
    events: int
    read_seconds: float
    seconds: float
    unreadable: int
    blocked: tuple[str, ...]

    @property
    def per_second(self) -> float:
        """Events a second, from the first look at the topics until the last index is made."""
        return self.events / self.seconds if self.seconds else 0.0


async def rebuilt(order: Order, say: Callable[[Step], None]) -> Rebuilt:
    """Rebuild everything that the order names. Raises ValueError for a name or target that is refused, RebuildError when a
    process fails, KafkaError and asyncpg's errors when nobody answers."""
    began = clock.monotonic()
    services = inventories(order.modules)
    schemas = [schema_of(order.into, one.service) for one in services]
    spans, brokers = await look(order.kafka, {topic.name for one in services for topic in one.topics})
    indexes = await _targets(order, services, schemas)
    total = sum(span.size for span in spans)
    allowed = (*brokers, *_bootstrap(order.kafka), _postgres(order.database_url))
    jobs = [
        Job(with_its_key(order.kafka), order.database_url, order.into, order.modules, tuple(share), allowed)
        for share in shares(spans, order.workers)
    ]
    read = await asyncio.to_thread(_read, jobs, total, say)
    read_seconds = clock.monotonic() - began
    say(Step("indexes", total, total, read.records))
    await asyncio.gather(*(_finish(order, one, made) for one, made in zip(services, indexes, strict=True)))
    seconds = clock.monotonic() - began
    return Rebuilt(tuple(schemas), read.records, read_seconds, seconds, read.unreadable, read.blocked)


async def _targets(order: Order, services: Sequence[Rebuild], schemas: Sequence[str]) -> list[list[str]]:
    connection = await asyncpg.connect(order.database_url)
    try:
        await refuse_taken(connection, schemas, replace=order.replace)
        return [await make(connection, schema, one) for schema, one in zip(schemas, services, strict=True)]
    finally:
        await connection.close()


async def _finish(order: Order, rebuild: Rebuild, indexes: Sequence[str]) -> None:
    connection = await asyncpg.connect(order.database_url, server_settings={"application_name": "signalbox-rebuild"})
    try:
        schema = schema_of(order.into, rebuild.service)
        await use(connection, schema)
        await connection.execute("set maintenance_work_mem = '256MB'; set work_mem = '64MB'")
        await finish(connection, schema, rebuild, indexes, durable=order.durable)
    finally:
        await connection.close()


def _read(jobs: Sequence[Job], total: int, say: Callable[[Step], None]) -> Told:
    """All that is told by the processes together, once they are done."""
    context = multiprocessing.get_context("spawn")
    told: multiprocessing.Queue[Told] = context.Queue()
    processes = [context.Process(target=work, args=(job, told), daemon=True) for job in jobs]
    for process in processes:
        process.start()
    records = offsets = unreadable = done = 0
    blocked: list[str] = []
    try:
        while done < len(processes):
            try:
                one = told.get(timeout=WAIT_SECONDS)
            except queue.Empty:
                if any(process.exitcode not in (None, 0) for process in processes):
                    raise RebuildError("a process of the rebuild was ended from outside") from None
                continue
            if one.failed:
                raise RebuildError(one.failed)
            records, offsets, unreadable = records + one.records, offsets + one.offsets, unreadable + one.unreadable
            blocked += one.blocked
            done += one.done
            say(Step("reading", offsets, total, records))
    finally:
        for process in processes:
            if done < len(processes):
                process.terminate()
            process.join()
    return Told(records, offsets, unreadable, tuple(blocked))


def _bootstrap(kafka: str) -> list[tuple[str, int]]:
    pairs = (one.strip().rpartition(":") for one in kafka.split(","))
    return [(host.strip("[]"), int(port)) for host, _, port in pairs]


def _postgres(url: str) -> tuple[str, int]:
    parts = urlsplit(url)
    return parts.hostname or "localhost", parts.port or POSTGRES_PORT
