"""Rows that were told, in whatever order their records come: the newest of each key counts, and what is gone is gone."""

import random
from collections.abc import AsyncIterator, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from bench.samples import Held
from libs.contracts.change import Actor
from libs.contracts.codec import Encoded
from libs.contracts.events import Command
from libs.contracts.outcome import Outcome
from libs.contracts.topics import COMMANDS, STATE_STORED
from libs.runtime.kept import SEQ, kept_records
from libs.runtime.rebuild.inventory import Derived, Rebuild
from libs.runtime.rebuild.loading import Loader, UntoldError
from libs.runtime.rebuild.target import finish, make
from libs.runtime.rows import Gone, Kept, Row
from libs.runtime.stage import Stage

AT = datetime(2026, 5, 4, 14, 22, 0, 123456, UTC)
SQL = """
create table thing (id text primary key, n int not null, at timestamptz, data jsonb, raw bytea, tags text[],
                    later text not null default 'as before', number bigint generated always as identity);
create index thing_n on thing (n);
create table part (id text references thing, line int, best text not null default '', primary key (id, line));
"""


async def nothing(_: object) -> None:
    """Facts, and what is saved, of a stage that only tells."""


def tells(rows: object) -> Sequence[Kept]:
    return rows  # type: ignore[return-value]


STAGE: Stage[Any, Any] = Stage(
    "thing.stage", "thing", "1", COMMANDS["fetch"], (), nothing, lambda *_: Outcome(), save=nothing, keeps=tells
)


def told(number: int, *rows: Kept) -> list[Encoded]:
    """The records of one outcome with its number, as the runtime sends them."""
    cause = Command(event_id=f"c{number}", name="x", key="x", actor=Actor(kind="rule", id="x"))
    records = kept_records(STAGE, cause, Outcome(state=rows), AT, "")
    return [Encoded(one.topic, one.key, one.value, (*one.headers, (SEQ, b"%d" % number))) for one in records]


def thing(name: str, n: int, **more: Any) -> Row:
    return Row("thing", {"id": name, "n": n, **more}, f"contact:{name}")


@pytest.fixture
async def target(database: str, tmp_path: Path) -> AsyncIterator[tuple[Rebuild, asyncpg.Connection, list[str]]]:
    (tmp_path / "0001.sql").write_text(SQL)
    tables = {"thing": Derived(("id",)), "part": Derived(("id", "line"), gone_by=("id",), greatest=("best",))}
    rebuild = Rebuild("thing", tmp_path, tables)
    connection = await asyncpg.connect(database)
    yield rebuild, connection, await make(connection, "x_thing", rebuild)
    await connection.close()


async def load(connection: asyncpg.Connection, rebuild: Rebuild, records: list[Encoded]) -> Loader:
    loader = Loader()
    await loader.add(rebuild, connection)
    random.Random(1).shuffle(records)
    held = [Held(STATE_STORED.name, 0, place, one.key, one.value, one.headers) for place, one in enumerate(records)]
    for start in range(0, len(held), 3):
        await loader.load(held[start : start + 3])  # type: ignore[arg-type]
    return loader


Target = tuple[Rebuild, asyncpg.Connection, list[str]]


async def test_the_newest_row_of_each_key_counts(target: Target) -> None:
    rebuild, connection, indexes = target
    whole = thing(
        "a",
        2,
        at=AT,
        data='{"x": [1, "é\\u0000"]}'.replace("\\u0000", ""),
        raw=b'{"q": "\\\\"}',
        tags=["b", "a"],
    )
    records = [
        *told(1, thing("a", 1), thing("b", 1), thing("c", 1)),
        *told(2, Gone("thing", {"id": "b"}), whole),
        *told(3, Gone("thing", {"id": "c"}), thing("c", 3, later="new")),
        *told(12, Row("part", {"id": "a", "line": 1, "best": "5"}), Row("part", {"id": "a", "line": 2, "best": "1"})),
        *told(9, Row("part", {"id": "a", "line": 1, "best": "7"}), Row("part", {"id": "c", "line": 1, "best": "1"})),
        *told(10, Gone("part", {"id": "c"})),
    ]
    loader = await load(connection, rebuild, records)
    await finish(connection, "x_thing", rebuild, indexes, durable=True)
    assert loader.unreadable == 0
    rows = {row["id"]: dict(row) for row in await connection.fetch("select * from thing")}
    assert rows.keys() == {"a", "c"}
    assert {**rows["a"], "number": 0} == {
        "id": "a", "n": 2, "at": AT, "data": '{"x": [1, "é"]}', "raw": whole.values["raw"], "tags": ["b", "a"],
        "later": "as before", "number": 0,
    }  # fmt: skip
    assert (rows["c"]["n"], rows["c"]["later"]) == (3, "new")
    parts = await connection.fetch("select id, line, best from part order by 1, 2")
    assert [tuple(row) for row in parts] == [("a", 1, "7"), ("a", 2, "1")], "best never goes back; c's parts are gone"
    made = await connection.fetch(
        "select indexname from pg_indexes where schemaname = 'x_thing' and tablename = 'thing'"
    )
    assert {"thing_n", "thing_pkey"} == {row["indexname"] for row in made}
    references = await connection.fetchval("select count(*) from pg_constraint where contype = 'f'")
    assert references == 1


async def test_damaged_records_are_counted_and_others_services_are_left_alone(target: Target) -> None:
    rebuild, connection, _ = target
    damaged = told(1, thing("a", 1))[0]
    unnumbered = Encoded(damaged.topic, damaged.key, damaged.value, damaged.headers[:-1])
    bare = Encoded(damaged.topic, damaged.key, b"{}", damaged.headers)
    loader = await load(connection, rebuild, [unnumbered, bare])
    assert loader.unreadable == 2
    assert await connection.fetchval('select count(*) from "staged_thing"') == 0


@pytest.mark.parametrize("row", [Row("nowhere", {"id": "a"}), Row("thing", {"id": "a", "n": 1, "dropped": 2})])
async def test_rows_that_nobody_knows_stop_it(target: Target, row: Row) -> None:
    rebuild, connection, _ = target
    with pytest.raises(UntoldError, match="thing stored rows of"):
        await load(connection, rebuild, told(1, row))
