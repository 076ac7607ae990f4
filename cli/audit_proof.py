"""The log proven from here: Postgres, the topic and the checkpoints are read directly, not by way of the audit service.

Chains are independent of each other, so several processes can each prove some of them.
"""

import asyncio
import multiprocessing
import os
import queue
import threading
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Coroutine, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

import asyncpg
from aiokafka.errors import KafkaError

from cli.errors import CliError
from cli.ledger import kafka_away
from libs.contracts.topics import AUDIT_CHANGE
from libs.runtime.broker import read_topics
from libs.runtime.cluster import keys_for
from libs.runtime.record import Record
from services.audit.domain.checkpoint import Book
from services.audit.proof import Prover
from services.audit.store import log
from services.audit.store.checkpoints import signed_in

Line = dict[str, Any]
T = TypeVar("T")
SMALL_ROWS = 50_000
"""A log of fewer rows is proven faster than a second process has started."""
STATEMENT_SECONDS = 300.0


@dataclass(frozen=True)
class Proving:
    """What is proven: addresses, and what is asked. `places`: the folder of checkpoints and the file of public keys."""

    kafka: str
    database_url: str
    with_topic: bool
    since: datetime | None
    places: tuple[Path, Path] | None
    page_rows: int


def proven(given: Proving, workers: int = 0) -> Iterator[Line]:
    """The lines of `Prover.lines` of all chains, the last one the result of all.

    Raises CliError when Postgres or Kafka does not answer.
    """
    book = Book() if given.places is None else signed_in(*given.places)
    ends = asyncio.run(_answered(given, _ends(given)))
    chains = sorted({chain for chain, _, _ in ends} | {one.head.chain for one in book.checkpoints})
    rows = sum(last for _, _, last in ends)
    wanted = min(workers or (1 if rows < SMALL_ROWS else os.cpu_count() or 1), max(1, len(chains)))
    yield from _joined(given, book, [chains[number::wanted] for number in range(wanted)])


async def _ends(given: Proving) -> list[Any]:
    async with _database(given) as pool:
        return await log.chain_ends(pool)


def _joined(given: Proving, book: Book, shares: Sequence[Sequence[int]]) -> Iterator[Line]:
    """The lines of all shares as they come, each proven by a thread or, when there are several, a process."""
    context = multiprocessing.get_context("spawn")
    told: Any = queue.SimpleQueue() if len(shares) == 1 else context.Queue()
    make: Any = threading.Thread if len(shares) == 1 else context.Process
    running = [
        make(target=prove_share, args=(given, book, share, told, number), daemon=True)
        for number, share in enumerate(shares)
    ]
    for one in running:
        one.start()
    seen, results = dict.fromkeys(range(len(shares)), (0, 0)), list[Line]()
    while len(results) < len(shares):
        number, line = _next(told, running)
        if isinstance(line, tuple):
            raise CliError(*line)
        if line["kind"] == "result":
            results.append(line)
        elif line["kind"] == "progress":
            seen[number] = int(line["rows"]), int(line["of"])
            rows, of = (sum(part) for part in zip(*seen.values(), strict=True))
            yield {**line, "rows": rows, "of": of}
        else:
            yield line
    for one in running:
        one.join()
    yield _sum_of(results)


def _next(told: Any, running: Sequence[Any]) -> tuple[int, Any]:
    while True:
        try:
            found: tuple[int, Any] = told.get(timeout=1.0)
        except queue.Empty:
            if not any(one.is_alive() for one in running):
                raise CliError(
                    "a process that reads the log has ended", "audit verify", "try again with --workers 1"
                ) from None
        else:
            return found


def _sum_of(results: Sequence[Line]) -> Line:
    first = results[0]
    findings = [finding for result in results for finding in result["findings"]]
    return {
        **first, "ok": all(result["ok"] for result in results),
        "rows": sum(result["rows"] for result in results),
        "unreadable": sum(result["unreadable"] for result in results),
        "findings": sorted(findings, key=lambda one: (one["chain"], one["seq"])),
        "checkpoints": {
            **first["checkpoints"], "rows_after": sum(result["checkpoints"]["rows_after"] for result in results)
        },
    }  # fmt: skip


def prove_share(given: Proving, book: Book, chains: Sequence[int], told: Any, number: int) -> None:
    """Prove some chains; every line is put into `told` with this share's number, and an error in the place of the result."""
    try:
        asyncio.run(_answered(given, _prove(given, book, chains, lambda line: told.put((number, line)))))
    except CliError as error:
        told.put((number, (error.what, error.where, error.do)))


async def _prove(given: Proving, book: Book, chains: Sequence[int], put: Callable[[Line], None]) -> None:
    name = AUDIT_CHANGE.name

    def scan(chain: int, start: int) -> AsyncGenerator[Record, None]:
        return read_topics(given.kafka, [name], {(name, chain): start}, only=[chain])

    async with _database(given) as pool, keys_for(given.kafka) as keys:
        prover = Prover(pool, scan, given.page_rows, keys, book=lambda: book)
        async for line in prover.lines(given.with_topic, given.since, chains):
            put(line)


async def _answered(given: Proving, asked: Coroutine[Any, Any, T]) -> T:
    try:
        return await asked
    except KafkaError as error:
        raise kafka_away(given.kafka, error) from None
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        where = given.database_url.rpartition("@")[2]
        told = f"{type(error).__name__}: {error}".splitlines()[0]
        raise CliError(
            f"the log can't be read: {told}", where, "is Postgres up, and may this role read `audit`?"
        ) from None


@asynccontextmanager
async def _database(given: Proving) -> AsyncIterator[asyncpg.Pool]:
    """A connection that can't write."""
    reading = {"search_path": "audit, public", "default_transaction_read_only": "on"}
    async with asyncpg.create_pool(
        given.database_url, min_size=1, max_size=1, command_timeout=STATEMENT_SECONDS, server_settings=reading
    ) as pool:
        yield pool
