"""What records would be: asked of the index, with nothing stored by it."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest

import services.dedupe
from libs.runtime.database import migrate, open_pool
from libs.runtime.health import Health
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from services.dedupe.api import create_app
from services.dedupe.domain.records import Company, Contact
from services.dedupe.domain.records import Delta as IndexDelta
from services.dedupe.reading import ReadingIndex
from services.dedupe.store import PostgresIndex
from tests.services.dedupe.fakes import MemoryIndex, OnePolicy

TOKEN = "t" * 32
BASE = IndexDelta(
    contacts=(
        Contact(
            "ann", version=1, name="Ann Lee", phone="+4930901820", company_name="Acme GmbH", company_id="acme",
            fields={"email": "ann@acme.com", "name": "Ann Lee", "custom_id": "K-1"},
        ),
    ),
    companies=(
        Company("acme", version=1, name="Acme GmbH", country="DE", fields={"name": "Acme GmbH", "domain": "acme.com"}),
        Company("gamma", version=1, name="Gamma Robotics", fields={"name": "Gamma Robotics"}),
    ),
)  # fmt: skip


@pytest.fixture
async def memory() -> MemoryIndex:
    index = MemoryIndex()
    await index.save([BASE])
    return index


@pytest.fixture
async def postgres(database: str) -> AsyncIterator[Any]:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "dedupe", Path(services.dedupe.__file__).parent / "migrations")
    pool = await open_pool(settings, "dedupe")
    async with pool.acquire() as connection, connection.transaction():
        with bind(connection):  # type: ignore[arg-type]
            await PostgresIndex().save([BASE])
    yield ReadingIndex(pool, PostgresIndex())
    assert await rows(pool) == {"contact": 1, "company": 2, "lead": 0}
    await pool.close()


async def rows(pool: asyncpg.Pool) -> dict[str, int]:
    return {table: await pool.fetchval(f"select count(*) from {table}") for table in ("contact", "company", "lead")}


@pytest.fixture(params=["memory", "postgres"])
def reader(request: pytest.FixtureRequest) -> Any:
    return request.getfixturevalue(request.param)


@pytest.fixture
async def client(reader: Any) -> AsyncIterator[httpx.AsyncClient]:
    app = create_app(reader, OnePolicy(), TOKEN, Health())
    headers = {"Authorization": f"Bearer {TOKEN}"}
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://dedupe", headers=headers) as http:
        yield http


async def asked(client: httpx.AsyncClient, kind: str, *records: dict[str, Any]) -> list[dict[str, Any]]:
    answer = await client.post("/api/preview", json={"type": kind, "records": list(records)})
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["records"]
    return found


async def test_contacts(client: httpx.AsyncClient) -> None:
    same, by_id, similar, colleague, stranger, nobody = await asked(
        client, "contact",
        {"email": "ANN@acme.com", "name": "Ann Lee"}, {"custom_id": "K-1"},
        {"name": "Ann Lee", "phone": "+49 30 901820"}, {"email": "bo@acme.com", "name": "Bo Chen"},
        {"email": "cy@rival.com", "name": "Cy"}, {},
    )  # fmt: skip
    assert [one["verdict"] for one in (same, by_id, similar, colleague, stranger, nobody)] == [
        "duplicate", "duplicate", "ambiguous", "new", "new", "new",
    ]  # fmt: skip
    assert [one["candidates"][0]["record"]["id"] for one in (same, by_id, similar)] == ["ann", "ann", "ann"]
    assert all(part["weight"] is not None for part in similar["candidates"][0]["comparisons"])
    assert (colleague["company_id"], stranger["company_id"]) == ("acme", None)


async def test_companies(client: httpx.AsyncClient) -> None:
    same, by_site, named, similar, new = await asked(
        client, "company",
        {"name": "Whatever", "domain": "acme.com"}, {"name": "Acme", "website": "https://www.acme.com/de"},
        {"name": "ACME"}, {"name": "Gama Robotics", "domain": "gama.io"}, {"name": "Delta Foods", "domain": "delta.com"},
    )  # fmt: skip
    verdicts = [one["verdict"] for one in (same, by_site, named, similar, new)]
    assert verdicts == ["duplicate", "duplicate", "ambiguous", "ambiguous", "new"]
    assert named["candidates"][0]["record"]["id"] == "acme"


async def test_records_of_one_request_do_not_see_each_other(client: httpx.AsyncClient) -> None:
    twice = {"email": "dee@delta.com", "name": "Dee"}
    assert [one["verdict"] for one in await asked(client, "contact", twice, twice)] == ["new", "new"]


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b"{", 400), (b"[]", 422), (b'{"records": []}', 422), (b'{"type": "lead", "records": [{}]}', 422),
        (b'{"records": [{"email": ["x"], "name": 7, "phone": null}]}', 200), (b"{" + b" " * 1_100_000 + b"}", 413),
    ],
)  # fmt: skip
async def test_bodies(client: httpx.AsyncClient, body: bytes, status: int) -> None:
    assert (await client.post("/api/preview", content=body)).status_code == status
    assert (await client.post("/api/preview", content=body, headers={"Authorization": "x"})).status_code == 401
