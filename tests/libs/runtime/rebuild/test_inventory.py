"""Every table of every service is rebuilt, or listed with the reason why not; and all that stages store is told."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from cli.rebuild import MODULES
from cli.topics import built
from libs.contracts.topics import FOREVER, LEAD_SCORED, SERVICES
from libs.runtime.database import migrate
from libs.runtime.rebuild.inventory import RUNTIME, Derived, Fold, Rebuild, inventories, schema_of
from libs.runtime.rebuild.target import columns_of, make, tables_of, use
from libs.runtime.settings import RuntimeSettings
from tests.paths import ROOT

ALL = inventories(MODULES)
NAMES = [one.service for one in ALL]


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection]:
    held = await asyncpg.connect(database)
    yield held
    await held.close()


def test_every_service_with_migrations_says_how_it_is_rebuilt() -> None:
    kept = {name for name in SERVICES if (ROOT / "services" / name / "migrations").is_dir()}
    assert set(NAMES) == kept


@pytest.mark.parametrize("rebuild", ALL, ids=NAMES)
async def test_every_table_is_derived_or_listed_with_a_reason(
    rebuild: Rebuild, database: str, connection: asyncpg.Connection
) -> None:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, rebuild.service, rebuild.migrations)
    assert set(await tables_of(connection, rebuild.service)) == rebuild.declared
    assert not set(rebuild.tables) & (set(rebuild.not_derived) | set(RUNTIME))
    assert all(len(reason) > 20 for reason in (*rebuild.not_derived.values(), *RUNTIME.values()))
    await use(connection, rebuild.service)
    for name, table in rebuild.tables.items():
        columns = {row["attname"] for row in await _attributes(connection, name)}
        assert table.query or set(table.key) <= columns, name
        assert set(table.without) <= columns, name
        assert all(table.without.values())
        assert bool(table.where) == bool(table.where_reason), name
        if table.kept:
            held = {column.name for column in await columns_of(connection, name)}
            assert held - set(table.without), f"{name} has nothing to compare"


async def _attributes(connection: asyncpg.Connection, table: str) -> list[asyncpg.Record]:
    return await connection.fetch(
        "select attname from pg_attribute where attrelid = to_regclass($1) and attnum > 0", f'"{table}"'
    )


async def test_a_new_table_without_an_entry_is_refused(connection: asyncpg.Connection, tmp_path: Path) -> None:
    (tmp_path / "0001.sql").write_text("create table known (id text primary key); create table surprise (id text);")
    rebuild = Rebuild("new", tmp_path, {"known": Derived(("id",))})
    with pytest.raises(LookupError, match=r"services/new/rebuild\.py says nothing of surprise"):
        await make(connection, "x_new", rebuild)


def test_only_topics_that_are_kept_for_ever_are_read() -> None:
    assert all(topic.retention_days == FOREVER for one in ALL for topic in one.topics)
    with pytest.raises(ValueError, match=r"lead\.scored\.v1 is not kept for ever"):
        Rebuild("new", ROOT, {}, folds=(Fold((LEAD_SCORED,), _nothing),))


async def _nothing(*_: object) -> None:
    """A fold that makes nothing."""


def test_every_stage_that_stores_something_tells_it() -> None:
    silent = [stage.name for one in built() for stage in one.stages if stage.stateful and stage.keeps is None]
    assert silent == ["enrich.records"], "its table is a fold of the topic that it reads"


@pytest.mark.parametrize("name", ["", "Live", "a-b", "pg_x", "x; drop schema dedupe", "a" * 31])
def test_a_target_that_is_no_name_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="no prefix"):
        schema_of(name, "dedupe")


def test_no_target_is_a_live_schema() -> None:
    assert not {schema_of(into, one) for into in ("x", "dedupe", "audit") for one in SERVICES} & set(SERVICES)
