"""The made log is a log: its columns say what its bytes say, records are found by their names, and it is made once."""

from collections.abc import AsyncIterator
from random import Random

import asyncpg
import pytest

from bench.asked.store import PER_RECORD, Made, made_log
from bench.rows.asked import Asker
from libs.runtime.database import open_pool
from libs.runtime.keys import NoKeys
from libs.runtime.settings import RuntimeSettings
from services.audit.answers import Answers
from services.audit.api import BEGINNING
from services.audit.domain.query import ChangeQuery
from services.audit.domain.row import COLUMNS, differing_columns, read_change

CHANGES = 20_000


@pytest.fixture
async def made(settings: RuntimeSettings) -> AsyncIterator[Made]:
    yield await made_log(settings, CHANGES, lambda _: None)
    server = await asyncpg.connect(settings.database_url)
    await server.execute(f"drop database asked_{CHANGES} with (force)")
    await server.close()


@pytest.fixture
async def pool(made: Made) -> AsyncIterator[asyncpg.Pool]:
    pool = await open_pool(made.settings, "audit")
    yield pool
    await pool.close()


async def test_a_made_log_is_read_and_asked_as_any_other(made: Made, pool: asyncpg.Pool) -> None:
    rows = await pool.fetch("select * from change where seq % 20 = 0")
    assert len(rows) == CHANGES // 20
    for row in rows:
        headers = (("ce_id", row["ce_id"].encode()), ("ce_schemaversion", row["schema_version"].encode()))
        assert differing_columns({name: row[name] for name in COLUMNS}, read_change(row["bytes"], headers, None)) == []
    indexes = "select count(*) from pg_indexes where schemaname = 'audit' and tablename = $1"
    assert await pool.fetchval(indexes, "change_2026_03") == await pool.fetchval(indexes, "change") > 10

    answers, asker = Answers(pool, CHANGES, NoKeys()), Asker(CHANGES, Random(1))
    sizes = [len(await answers.timeline(asker.record(), None, CHANGES, BEGINNING)) for _ in range(100)]
    assert sum(size > 0 for size in sizes) > 70
    assert max(sizes) > 10 * PER_RECORD
    found = dict.fromkeys(asker.questions(), 0)
    for _ in range(20):
        for name, asked in asker.questions().items():
            found[name] += len((await answers.changes(ChangeQuery(**asked), None, 100))[0])
    assert [name for name, count in found.items() if not count and name != "workflow version"] == []

    assert (await made_log(made.settings, CHANGES, lambda _: None)).seconds == 0.0
