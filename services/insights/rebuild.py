"""How the numbers are made anew: facts by the sink's own writer from topics that are kept for ever, then all of them counted."""

from collections import defaultdict
from collections.abc import AsyncIterator
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Any

import asyncpg

from libs.runtime.rebuild.inventory import Derived, Fold, Rebuild
from services.insights.counting import Recount, by_subject, case_of, insert_marks, marks_of
from services.insights.domain.changes import Kept
from services.insights.domain.facts import Fact
from services.insights.domain.lead_marks import Case, anchor_of
from services.insights.domain.marks import Mark
from services.insights.sink import TOPICS, fact_writer, kept_of

AT_ONCE = 2000
_CELLS = "insert into cell select metric, day, slice, value, count(*), sum(num), sum(den) from mark group by 1, 2, 3, 4"
_BRIEFS = (
    "insert into brief select metric, day, queue, label, value, sum(n), sum(num), sum(den) from cell join slice using (slice) "
    "group by 1, 2, 3, 4, 5"
)
_STANDS = (
    "(split_part(subject, ':', 1) not in ('lead', 'submission') or subject in "
    "(select subject from {schema}.fact where kind in ('route', 'given_up', 'submission')))"
)


async def finish(connection: asyncpg.Connection) -> None:
    """Count everything there are facts of. Without a policy nothing is counted, as it is not in a service without one."""
    setting = await Recount(AT_ONCE).setting(connection)
    await connection.execute("delete from dirty")
    if setting is None:
        return
    records, arrivals = await _records(connection), await _arrivals(connection)
    async for facts in _pages(connection):
        marks: dict[str, Any] = {}
        for subject, held in facts.items():
            anchor = anchor_of(held)
            contact = anchor.text("contact") if anchor else ""
            case: Case | Kept = case_of(subject, held, records.get(contact, ()), arrivals.get(contact, {}))
            marks[subject] = marks_of(subject, held, {subject: case}, setting)
        await insert_marks(connection, marks)
    tasks = {one.record_key: one for held in records.values() for one in held if one.record_key.startswith("task:")}
    told: dict[str, list[Mark]] = {key: list(marks_of(key, (), {key: one}, setting)) for key, one in tasks.items()}
    await insert_marks(connection, told)
    await connection.execute(_CELLS)
    await connection.execute(_BRIEFS)


async def _pages(connection: asyncpg.Connection) -> AsyncIterator[dict[str, list[Fact]]]:
    """All facts, some subjects at a time and each subject whole."""
    cursor = await connection.cursor(
        "select subject, kind, id, at, body::text as body from fact order by subject, kind, id"
    )
    rest: list[Any] = []
    while rows := await cursor.fetch(AT_ONCE * 10):
        rest += rows
        groups = [list(held) for _, held in groupby(rest, key=lambda row: row["subject"])]
        rest = groups.pop()
        yield by_subject(row for held in groups for row in held)
    yield by_subject(rest)


async def _records(connection: asyncpg.Connection) -> dict[str, list[Kept]]:
    found = defaultdict[str, list[Kept]](list)
    for row in await connection.fetch("select *, body::text as told from record"):
        found[row["contact_id"]].append(kept_of(row))
    return found


async def _arrivals(connection: asyncpg.Connection) -> dict[str, dict[str, datetime]]:
    found = defaultdict[str, dict[str, datetime]](dict)
    rows = await connection.fetch(
        "select subject, body ->> 'contact' as contact, (body ->> 'received')::timestamptz as received from fact "
        "where kind = 'route' and body ->> 'contact' <> ''"
    )
    for row in rows:
        found[row["contact"]][row["subject"]] = row["received"]
    return found


REBUILD = Rebuild(
    "insights",
    Path(__file__).parent / "migrations",
    {
        "fact": Derived(
            ("subject", "kind", "id"), kept=False, where=_STANDS,
            where_reason="of people who were erased some events are of nobody's key, such as clocks; nothing is counted of them",
        ),
        "record": Derived(("record_key",), kept=False),
        "held": Derived(("record_key", "field"), kept=False),
        "policy": Derived(
            ("policy_hash",), kept=False, without={"kafka_offset": "of a policy that was published twice only the order counts"}
        ),
        "zone": Derived(("one",), kept=False),
        "mark": Derived(("subject", "number"), kept=False),
        "cell": Derived(("metric", "day", "slice", "value"), kept=False),
        "brief": Derived(("metric", "day", "queue", "label", "value"), kept=False),
        "slice": Derived(
            ("slice",), kept=False, where="slice in (select slice from {schema}.mark)",
            where_reason="a slice that nothing is in any more says nothing",
        ),
    },
    not_derived={"dirty": "what is still to be counted in this database: a rebuild counts all of it at once"},
    finish=finish,
    folds=(Fold(TOPICS, sealed=fact_writer),),
)  # fmt: skip
