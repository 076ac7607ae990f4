"""The index of a larger base: the true company is among the candidates, the candidates stay few, and no lookup scans a table.

How long it takes at a million contacts is a row of `signalbox bench`.
"""

from collections.abc import AsyncIterator
from random import Random

import asyncpg
import pytest

import services.dedupe.store as store
from bench.records import MadeCompany, asked_name, companies
from libs.identity.companies import company_key
from libs.runtime.state import bind
from services.dedupe.domain.blocking import company_blocks
from services.dedupe.domain.known import Wanted
from services.dedupe.domain.records import Company, Delta
from tests.services.dedupe.test_index import MIGRATIONS

COMPANIES, ASKED = 3_000, 400


@pytest.fixture
async def connection(database: str) -> AsyncIterator[asyncpg.Connection]:
    held = await asyncpg.connect(database)
    for file in sorted(MIGRATIONS.glob("*.sql")):
        await held.execute(file.read_text())
    yield held
    await held.close()


async def save(connection: asyncpg.Connection, made: list[Company]) -> None:
    async with connection.transaction():
        with bind(connection):
            await store.PostgresIndex().save([Delta(companies=(one,)) for one in made])


async def found(connection: asyncpg.Connection, name: str) -> list[str]:
    blocks = company_blocks(company_key(name))
    async with connection.transaction():
        with bind(connection):
            known = await store.PostgresIndex().known(Wanted(blocks=frozenset(("", block) for block in blocks)))
    return [one.company_id for one in known.companies_by_block(blocks)]


async def test_the_true_company_is_among_few_candidates(connection: asyncpg.Connection) -> None:
    firms = list(companies(COMPANIES, 2))
    await save(connection, [Company(one.id, name=one.name) for one in firms])
    random = Random(3)
    asked: list[tuple[MadeCompany, list[str]]] = []
    for _ in range(ASKED):
        firm = random.choice(firms)
        asked.append((firm, await found(connection, asked_name(random, firm.name))))
    assert sum(firm.id in ids for firm, ids in asked) / ASKED >= 0.97
    assert sum(len(ids) for _, ids in asked) / ASKED < 20


async def test_a_lookup_reads_the_keys_index_alone(connection: asyncpg.Connection) -> None:
    await save(connection, [Company(one.id, name=one.name) for one in companies(500, 2)])
    await connection.execute("vacuum analyze")
    plan = await connection.fetchval(
        "explain (format json) select h.number from unnest($1::bigint[]) as b(block) cross join lateral ("
        "select number from company_block where block = b.block limit 65) h",
        [1, 2, 3],
    )
    assert "Index Only Scan" in plan
    assert "Seq Scan" not in plan


async def test_a_changed_name_writes_only_what_changed(connection: asyncpg.Connection) -> None:
    acme = Company("acme", name="Acme Robotics", domains=("acme.com",))
    await save(connection, [acme])
    before = {tuple(row) for row in await connection.fetch("select xmin::text, block from company_block")}
    await save(connection, [Company("acme", name="Acme Robotics", domains=("acme.com",), country="US")])
    assert {tuple(row) for row in await connection.fetch("select xmin::text, block from company_block")} == before
    await save(connection, [Company("acme", name="Brivox", domains=("acme.com",))])
    assert await found(connection, "Brivax") == ["acme"]
    assert await found(connection, "Robotics") == []
    assert {row["block"] for row in await connection.fetch("select block from company_block")} == Company(
        "acme", name="Brivox", domains=("acme.com",)
    ).blocks()


async def test_a_company_that_is_gone_leaves_no_keys(connection: asyncpg.Connection) -> None:
    await save(connection, [Company("acme", name="Acme Robotics")])
    async with connection.transaction():
        with bind(connection):
            await store.PostgresIndex().save([Delta(gone=("acme",))])
    assert await connection.fetchval("select count(*) from company_block") == 0
    assert await connection.fetchval("select count(*) from company_number") == 0
