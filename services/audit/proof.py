"""`audit verify`: every row proven in order, against its hash, its columns, its head, the signed checkpoints and the topic."""

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Collection
from contextlib import aclosing
from dataclasses import asdict, dataclass, field
from datetime import datetime

from pydantic import JsonValue

from libs.contracts.codec import subject_in
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.keys import Keys
from libs.runtime.record import Record
from services.audit.domain.chain import Head
from services.audit.domain.checkpoint import Book
from services.audit.domain.prove import ChainProof, Side
from services.audit.domain.verify import Finding
from services.audit.store import events, log
from services.audit.store.log import Database

Line = dict[str, JsonValue]
Scan = Callable[[int, int], AsyncGenerator[Record, None]]
"""Every committed record of one partition of `audit.change.v1`, in order from an offset on; the arguments are both."""

SIGNED_OTHERWISE = "checkpoint mismatch"
"""Says that this row or one before it was rewritten; the topic, where it is compared, says which."""


@dataclass
class _Found:
    """What a verification has found so far."""

    findings: list[Finding] = field(default_factory=list)
    rows: int = 0
    unreadable: int = 0
    unsigned: int = 0


class Prover:
    """Proves the log. Rows that come in meanwhile are left for the next time."""

    def __init__(self, db: Database, scan: Scan, page_rows: int, keys: Keys, book: Callable[[], Book] = Book) -> None:
        """`book` reads what was signed, each time that the log is proven."""
        self._db = db
        self._book = book
        self._scan = scan
        self._page_rows = page_rows
        self._keys = keys

    async def lines(
        self, with_topic: bool, since: datetime | None = None, only: Collection[int] | None = None
    ) -> AsyncIterator[Line]:
        """Lines of progress, one result for each chain, and at last `{"kind": "result", "ok": ...}`.

        A finding holds the chain, the first bad row's number, what was done to it, and a detail in words. With `since` each
        chain is taken up at its newest checkpoint up to then, by the signer's word for what is before. `only`: chains to
        look at.
        """
        book, found = (
            await asyncio.to_thread(self._book),
            _Found(),
        )  # first: what is signed later may be about later rows
        ends = [end for end in await self._ends(book) if only is None or end[0] in only]
        starts = _starts(book, since)
        of = sum(last - starts.get(chain, Head(chain)).seq for chain, _, last in ends)
        for chain, head, last in ends:
            start = starts.get(chain, Head(chain))
            proof = ChainProof(chain, start, head, book.of_chain(chain))
            async for line in self._chain(proof, head if with_topic else None, last, found, of):
                yield line
        findings = sorted(found.findings, key=lambda one: (one.chain, one.seq, one.kind == SIGNED_OTHERWISE))
        problems: list[JsonValue] = [asdict(problem) for problem in book.problems]
        yield {
            "kind": "result", "ok": not findings and not problems, "rows": found.rows, "unreadable": found.unreadable,
            "findings": [asdict(finding) for finding in findings],
            "checkpoints": {
                "signed": len(book.checkpoints), "torn": book.torn, "problems": problems, "rows_after": found.unsigned,
                "newest": max((one.at.isoformat(timespec="seconds") for one in book.checkpoints), default=None),
            },
            "from": {str(chain): head.seq for chain, head in sorted(starts.items())},
        }  # fmt: skip

    async def _ends(self, book: Book) -> list[tuple[int, Head | None, int]]:
        """Every chain's head and last row; a chain that is only signed has neither."""
        ends = await log.chain_ends(self._db)
        gone = {one.head.chain for one in book.checkpoints} - {chain for chain, _, _ in ends}
        return sorted([*ends, *((chain, None, 0) for chain in gone)], key=lambda end: end[0])

    async def _chain(
        self, proof: ChainProof, topic_upto: Head | None, last: int, found: _Found, of: int
    ) -> AsyncIterator[Line]:
        chain, start = proof.chain, proof.start
        side = None if topic_upto is None else Side(topic_upto, start.seq + 1)
        records = self._scan(chain, start.kafka_offset + 1)
        async with aclosing(records):
            async for page in log.chain_pages(self._db, chain, last, self._page_rows, start.seq or log.BELOW_ALL):
                proof.take(page, await self._keys.reading(subject_in(row.headers) for row in page))
                for row in page:
                    if side is not None and side.finding is None:
                        side.compare(row, await anext(records, None))
                yield {"kind": "progress", "chain": chain, "rows": found.rows + proof.rows, "of": of}
            if side is not None and side.finding is None:
                side.compare(None, await anext(records, None))
        finding = proof.end()
        found.rows, found.unreadable = found.rows + proof.rows, found.unreadable + proof.unreadable
        found.unsigned += proof.unsigned
        found.findings += [finding] if finding is not None else []
        yield {"kind": "chain", "chain": chain, "rows": proof.rows, "ok": finding is None, **_said(finding)}
        if side is not None:
            known = None if finding is None or finding.kind == SIGNED_OTHERWISE else finding.seq
            if side.finding is not None and side.finding.seq != known:
                found.findings.append(side.finding)
            yield {"kind": "topic", "chain": chain, "ok": side.finding is None, **_said(side.finding)}

    async def digests(self) -> AsyncIterator[Line]:
        """What the log noted of every raw submission as it came: `{"partition", "offset", "sha256"}`, in order."""
        place = (-1, -1)
        while page := await events.digests(self._db, SUBMISSION_RECEIVED.name, place, self._page_rows):
            for partition, offset, sha256 in page:
                yield {"partition": partition, "offset": offset, "sha256": sha256}
            place = page[-1][:2]


def _starts(book: Book, since: datetime | None) -> dict[int, Head]:
    if since is None:
        return {}
    chains = {one.head.chain for one in book.checkpoints}
    newest = {chain: book.newest_before(chain, since) for chain in chains}
    return {chain: held.head for chain, held in newest.items() if held is not None}


def _said(finding: Finding | None) -> Line:
    return {} if finding is None else {"finding": asdict(finding)}
