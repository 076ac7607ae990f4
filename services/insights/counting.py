"""Counting: whatever something new was heard of is counted anew as a whole, and the cells move by the difference.

So it does not matter in which order topics were read, or how often: the same facts give the same marks, and cells are sums of
marks. One process counts at a time.
"""

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, cast

import asyncpg

from libs.policy.load import load_policy
from libs.policy.policy import Policy
from libs.runtime.errors import Retryable
from libs.runtime.health import Health
from libs.runtime.state import DATABASE_AWAY
from services.insights.domain.changes import Kept
from services.insights.domain.facts import Fact
from services.insights.domain.lead_marks import Case, anchor_of, lead_marks
from services.insights.domain.marks import Mark, Setting
from services.insights.domain.other_marks import rollback_marks, submission_marks, task_marks
from services.insights.domain.weeks import zone_of
from services.insights.sink import kept_of

log = logging.getLogger(__name__)
LOCK = 0x1A51_6875
"""Advisory lock of whoever counts in a database."""
NAME = "insights counting"

_LEADS_OF = (
    "insert into dirty (subject) select distinct subject from fact where kind = 'route' and body ->> 'contact' = any($1) "
    "order by 1 on conflict (subject) do update set seq = dirty.seq + 1"
)
_ALL = (
    "insert into dirty (subject) select distinct subject from fact order by 1 "
    "on conflict (subject) do update set seq = dirty.seq + 1"
)
_CONTACTS = (
    "select subject, body ->> 'contact' as contact, (body ->> 'received')::timestamptz as received from fact "
    "where kind = 'route' and body ->> 'contact' = any($1)"
)
_MARKS = (
    "insert into mark (subject, number, metric, case_id, day, slice, value, num, den, owner) select * from unnest("
    "$1::text[], $2::int[], $3::text[], $4::text[], $5::date[], $6::bigint[], $7::int[], $8::int[], $9::int[], $10::text[])"
)
_SLICES = (
    "insert into slice select * from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], "
    "$7::text[], $8::text[], $9::text[], $10::text[]) on conflict do nothing"
)
_CELLS = (
    "insert into cell (metric, day, slice, value, n, num, den) select * from unnest("
    "$1::text[], $2::date[], $3::bigint[], $4::int[], $5::bigint[], $6::bigint[], $7::bigint[]) "
    "on conflict (metric, day, slice, value) do update set n = cell.n + excluded.n, num = cell.num + excluded.num, "
    "den = cell.den + excluded.den"
)
_EMPTY_CELLS = (
    "delete from cell using unnest($1::text[], $2::date[], $3::bigint[], $4::int[]) t(m, d, s, v) "
    "where (metric, day, slice, value) = (m, d, s, v) and n = 0"
)
_BRIEFS = (
    "insert into brief (metric, day, queue, label, value, n, num, den) select * from unnest("
    "$1::text[], $2::date[], $3::text[], $4::text[], $5::int[], $6::bigint[], $7::bigint[], $8::bigint[]) "
    "on conflict (metric, day, queue, label, value) do update set n = brief.n + excluded.n, num = brief.num + excluded.num, "
    "den = brief.den + excluded.den"
)
_EMPTY_BRIEFS = (
    "delete from brief using unnest($1::text[], $2::date[], $3::text[], $4::text[], $5::int[]) t(m, d, q, l, v) "
    "where (metric, day, queue, label, value) = (m, d, q, l, v) and n = 0"
)
_GONE = (
    "with gone as (delete from mark where subject = any($1) returning metric, day, slice, value, num, den) "
    "select gone.*, queue, label from gone join slice using (slice)"
)


class Recount:
    """Counts what is dirty, a few hundred subjects in one transaction."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._loaded: dict[str, Policy] = {}

    async def once(self, connection: asyncpg.Connection) -> int:
        """Count some; returns how many subjects: 0 when none is left, another process counts, or no policy is known."""
        async with connection.transaction():
            if not await connection.fetchval("select pg_try_advisory_xact_lock($1)", LOCK):
                return 0
            setting = await self.setting(connection)
            if setting is None:
                return 0
            # contacts alone: their leads are locked in the sink's own order, and nothing else is held meanwhile
            contacts = await self._taken(connection, "like 'contact:%'")
            if contacts:
                await connection.execute(_LEADS_OF, [one.partition(":")[2] for one in contacts])
                await connection.execute("delete from dirty where subject = any($1)", contacts)
                return len(contacts)
            subjects = await self._taken(connection, "not like 'contact:%'")
            done = await _counted(connection, subjects, setting) if subjects else []
            await connection.execute("delete from dirty where subject = any($1)", done)
            return len(done)

    async def _taken(self, connection: asyncpg.Connection, which: str) -> list[str]:
        rows = await connection.fetch(
            f"select subject from dirty where subject {which} order by subject limit $1 for update skip locked",  # noqa: S608
            self._at_once,
        )
        return [row["subject"] for row in rows]

    async def setting(self, connection: asyncpg.Connection) -> Setting | None:
        """The policies, and the zone by the newest; when that moved, everything is to be counted anew. None: no policy yet."""
        rows = await connection.fetch("select policy_hash from policy order by kafka_offset")
        for row in rows:
            if row["policy_hash"] not in self._loaded:
                files = await connection.fetchval(
                    "select files::text from policy where policy_hash = $1", row["policy_hash"]
                )
                self._loaded[row["policy_hash"]] = load_policy(json.loads(files))
        if not rows:
            return None
        zone = zone_of(self._loaded[rows[-1]["policy_hash"]])
        before = await connection.fetchval("select name from zone")
        if before != zone:
            await connection.execute(
                "insert into zone (name) values ($1) on conflict (one) do update set name = $1", zone
            )
            if before is not None:
                await connection.execute(_ALL)
        return Setting(self._loaded, zone)


async def _counted(connection: asyncpg.Connection, subjects: Sequence[str], setting: Setting) -> list[str]:
    """Count the subjects; returns those that are done: not those whose policy is still to come."""
    facts = await _facts_of(connection, subjects)
    cases = await _cases(connection, subjects, facts)
    marks: dict[str, Sequence[Mark]] = {}
    for subject in subjects:
        with suppress(KeyError):
            marks[subject] = marks_of(subject, facts.get(subject, ()), cases, setting)
    await _replace(connection, marks)
    return list(marks)


def marks_of(subject: str, facts: Sequence[Fact], cases: Mapping[str, Case | Kept], setting: Setting) -> Sequence[Mark]:
    """The marks of a subject. Raises KeyError for a policy that is not known yet."""
    kind, _, name = subject.partition(":")
    if kind == "lead":
        case = cases[subject]
        assert isinstance(case, Case)
        return lead_marks(case, setting)
    if kind == "submission":
        return submission_marks(name, facts, setting)
    if kind == "rollback":
        return rollback_marks(name, facts, setting)
    task = cases.get(subject)  # None: an opportunity, an activity, or a task that is gone
    return task_marks(task, setting) if isinstance(task, Kept) else ()


async def _facts_of(connection: asyncpg.Connection, subjects: Sequence[str]) -> dict[str, list[Fact]]:
    rows = await connection.fetch(
        "select subject, kind, id, at, body::text as body from fact where subject = any($1)", list(subjects)
    )
    return by_subject(rows)


def by_subject(rows: Iterable[Any]) -> dict[str, list[Fact]]:
    """Rows of facts, by their subject."""
    found: dict[str, list[Fact]] = defaultdict(list)
    for row in rows:
        found[row["subject"]].append(Fact(row["subject"], row["kind"], row["id"], row["at"], json.loads(row["body"])))
    return found


async def _cases(
    connection: asyncpg.Connection, subjects: Sequence[str], facts: Mapping[str, Sequence[Fact]]
) -> dict[str, Case | Kept]:
    """Leads with their contacts' records and later leads, and tasks."""
    contact_of = {
        one: anchor.text("contact") for one in subjects
        if one.startswith("lead:") and (anchor := anchor_of(facts.get(one, ()))) is not None
    }  # fmt: skip
    contacts = sorted(set(contact_of.values()) - {""})
    records, arrivals = defaultdict[str, list[Kept]](list), defaultdict[str, dict[str, datetime]](dict)
    for row in await connection.fetch("select *, body::text as told from record where contact_id = any($1)", contacts):
        records[row["contact_id"]].append(kept_of(row))
    for row in await connection.fetch(_CONTACTS, contacts):
        arrivals[row["contact"]][row["subject"]] = row["received"]
    tasks = [one for one in subjects if one.startswith("task:")]
    rows = await connection.fetch("select *, body::text as told from record where record_key = any($1)", tasks)
    cases: dict[str, Case | Kept] = {row["record_key"]: kept_of(row) for row in rows}
    for subject in subjects:
        if subject.startswith("lead:"):
            contact = contact_of.get(subject, "")
            cases[subject] = case_of(subject, facts.get(subject, ()), records[contact], arrivals[contact])
    return cases


def case_of(subject: str, facts: Sequence[Fact], records: Sequence[Kept], arrivals: Mapping[str, datetime]) -> Case:
    """The case of a lead; `arrivals` are those of all leads of its contact, by subject."""
    mine = arrivals.get(subject)
    later = (at for name, at in arrivals.items() if mine is not None and (at, name) > (mine, subject))
    ours = sorted(records, key=lambda one: one.record_key)
    return Case(subject.partition(":")[2], facts, ours, min(later, default=None))


class _Moved:
    """By how much sums move, by their place."""

    def __init__(self) -> None:
        self._sums: dict[tuple[Any, ...], list[int]] = {}

    def add(self, place: tuple[Any, ...], n: int, num: int, den: int) -> None:
        held = self._sums.setdefault(place, [0, 0, 0])
        held[0], held[1], held[2] = held[0] + n, held[1] + num, held[2] + den

    async def store(self, connection: asyncpg.Connection, add: str, clear: str) -> None:
        changed = sorted(place for place, held in self._sums.items() if any(held))
        if changed:
            columns = list(map(list, zip(*changed, strict=True)))
            await connection.execute(add, *columns, *([self._sums[place][at] for place in changed] for at in range(3)))
            await connection.execute(clear, *columns)


async def _replace(connection: asyncpg.Connection, marks: Mapping[str, Sequence[Mark]]) -> None:
    """Put new marks in the place of those before, and move the sums by the difference."""
    cells, briefs = _Moved(), _Moved()
    for row in await connection.fetch(_GONE, list(marks)):
        cells.add((row["metric"], row["day"], row["slice"], row["value"]), -1, -row["num"], -row["den"])
        place = (row["metric"], row["day"], row["queue"], row["label"], row["value"])
        briefs.add(place, -1, -row["num"], -row["den"])
    for one in (mark for held in marks.values() for mark in held):
        cells.add((one.metric, one.day, one.slice.id, one.value), 1, one.num, one.den)
        briefs.add((one.metric, one.day, one.slice.queue, one.slice.label, one.value), 1, one.num, one.den)
    await insert_marks(connection, marks)
    await cells.store(connection, _CELLS, _EMPTY_CELLS)
    await briefs.store(connection, _BRIEFS, _EMPTY_BRIEFS)


async def insert_marks(connection: asyncpg.Connection, marks: Mapping[str, Sequence[Mark]]) -> None:
    """Insert marks with their slices; those of the same subjects must not be there any more."""
    rows = [
        (subject, number, one.metric, one.case_id, one.day, one.slice.id, one.value, one.num, one.den, one.owner)
        for subject, held in marks.items()
        for number, one in enumerate(held)
    ]
    if not rows:
        return
    slices = sorted({(one.slice.id, *one.slice.values()) for held in marks.values() for one in held})
    await connection.execute(_SLICES, *map(list, zip(*slices, strict=True)))
    await connection.execute(_MARKS, *map(list, zip(*rows, strict=True)))


class Counting:
    """The background task that counts."""

    def __init__(self, pool: asyncpg.Pool, health: Health, at_once: int, wait_seconds: float) -> None:
        self._pool, self._health, self._wait = pool, health, wait_seconds
        self._counter = Recount(at_once)

    async def run(self) -> None:
        """Count until cancelled; while the database is away, wait."""
        while True:
            try:
                async with self._pool.acquire(timeout=10) as connection:
                    done = await self._counter.once(cast(asyncpg.Connection, connection))
                self._health.gone(NAME)
            except (Retryable, *DATABASE_AWAY) as error:
                self._health.trouble(NAME, type(error).__name__, beats=False)
                done = 0
            await asyncio.sleep(0 if done else self._wait)
