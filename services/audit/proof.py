"""`audit verify`: every row proven in order, against its hash, its columns, its head and the topic; progress on the way."""

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import asdict

from pydantic import JsonValue

from libs.contracts.codec import Cipher
from libs.contracts.topics import SUBMISSION_RECEIVED
from libs.runtime.broker import Record
from services.audit.domain.chain import Head, Link, microseconds
from services.audit.domain.crosscheck import mismatch
from services.audit.domain.row import read_change, wrong_columns
from services.audit.domain.verify import Finding, Verifier
from services.audit.store import events, log
from services.audit.store.log import Database, StoredRow

Line = dict[str, JsonValue]
Scan = Callable[[], AsyncIterator[Record]]
"""Every committed record of `audit.change.v1` from its beginning, each partition in order."""


class Prover:
    """Proves the log. Rows that come in meanwhile are left for the next time."""

    def __init__(self, db: Database, scan: Scan, page_rows: int, cipher: Cipher | None = None) -> None:
        self._db = db
        self._scan = scan
        self._page_rows = page_rows
        self._cipher = cipher

    async def lines(self, with_topic: bool) -> AsyncIterator[Line]:
        """Lines of progress, one result for each chain, and at last `{"kind": "result", "ok": ...}`.

        A finding holds the chain, the first bad row's number, what was done to it, and a detail in words.
        """
        ends = await log.chain_ends(self._db)
        findings: list[Finding] = []
        rows = unreadable = 0
        for chain, head, last in ends:
            proof = _ChainProof(chain, head, self._cipher)
            async for page in log.chain_pages(self._db, chain, last, self._page_rows):
                proof.take(page)
                yield {"kind": "progress", "chain": chain, "rows": proof.rows, "of": last}
            finding = proof.end()
            rows, unreadable = rows + proof.rows, unreadable + proof.unreadable
            findings += [finding] if finding is not None else []
            yield {"kind": "chain", "chain": chain, "rows": proof.rows, "ok": finding is None, **_said(finding)}
        if with_topic:
            async for line in self._against_topic([head for _, head, _ in ends if head is not None], findings):
                yield line
        found: list[JsonValue] = [asdict(finding) for finding in findings]
        yield {"kind": "result", "ok": not findings, "rows": rows, "unreadable": unreadable, "findings": found}

    async def digests(self) -> AsyncIterator[Line]:
        """What the log noted of every raw submission as it came: `{"partition", "offset", "sha256"}`, in order."""
        place = (-1, -1)
        while page := await events.digests(self._db, SUBMISSION_RECEIVED.name, place, self._page_rows):
            for partition, offset, sha256 in page:
                yield {"partition": partition, "offset": offset, "sha256": sha256}
            place = page[-1][:2]

    async def _against_topic(self, heads: Sequence[Head], findings: list[Finding]) -> AsyncIterator[Line]:
        sides = {head.chain: _Side(head, self._links(head.chain, head.seq)) for head in heads}
        compared = 0
        async for record in self._scan():
            side = sides.get(record.partition)
            if side is not None and record.offset <= side.head.kafka_offset:
                await side.compare(record)
                compared += 1
                if compared % (10 * self._page_rows) == 0:
                    yield {"kind": "progress", "topic": True, "records": compared}
        for chain, side in sides.items():
            await side.compare(None)
            if side.finding is not None:
                findings.append(side.finding)
            yield {"kind": "topic", "chain": chain, "ok": side.finding is None, **_said(side.finding)}

    async def _links(self, chain: int, upto: int) -> AsyncIterator[Link]:
        async for page in log.chain_pages(self._db, chain, upto, self._page_rows):
            for row in page:
                yield row.link


class _ChainProof:
    """The proof of one chain, page by page."""

    def __init__(self, chain: int, head: Head | None, cipher: Cipher | None) -> None:
        self._verifier = Verifier(chain)
        self._head = head
        self._cipher = cipher
        self.rows = 0
        self.unreadable = 0

    def take(self, page: Sequence[StoredRow]) -> None:
        """Prove the rows of a page: their chain, and that their columns say what their bytes say."""
        for row in page:
            self._verifier.push(row.link)
            self.rows += 1
            self.unreadable += row.problem is not None
            if not self._verifier.found:
                self._columns(row)

    def _columns(self, row: StoredRow) -> None:
        read = read_change(row.link.value, row.headers, self._cipher)
        wrong = wrong_columns(row.columns, row.problem, read)
        if row.problem is None and read.columns is None:
            self._verifier.report(row.link.seq, "unreadable", "the bytes are whole, but this version can't read them")
        elif wrong:
            self._verifier.report(row.link.seq, "edited", f"columns differ from the bytes: {', '.join(wrong)}")

    def end(self) -> Finding | None:
        """The first bad row, or None."""
        return self._verifier.end(self._head)


class _Side:
    """One chain's rows beside its partition's records."""

    def __init__(self, head: Head, links: AsyncIterator[Link]) -> None:
        self.head = head
        self._links = links
        self._due = 1
        self.finding: Finding | None = None

    async def compare(self, record: Record | None) -> None:
        """Compare the next record (None: there is none left) with the next row; the first mismatch stays."""
        if self.finding is not None:
            return
        row = await anext(self._links, None)
        against = None if record is None else (record.offset, record.value or b"", microseconds(record.timestamp))
        self.finding = mismatch(self.head.chain, row, against, self._due)
        self._due += 1


def _said(finding: Finding | None) -> Line:
    return {} if finding is None else {"finding": asdict(finding)}
