"""What a superuser who knows the rules may do to the audit log: one random act at a time, and the row that must be named."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from random import Random

import asyncpg

from services.audit.domain.chain import Head, Link, extend
from services.audit.domain.row import COLUMNS
from services.audit.store import log

TEXT = [name for name, kind in COLUMNS.items() if kind == "text"]
FREE = 900_000_000
"""Row numbers and offsets that no log of a drill reaches."""


@dataclass(frozen=True)
class Chain:
    """A chain as it stands before anybody touches it."""

    number: int
    links: Sequence[Link]

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return len(self.links)


@dataclass(frozen=True)
class Expected:
    """What must be found: the row that must be named, and by which names. `rewritten`: every hash and the head fit, so only
    the topic names the row, and without the topic only what was signed tells of it."""

    seq: int
    kinds: frozenset[str]
    rewritten: bool = False


Act = Callable[[asyncpg.Connection, Chain, Random], Awaitable[Expected]]


def found_as(seq: int, *kinds: str, rewritten: bool = False) -> Expected:
    """The row and the names that may be given to what was done to it."""
    return Expected(seq, frozenset(kinds), rewritten)


async def _set(db: asyncpg.Connection, chain: Chain, seq: int, assignment: str, *given: object) -> None:
    await db.execute(f"update change set {assignment} where chain = $1 and seq = $2", chain.number, seq, *given)  # noqa: S608


async def _move_head(db: asyncpg.Connection, head: Head) -> None:
    await db.execute(
        "update chain_head set seq = $2, hash = $3, kafka_offset = $4 where chain = $1",
        head.chain, head.seq, head.hash, head.kafka_offset,
    )  # fmt: skip


async def edited_bytes(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A value changed in its bytes."""
    seq = chance.randint(1, chain.rows)
    await _set(db, chain, seq, "bytes = overlay(bytes placing 'x'::bytea from $3)", chance.randint(1, 200))
    return found_as(seq, "edited")


async def edited_column(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A column changed that questions are asked by."""
    seq = chance.randint(1, chain.rows)
    await _set(db, chain, seq, f"{chance.choice(TEXT)} = 'tampered'")
    return found_as(seq, "edited")


async def edited_header(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """What tells how to read the bytes."""
    seq = chance.randint(1, chain.rows)
    await _set(db, chain, seq, f"{chance.choice(['ce_id', 'subject_key_id'])} = 'tampered'")
    return found_as(seq, "edited", rewritten=True)


async def edited_chain(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A hash, the hash before it, or an offset."""
    seq = chance.randint(1, chain.rows)
    how = chance.choice(["hash = sha256(hash)", "prev = sha256(prev)", "kafka_offset = kafka_offset + 1", "prev = ''"])
    await _set(db, chain, seq, how)
    return found_as(seq, "edited")


async def moved_time(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """Another time, in the same month or in another one, or none."""
    seq = chance.randint(1, chain.rows)
    how = ["recorded_at + interval '1 microsecond'", "recorded_at - interval '3000 days'", "timestamptz 'epoch'",
           "timestamptz 'infinity'", "timestamptz '4000-01-01 BC'"]  # fmt: skip
    await _set(db, chain, seq, f"recorded_at = {chance.choice(how)}")
    return found_as(seq, "edited")


async def unread(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A row said to be unreadable, so that no question finds it."""
    seq = chance.randint(1, chain.rows)
    emptied = ", ".join(f"{name} = null" for name in COLUMNS)
    await _set(db, chain, seq, f"readable = false, problem = 'bad', {emptied}")
    return found_as(seq, "edited")


async def deleted(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A row taken out."""
    seq = chance.randint(1, chain.rows)
    await db.execute("delete from change where chain = $1 and seq = $2", chain.number, seq)
    return found_as(seq, "truncated" if seq == chain.rows else "deleted")


async def swapped(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """Two rows that changed places."""
    one, other = chance.sample(range(1, chain.rows + 1), 2)
    for before, after in ((one, FREE), (other, one), (FREE, other)):
        await _set(db, chain, before, "seq = $3", after)
    return found_as(min(one, other), "reordered")


async def inserted(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A copy of a row with the number of another, or behind the last one."""
    copied = chance.randint(1, chain.rows)
    at = chance.choice([chain.rows + 1, chance.randint(1, chain.rows)])
    month = chance.choice(["recorded_at", "recorded_at - interval '400 days'"])
    await db.execute("create temp table copied on commit drop as select * from change where chain = $1 and seq = $2",
                     chain.number, copied)  # fmt: skip
    await db.execute(f"update copied set seq = $1, kafka_offset = $2, recorded_at = {month}", at, FREE)  # noqa: S608
    await db.execute("insert into change select * from copied on conflict do nothing")
    if not await db.fetchval("select count(*) > $2 from change where chain = $1", chain.number, chain.rows):
        return await deleted(db, chain, chance)  # its place was taken: the key of a month refuses the same number twice
    return found_as(at, "inserted", "forked", "edited")


async def cut(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """The tail, and sometimes the head with it: then only what was signed and the topic know."""
    seq = chance.randint(1, chain.rows)
    await db.execute("delete from change where chain = $1 and seq >= $2", chain.number, seq)
    match chance.randrange(3):
        case 0:
            last = chain.links[seq - 2] if seq > 1 else None
            head = Head(chain.number) if last is None else Head(chain.number, last.seq, last.hash, last.kafka_offset)
            await _move_head(db, head)
        case 1 if seq == 1:
            await db.execute("delete from chain_head where chain = $1", chain.number)
    return found_as(seq, "truncated")


async def turned_head(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A head that counts fewer rows, more rows, or belongs to another history."""
    number = chance.choice([-1, 1, 0])
    await db.execute(
        "update chain_head set seq = seq + $2, hash = case when $2 = 0 then sha256(hash) else hash end where chain = $1",
        chain.number, number,
    )  # fmt: skip
    kinds = {-1: "inserted", 1: "truncated", 0: "forked"}
    return found_as(chain.rows + max(0, number), kinds[number])


async def rewritten(db: asyncpg.Connection, chain: Chain, chance: Random) -> Expected:
    """A row edited, taken out or put in, and the whole chain after it hashed anew, with its head."""
    seq, links = chance.randint(1, chain.rows), list(chain.links)
    how = chance.choice(["edit", "time", "delete", "insert"])
    gaps = [n for n in range(2, chain.rows) if links[n - 1].kafka_offset - links[n - 2].kafka_offset > 1]
    if how == "edit":
        links[seq - 1] = replace(links[seq - 1], value=links[seq - 1].value + b" ")
        expected = found_as(seq, "edited", rewritten=True)
    elif how == "time":
        links[seq - 1] = replace(links[seq - 1], recorded_us=links[seq - 1].recorded_us + 1000)
        expected = found_as(seq, "edited", rewritten=True)
    elif how == "delete" or not gaps:
        del links[seq - 1]
        expected = found_as(seq, "truncated" if seq == chain.rows else "deleted", "truncated", rewritten=True)
    else:
        seq = chance.choice(gaps)
        links.insert(seq - 1, replace(links[seq - 1], kafka_offset=links[seq - 1].kafka_offset - 1))
        expected = found_as(seq, "inserted", rewritten=True)
    await _write_anew(db, chain, links, seq)
    return expected


async def _write_anew(db: asyncpg.Connection, chain: Chain, links: Sequence[Link], since: int) -> None:
    made, head = extend(Head(chain.number), ((one.kafka_offset, one.value, one.recorded_us) for one in links))
    names = "ce_id, schema_version, subject_key_id, readable, problem, " + ", ".join(COLUMNS)
    await db.execute("create temp table kept on commit drop as select * from change where chain = $1", chain.number)
    await db.execute("delete from change where chain = $1 and seq >= $2", chain.number, since)
    sources = [one.seq for one in links]
    await db.executemany(
        "insert into change (chain, seq, kafka_offset, recorded_at, prev, hash, bytes, " + names + ") "  # noqa: S608
        "select $1, $2, $3, timestamptz 'epoch' + $4::bigint * interval '1 microsecond', $5, $6, $7, " + names +
        " from kept where seq = $8",
        [
            (one.chain, one.seq, one.kafka_offset, one.recorded_us, one.prev, one.hash, one.value, source)
            for one, source in zip(made, sources, strict=True) if one.seq >= since
        ],
    )  # fmt: skip
    await _move_head(db, head)


ACTS: tuple[Act, ...] = (
    edited_bytes, edited_column, edited_header, edited_chain, moved_time, unread, deleted, swapped, inserted, cut, turned_head,
    rewritten, rewritten,
)  # fmt: skip


async def chain_of(db: asyncpg.Connection, number: int) -> Chain:
    """A chain with all of its rows."""
    links = [link async for page in log.link_pages(db, number, 0, FREE, 5000) for link in page]
    return Chain(number, links)
