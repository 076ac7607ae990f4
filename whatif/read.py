"""Reading the history: assigned partitions without a group, so that nobody's offsets move, and nothing is produced."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from libs.contracts.codec import UnreadableError, decode, header
from libs.contracts.events import PolicyPublished
from libs.contracts.topics import LEAD_ROUTED, POLICY_PUBLISHED
from libs.runtime.cluster import read_opened, read_shared_opened
from libs.runtime.record import Record
from whatif.feeds import DECISIONS, MET, RECORDS, TOUCHES, Feed, routed_feed
from whatif.needed import Needed
from whatif.store import Cache, Kept
from whatif.table import Table, TableBuilder, joined

SHOW_EVERY = 5_000
NOTHING = Needed(frozenset())
Say = Callable[[str], None]


@dataclass
class History:
    """All that is needed to decide again what was decided."""

    routed: Table
    touches: Table
    met: Table
    decisions: Table
    records: Table
    publications: Sequence[PolicyPublished] = ()
    """Oldest first; a policy that was put into force again is there again."""
    unreadable: int = 0
    read: int = 0
    """Records that were read from Kafka this time; the rest was kept."""


class PartEncoder:
    """The rows of one partition's records, as they come. Each worker of a group can do this for its own partitions;
    `joined` makes one table of all."""

    def __init__(self, feed: Feed, held: Kept | None = None) -> None:
        self._feed, self._held = feed, held
        self._builder = TableBuilder(feed.columns, feed.numbers)
        self.unreadable, self.read = 0, 0
        self._last: Kept | None = None

    def add(self, record: Record) -> None:
        """One record; one that was added before changes nothing. Raises `AnotherTopic` when what is kept is not what stands
        in the topic now."""
        if self._held is not None and self._last is None:
            if record.offset < self._held.offset:
                return
            if record.offset != self._held.offset or _id(record) != self._held.event_id:
                raise AnotherTopic
            self._last = self._held
            return
        if self._last is not None and record.offset <= self._last.offset:
            return
        self.read += 1
        self._last = Kept(Table(), record.offset, _id(record))
        if not self._feed.wants(record.value):
            return
        try:
            event = decode(self._feed.topic, record.value, record.headers)
        except UnreadableError:
            self.unreadable += 1
            return
        for row in self._feed.rows(event, record):
            self._builder.add(row.values, row.numbers)

    @property
    def begin(self) -> int | None:
        """Where reading begins or goes on: at the last record that is kept, which tells whether the topic is the same."""
        if self.read and self._last is not None:
            return self._last.offset + 1
        return self._held.offset if self._held is not None and self._held.offset >= 0 else None

    def kept(self, needed: Needed) -> Kept:
        """All of the partition, up to the last record."""
        if self._held is not None and not self.read:
            return self._held
        table = self._builder.table()
        whole = joined([self._held.table, table]) if self._held else table
        last = self._last or self._held or Kept(table)
        return Kept(whole, last.offset, last.event_id, self._held.needed if self._held else needed)


class AnotherTopic(Exception):
    """What is kept was read of a topic that is gone."""


async def read_history(kafka: str, needed: Needed, cache: Cache | None, say: Say) -> History:
    """The history as of now. What is kept under the cache is read from there, the rest from Kafka and then kept."""
    routed = await _read(kafka, routed_feed(needed), needed, cache, say)
    others = [await _read(kafka, feed, NOTHING, cache, say) for feed in (TOUCHES, MET, DECISIONS, RECORDS)]
    touches, met, decisions, records = (part.table for part in others)
    parts = (routed, *others)
    unreadable, read = sum(part.unreadable for part in parts), sum(part.read for part in parts)
    return History(routed.table, touches, met, decisions, records, await published(kafka), unreadable, read)


async def published(kafka: str) -> Sequence[PolicyPublished]:
    """Every policy that was put into force, oldest first; those that were only tried are left out."""
    found = [
        decode(POLICY_PUBLISHED, one.value, one.headers) async for one in read_opened(kafka, [POLICY_PUBLISHED.name])
    ]
    return sorted((event for event in found if event.role == "live"), key=lambda event: event.published_at)


async def read_share(kafka: str, group: str, needed: Needed, cache: Cache, say: Say) -> int:
    """The part of the history that falls to one of several readers, kept under a cache that they share; `read_history` then
    finds it there. Returns how many records were read."""
    feeds = {feed.topic.name: feed for feed in (routed_feed(needed), TOUCHES, MET, DECISIONS, RECORDS)}
    wanted = {name: needed if name == LEAD_ROUTED.name else NOTHING for name in feeds}
    held = {
        (name, number): one
        for name in feeds
        for number, one in cache.held(name).items()
        if one.needed.covers(wanted[name])
    }
    try:
        parts = await _share(kafka, group, feeds, held, say)
    except AnotherTopic:
        say("what was kept is of another topic; it is read again")
        parts = await _share(kafka, group, feeds, {}, say)
    for (name, number), one in parts.items():
        if one.read:
            cache.keep(name, number, one.kept(wanted[name]))
    return sum(one.read for one in parts.values())


async def _share(
    kafka: str, group: str, feeds: Mapping[str, Feed], held: Mapping[tuple[str, int], Kept], say: Say
) -> dict[tuple[str, int], PartEncoder]:
    parts: dict[tuple[str, int], PartEncoder] = {}

    def part(*place: str | int) -> PartEncoder:
        name, number = str(place[0]), int(place[1])
        return parts.setdefault((name, number), PartEncoder(feeds[name], held.get((name, number))))

    count = 0
    async for record in read_shared_opened(kafka, group, list(feeds), lambda *place: part(*place).begin):
        part(record.topic, record.partition).add(record)
        count += 1
        if count % SHOW_EVERY == 0:
            say(f"{count:,} records are read")
    return parts


async def _read(kafka: str, feed: Feed, needed: Needed, cache: Cache | None, say: Say) -> "_Part":
    """One topic: what is kept, what came since, and both as one table."""
    name = feed.topic.name
    held = cache.held(name) if cache else {}
    held = {number: one for number, one in held.items() if one.needed.covers(needed)}
    try:
        parts = await _encoders(kafka, feed, held, say)
    except AnotherTopic:
        say(f"{name}: what was kept is of another topic; it is read again")
        parts = await _encoders(kafka, feed, {}, say)
    kept = {number: part.kept(needed) for number, part in sorted(parts.items())}
    for number, part in parts.items():
        if cache is not None and part.read:
            cache.keep(name, number, kept[number])
    tables = [one.table for one in kept.values()] or [TableBuilder(feed.columns, feed.numbers).table()]
    return _Part(
        joined(tables), sum(part.unreadable for part in parts.values()), sum(part.read for part in parts.values())
    )


async def _encoders(kafka: str, feed: Feed, held: Mapping[int, Kept], say: Say) -> dict[int, PartEncoder]:
    """By partition. Reading begins with the last record that is kept, which tells whether the topic is still the same."""
    name, count = feed.topic.name, 0
    parts: dict[int, PartEncoder] = {}
    starts = {(name, number): one.offset for number, one in held.items() if one.offset >= 0}
    async for record in read_opened(kafka, [name], starts):
        part = parts.get(record.partition)
        if part is None:
            part = parts[record.partition] = PartEncoder(feed, held.get(record.partition))
        part.add(record)
        count += 1
        if count % SHOW_EVERY == 0:
            say(f"{name}: {count:,} records are read")
    if set(held) - set(parts):
        raise AnotherTopic
    return parts


class _Part(NamedTuple):
    table: Table
    unreadable: int
    read: int


def _id(record: Record) -> str:
    return header(record.headers, "ce_id")
