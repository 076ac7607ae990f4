"""Proving a chain: every row in order, the first bad one by its number, and what was done to it."""

from dataclasses import dataclass
from typing import Literal

from services.audit.domain.chain import Head, Link, seal_holds

Kind = Literal["edited", "deleted", "inserted", "reordered", "truncated", "forked", "unreadable", "checkpoint mismatch"]


@dataclass(frozen=True, slots=True)
class Finding:
    """The first row of a chain that is not as it was written, and what was done to it."""

    chain: int
    seq: int
    kind: Kind
    detail: str


class Verifier:
    """Checks the rows of one chain, pushed in order of `seq`.

    After the first bad row it only looks on to name what happened: whether a missing row was deleted or moved shows
    later. So push every row, then ask `end`.
    """

    def __init__(self, chain: int, start: Head | None = None) -> None:
        """`start`: where the rows before the first pushed one end, by somebody's word; the chain's beginning if not given."""
        self._good = start or Head(chain)
        self._before: bytes | None = None
        self._found: Finding | None = None
        self._culprit: Link | None = None

    @property
    def proven(self) -> int:
        """How many rows are proven so far."""
        return self._good.seq

    @property
    def found(self) -> bool:
        """Whether a bad row has been met."""
        return self._found is not None

    def push(self, link: Link) -> None:
        """Take the next row in."""
        if self._found is not None:
            self._refine(link)
        elif self._follows(link):
            self._before = self._good.hash
            self._good = Head(link.chain, link.seq, link.hash, link.kafka_offset)
        else:
            self._culprit, self._found = link, self._diagnosis(link)

    def report(self, seq: int, kind: Kind, detail: str) -> None:
        """Add what was found beside the chain, as columns that differ from the bytes; an earlier finding stays."""
        if self._found is None:
            self._found = Finding(self._good.chain, seq, kind, detail)

    def end(self, head: Head | None) -> Finding | None:
        """The first bad row, or None when the chain holds up to exactly `head` (None: there is no head row)."""
        good, chain = self._good, self._good.chain
        if self._found is not None and head == good and self._found.seq > good.seq:
            return Finding(chain, self._found.seq, "inserted", "the head does not know this row")
        if self._found is not None:
            return self._resealed_tail(head) or self._found
        if head is None:
            return Finding(chain, good.seq + 1, "truncated", "the head row is gone") if good.seq else None
        if head.seq > good.seq:
            return Finding(chain, good.seq + 1, "truncated", f"the head counts {head.seq} rows, {good.seq} are left")
        if head.seq < good.seq:
            return Finding(chain, head.seq + 1, "inserted", f"the head counts {head.seq} rows, there are {good.seq}")
        if head != good:
            return Finding(chain, good.seq, "forked", "the head belongs to another history")
        return None

    def _follows(self, link: Link) -> bool:
        good = self._good
        in_order = link.seq == good.seq + 1 and link.kafka_offset > good.kafka_offset
        return in_order and link.prev == good.hash and seal_holds(link)

    def _diagnosis(self, link: Link) -> Finding:
        good, chain, due = self._good, self._good.chain, self._good.seq + 1
        if link.seq < due:
            forked = seal_holds(link) and link.hash != good.hash
            return Finding(chain, link.seq, "forked" if forked else "inserted", "two rows have this number")
        if link.hash == good.hash:
            return Finding(chain, due, "inserted", "a copy of the row before it")
        if link.prev == self._before and seal_holds(link, seq=due - 1):
            return Finding(chain, due - 1, "inserted", "the next row follows the one before it")
        if link.seq > due:
            return Finding(chain, due, "deleted", f"the next row is number {link.seq}")
        if link.prev == good.hash or seal_holds(link, prev=good.hash):
            return Finding(chain, due, "edited", "the row does not fit its hash")
        if seal_holds(link):
            return Finding(chain, due, "forked", "the row follows another row than the one before it")
        if seal_holds(link, seq=due + 1):
            return Finding(chain, due, "deleted", "the rows after it were numbered anew")
        return Finding(chain, due, "edited", "the row fits neither its hash nor the row before it")

    def _refine(self, link: Link) -> None:
        """Look at one more row: it may be the missing one, or vouch for the row that was accused."""
        found, culprit = self._found, self._culprit
        if found is None or culprit is None or found.seq != self._good.seq + 1:
            return
        if link.prev == self._good.hash and seal_holds(link, seq=self._good.seq + 1):
            moved = Finding(found.chain, found.seq, "reordered", f"the row now stands as number {link.seq}")
            came = Finding(found.chain, found.seq, "inserted", "the row that belongs here was pushed back")
            pushed_back = found.kind == "edited" and link.seq <= found.seq + 1
            self._found, self._culprit = (came if pushed_back else moved), None
        elif found.kind == "forked" and link.seq == culprit.seq + 1:
            if link.prev == culprit.hash and self._good.seq:
                self._found = _resealed(self._good)
            self._culprit = None

    def _resealed_tail(self, head: Head | None) -> Finding | None:
        """The accused last row is vouched for by the head: then the row before it was rewritten."""
        found, culprit = self._found, self._culprit
        if found is None or culprit is None or head is None or found.kind != "forked" or found.seq != culprit.seq:
            return None
        if head.hash == culprit.hash and head.seq == culprit.seq == self._good.seq + 1 and self._good.seq:
            return _resealed(self._good)
        return None


def _resealed(good: Head) -> Finding:
    return Finding(good.chain, good.seq, "edited", "rewritten with a new hash: the rows after it follow the old one")
