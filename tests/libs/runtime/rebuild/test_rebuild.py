"""A whole rebuild on the real broker: what stages told becomes tables again, beside the live ones, and twice the same."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
import pytest

import services.fetch.service as fetch_service
from libs.contracts.change import Actor, RecordRef
from libs.contracts.codec import encode
from libs.contracts.events import Command, RecordChanged
from libs.contracts.fetch import FetchOrder
from libs.contracts.keys import key_of
from libs.contracts.topics import COMMANDS, RECORD_CHANGED
from libs.runtime.database import migrate, open_pool
from libs.runtime.rebuild.hashes import SETTINGS, compared, hashed
from libs.runtime.rebuild.inventory import inventories
from libs.runtime.rebuild.runner import Order, RebuildError, Step, rebuilt
from libs.runtime.rebuild.target import TargetError
from libs.runtime.settings import RuntimeSettings
from libs.runtime.stage import keeping
from services.fetch.rows import rows_of
from services.fetch.stage import CALLED, FETCH, commands_stage
from services.fetch.store import PostgresWanted
from tests.libs.runtime import harness

MODULES = ("services.fetch.rebuild", "services.enrich.rebuild")
AT = datetime(2026, 5, 4, 14, 22, tzinfo=UTC)
FETCH_SERVICE, ENRICH = inventories(MODULES)


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection]:
    held = await asyncpg.connect(database)
    await held.execute(SETTINGS)
    yield held
    await held.close()


def order_of(settings: RuntimeSettings, into: str, *, replace: bool = False) -> Order:
    return Order(settings.kafka, settings.database_url, into, MODULES, replace, workers=2)


def silent(_: Step) -> None:
    """Nobody looks."""


def wanted(prefix: str, number: int) -> list[Command]:
    """Asks for an object, which the provider turns out to have lost."""
    order = FetchOrder(provider="meta", source="facebook", object_id=f"{prefix}{number}", trust="signed")
    told = {"key": order.submission_id, "actor": Actor(kind="rule", id="test"), "target": "fetch"}
    failed = {"result": None, "error": "gone"}
    ids = [f"{prefix}-{number}-{name}" for name in (FETCH, CALLED)]
    return [
        Command(event_id=ids[0], command_id=ids[0], name=FETCH, arguments=order.model_dump(mode="json"), **told),
        Command(event_id=ids[1], command_id=ids[1], name=CALLED, arguments=failed, **told),
    ]


@pytest.fixture
async def live(settings: RuntimeSettings, tmp_path: Path) -> int:
    """Live schemas after a stage has worked; returns how many objects it was asked for."""
    folder = Path(fetch_service.__file__).parent / "migrations"
    await migrate(settings, "fetch", folder)
    commands = [one for number in range(20) for one in wanted(tmp_path.name, number)]
    async with await open_pool(settings, "fetch") as pool:
        stages = keeping(rows_of, commands_stage(PostgresWanted()))
        async with harness.running(settings, stages, pools={"fetch": pool}):
            await harness.send_records(
                settings.kafka, [encode(COMMANDS["fetch"], one, key_of(one), source="test") for one in commands]
            )
            mine = {one.event_id for one in commands}
            await harness.until(settings.kafka, "state.stored.v1", lambda one: one.caused_by in mine, len(commands))
    return 20


async def test_it_is_what_the_live_state_is_and_twice_the_same(
    settings: RuntimeSettings, connection: asyncpg.Connection, live: int
) -> None:
    for into in ("one", "two"):
        found = await rebuilt(order_of(settings, into), silent)
        assert (found.unreadable, found.blocked) == (0, ())
        assert found.events >= 2 * live
    left = await hashed(connection, FETCH_SERVICE, "fetch")
    assert left.tables[0].rows >= live
    for into in ("one", "two"):
        assert (await hashed(connection, FETCH_SERVICE, f"{into}_fetch")).hash == left.hash
    await connection.execute(
        "update two_fetch.wanted set reason = 'x' where key = (select min(key) from two_fetch.wanted)"
    )
    await connection.execute("delete from two_fetch.wanted where key = (select max(key) from two_fetch.wanted)")
    sides = await compared(connection, FETCH_SERVICE, "fetch", "two_fetch")
    assert not sides.equal
    assert {(one.columns, one.only) for one in sides.differences} == {(("reason",), ""), ((), "fetch")}


async def test_the_newest_record_counts_whatever_came_before(
    settings: RuntimeSettings, connection: asyncpg.Connection, tmp_path: Path
) -> None:
    def event(version: int, name: str | None) -> RecordChanged:
        fields = None if name is None else {"name": name}
        return RecordChanged(
            event_id=f"{tmp_path.name}{version}", record=RecordRef(type="company", id=tmp_path.name), version=version,
            fields=fields, actor=Actor(kind="rule", id="x"), decided_at=AT,
        )  # fmt: skip

    await harness.send(settings.kafka, RECORD_CHANGED, [event(1, "a"), event(3, "c"), event(2, "b")])
    await rebuilt(order_of(settings, "one"), silent)
    row = await connection.fetchrow(
        "select version, fields ->> 'name' as name from one_enrich.record where id = $1", tmp_path.name
    )
    assert row is not None
    assert (row["version"], row["name"]) == (3, "c")


async def test_nothing_that_is_there_is_written_over(settings: RuntimeSettings, connection: asyncpg.Connection) -> None:
    await connection.execute("create schema mine_fetch; create table mine_fetch.wanted (kept int)")
    for replace in (False, True):
        with pytest.raises(TargetError, match="mine_fetch hold something that no rebuild made"):
            await rebuilt(order_of(settings, "mine", replace=replace), silent)
    await rebuilt(order_of(settings, "ours"), silent)
    with pytest.raises(TargetError, match="ours_enrich, ours_fetch hold an earlier rebuild"):
        await rebuilt(order_of(settings, "ours"), silent)
    await rebuilt(order_of(settings, "ours", replace=True), silent)
    assert (
        await connection.fetchval("select count(*) from information_schema.columns where table_schema = 'mine_fetch'")
        == 1
    )


async def test_a_process_that_fails_ends_it_with_the_reason(settings: RuntimeSettings) -> None:
    order = Order(settings.kafka, settings.database_url, "one", ("tests.libs.runtime.rebuild.failing",), workers=1)
    with pytest.raises(RebuildError, match=r"EgressError.*calls out are blocked"):
        await rebuilt(order, silent)
