"""The proof of one chain, row by row: its hashes, its columns against its bytes, what was signed, and the topic beside it."""

from collections.abc import Mapping, Sequence
from typing import Any, Protocol

from libs.contracts.codec import Cipher, Headers, header
from services.audit.domain.chain import Head, Link, microseconds
from services.audit.domain.checkpoint import Checkpoint
from services.audit.domain.crosscheck import mismatch
from services.audit.domain.row import read_change, wrong_columns
from services.audit.domain.verify import Finding, Verifier


class Row(Protocol):
    """A whole row: its link, the headers that reading it takes, why it was kept unread, and its columns as they stand."""

    @property
    def link(self) -> Link: ...

    @property
    def headers(self) -> Headers: ...

    @property
    def problem(self) -> str | None: ...

    @property
    def columns(self) -> Mapping[str, Any]: ...


class Taken(Protocol):
    """A record of the topic."""

    @property
    def offset(self) -> int: ...

    @property
    def value(self) -> bytes | None: ...

    @property
    def timestamp(self) -> int: ...

    @property
    def headers(self) -> Headers: ...


class ChainProof:
    """The proof of one chain from `start` to `head`; push its rows in order, then ask `end`."""

    def __init__(self, chain: int, start: Head, head: Head | None, signed: Sequence[Checkpoint]) -> None:
        self.chain = chain
        self.start = start
        self.rows = 0
        self.unreadable = 0
        self._verifier = Verifier(chain, start)
        self._head = head
        self._signed: dict[int, list[Checkpoint]] = {}
        for one in signed:
            self._signed.setdefault(one.head.seq, []).append(one)
        self._newest = max(self._signed, default=0)

    @property
    def unsigned(self) -> int:
        """Rows after the newest checkpoint, which a signature does not vouch for yet."""
        return max(0, self.start.seq + self.rows - max(self._newest, self.start.seq))

    def take(self, page: Sequence[Row], cipher: Cipher | None = None) -> None:
        """Prove the rows of a page: their chain, what was signed of it, and that their columns say what their bytes say.

        Of an erased subject's row only its chain is proven: nobody can read the bytes any more.
        """
        verifier, signed = self._verifier, self._signed
        for row in page:
            verifier.push(row.link)
            self.rows += 1
            self.unreadable += row.problem is not None
            if verifier.found:
                continue
            if row.link.seq in signed:
                self._compare(row.link, signed[row.link.seq])
            self._columns(row, cipher)

    def _compare(self, link: Link, told: Sequence[Checkpoint]) -> None:
        held = Head(link.chain, link.seq, link.hash, link.kafka_offset)
        for one in told:
            if one.head != held:
                detail = f"this row is not the one that was signed at {one.at.isoformat(timespec='seconds')}"
                self._verifier.report(link.seq, "checkpoint mismatch", f"{detail}: it or rows before it were rewritten")
                return

    def _columns(self, row: Row, cipher: Cipher | None) -> None:
        read = read_change(row.link.value, row.headers, cipher)
        if read.erased:
            return
        wrong = wrong_columns(row.columns, row.problem, read)
        if row.problem is None and read.columns is None:
            self._verifier.report(row.link.seq, "unreadable", "the bytes are whole, but this version can't read them")
        elif wrong:
            self._verifier.report(row.link.seq, "edited", f"columns differ from the bytes: {', '.join(wrong)}")

    def end(self) -> Finding | None:
        """The first bad row, or None."""
        finding, last = self._verifier.end(self._head), self._verifier.proven
        if finding is None and self._newest > last:
            told = f"row {self._newest} was signed, {last} are left: the tail was cut off, and the head with it"
            return Finding(self.chain, last + 1, "truncated", told)
        return finding


class Side:
    """One chain's rows beside its partition's records; the first mismatch stays in `finding`."""

    def __init__(self, head: Head, due: int) -> None:
        self._head = head
        self._due = due
        self.finding: Finding | None = None

    def compare(self, row: Row | None, record: Taken | None) -> None:
        """Compare the next row with the next record; None: there is none left. Records after the head are not due yet."""
        if record is not None and record.offset > self._head.kafka_offset:
            record = None
        against = None if record is None else (record.offset, record.value or b"", microseconds(record.timestamp))
        self.finding = mismatch(self._head.chain, None if row is None else row.link, against, self._due)
        if self.finding is None and row is not None and record is not None:
            self.finding = self._headers(row, record)
        self._due += 1

    def _headers(self, row: Row, record: Taken) -> Finding | None:
        held = dict(row.headers)
        given = {name: value for name, value in reversed(record.headers) if name in held}
        if given == held:
            return None
        for name in held:
            if header(row.headers, name) != header(record.headers, name).replace("\x00", "\N{REPLACEMENT CHARACTER}"):
                detail = f"the topic has another {name} at offset {record.offset}"
                return Finding(self._head.chain, row.link.seq, "edited", detail)
        return None
