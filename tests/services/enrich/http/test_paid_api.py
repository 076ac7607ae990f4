"""APIs that the policy describes, and what the HTTP side keeps: real sockets, a real database."""

import asyncio
import base64
import json
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import services.enrich
from libs.runtime.database import migrate, open_pool
from libs.runtime.health import Health
from libs.runtime.settings import RuntimeSettings
from services.enrich.connectors.paid_api import PaidApi
from services.enrich.domain.findings import Finding
from services.enrich.domain.proof import proven
from services.enrich.http.settings import SecretsFileError, read_secrets
from services.enrich.http.store import AnswerTable, Cache, SpendTable
from tests.services.enrich.http.serving import NOW, Kept, Web, api_of, web
from tests.services.enrich.makers import POLICY, a_lead

PATH = "/v2?domain=acme.de"
FIELDS = {
    "employees": {"path": "company.size", "confidence": 0.9},
    "industry": {"path": "company.tags.0", "values": {"Fintech": "financial_services"}},
    "tech_stack": {"path": "tech"},
    "city": {"path": "company"},
    "country": {"path": "company.nowhere.0.x"},
}
BODY = json.dumps(
    {"company": {"size": "1,200", "tags": ["Fintech"]}, "tech": ["Kafka", "Post\u202egres", 7, None]}, indent=1
)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "enrich", Path(services.enrich.__file__).parent / "migrations")
    opened = await open_pool(settings, "enrich")
    yield opened
    await opened.close()


async def asked(api: PaidApi, domain: str = "acme.de") -> dict[str, Finding]:
    [findings] = await api.answer([{"domain": domain}])
    return {one.field: one for one in findings}


async def told(server: Web, **more: Any) -> tuple[str, str]:
    """The one outcome and reason of all fields."""
    [only] = {
        (one.outcome, one.reason) for one in (await asked(api_of(server, more.pop("rules", {}), **more))).values()
    }
    return only


async def test_values_are_mapped_with_the_fragment_that_says_so() -> None:
    async with web() as server:
        server.page(PATH, BODY, content_type="application/json")
        found = await asked(api_of(server, {"fields": FIELDS}))
    assert {name: one.value for name, one in found.items() if one.outcome == "found"} == {
        "employees": 1200, "industry": "financial_services", "tech_stack": ["Kafka", "Postgres", "7"],
    }  # fmt: skip
    assert found["employees"].evidence[0].quote == '"size": "1,200"'
    assert found["employees"].evidence[0].where.endswith("/v2?domain=acme.de#company.size")
    assert found["city"].reason == "what the answer holds at company is no value for city"
    assert found["country"].reason == "the answer holds nothing at company.nowhere.0.x"
    assert all(proven(one) == one for one in found.values())


@pytest.mark.parametrize(
    ("auth", "header"),
    [
        ({"kind": "bearer"}, "authorization: Bearer s3cret"), ({"kind": "header", "name": "X-Key"}, "X-Key: s3cret"),
        ({"kind": "basic", "name": "me"}, "authorization: Basic " + base64.b64encode(b"me:s3cret").decode()),
        ({"kind": "query", "name": "key"}, "GET /v2?domain=acme.de&key=s3cret"),
    ],
)  # fmt: skip
async def test_secrets_are_sent_and_never_told(auth: dict[str, str], header: str) -> None:
    async with web() as server:
        for path in (PATH, PATH + "&key=s3cret"):
            server.page(path, json.dumps({"company": {"size": 5, "echo": "s3cret"}}))
        fields = {"employees": {"path": "company.size"}, "description": {"path": "company.echo"}}
        api = api_of(server, {"auth": {**auth, "secret": "it"}, "fields": fields}, secrets={"it": "s3cret"})
        found = await asked(api)
        assert header in server.heads[0]
    assert found["employees"].value == 5
    assert "s3cret" not in repr(found)
    assert "repeats a secret" in found["description"].reason


async def test_a_secret_that_is_missing_or_refused_is_a_warning() -> None:
    health, rules = Health(), {"auth": {"kind": "bearer", "secret": "it"}}
    async with web() as server:
        assert await told(server, rules=rules, health=health) == ("unavailable", "the settings hold no secret named it")
        assert server.heads == []
        server.page(PATH, status=401)
        assert await told(server, rules=rules, health=health, secrets={"it": "x"}) == (
            "unavailable", "it refuses the secret (HTTP 401)",
        )  # fmt: skip
        assert health.warnings() == {"enrich clearfirm": "it refuses the secret (HTTP 401)"}
        server.page(PATH, "{}")
        await told(server, rules=rules, health=health, secrets={"it": "x"})
    assert health.warnings() == {}


@pytest.mark.parametrize(
    ("status", "body", "outcome", "reason"),
    [
        (404, "", "nothing", "it knows nothing (HTTP 404)"), (500, "", "unavailable", "it fails with HTTP 500"),
        (400, "", "unavailable", "it does not take the question (HTTP 400)"),
        (200, "<html>", "unavailable", "its answer is no JSON"),
        (200, "[" * 100_000, "unavailable", "its answer is no JSON"),
        (200, "[1]", "nothing", "the answer holds nothing at company.size"),
        (200, '"' + "x" * 1_200_000 + '"', "unavailable", "its answer is larger than 1000000 bytes"),
    ],
)  # fmt: skip
async def test_answers_that_are_none(status: int, body: str, outcome: str, reason: str) -> None:
    async with web() as server:
        server.page(PATH, body, status)
        assert await told(server) == (outcome, reason)


async def test_who_asks_to_wait_is_left_alone_and_who_fails_too() -> None:
    async with web() as server:
        server.page(PATH, status=429, retry_after="120")
        api = api_of(server, {})
        assert {one.reason for one in (await asked(api)).values()} == {"it asks to wait 120 s (HTTP 429)"}
        assert "not asked more often" in (await asked(api))["employees"].reason
        assert len(server.heads) == 1
        server.page(PATH, status=503)
        failing = api_of(server, {"per_second": 100})
        for _ in range(6):
            last = await asked(failing)
    assert len(server.heads) == 4
    assert "left alone" in last["employees"].reason


async def test_a_redirect_takes_no_secret_to_another_host() -> None:
    async with web() as server, web() as other:
        other.page("/x", '{"company": {"size": 3}}')
        server.page(PATH, status=302, location=f"http://127.0.0.1:{other.port}/x")
        api = api_of(server, {"auth": {"kind": "header", "name": "X-Key", "secret": "it"}}, secrets={"it": "s3cret"})
        assert (await asked(api))["employees"].value == 3
        assert "s3cret" not in other.heads[0]


async def test_caps_hold_over_restarts_and_workers(pool: asyncpg.Pool) -> None:
    health = Health()
    rules = {"cost": 0.1, "daily_cap": 0.35, "monthly_cap": 0.4, "per_second": 100, "keep_days": 1}
    async with web() as server:
        for number in range(10):
            server.page(f"/v2?domain=d{number}.de", '{"company": {"size": 5}}')
        workers = [api_of(server, rules, purse=SpendTable(pool), health=health) for _ in range(5)]
        said = await asyncio.gather(*(asked(workers[n % 5], f"d{n}.de") for n in range(10)))
        outcomes = sorted(one["employees"].outcome for one in said)
        assert outcomes == ["found"] * 3 + ["unavailable"] * 7
        assert len(server.heads) == 3
        assert health.warnings()["enrich clearfirm"] == "the daily cap of 0.35 is reached; a call costs 0.1"
        tomorrow = api_of(server, rules, purse=SpendTable(pool), now=lambda: NOW + timedelta(days=1))
        assert (await asked(tomorrow, "d1.de"))["employees"].outcome == "found"
        last = (await asked(tomorrow, "d2.de"))["employees"]
    assert last.reason == "the monthly cap of 0.4 is reached; a call costs 0.1"
    assert {row["period"]: float(row["spent"]) for row in await pool.fetch("select * from http_spend")} == {
        "2026-11-20": 0.3, "2026-11-21": 0.1, "2026-11": 0.4,
    }  # fmt: skip


async def test_a_call_that_was_not_made_costs_nothing(pool: asyncpg.Pool) -> None:
    purse = SpendTable(pool)
    nobody = api_of(Web(port=1), {"cost": 1.0, "daily_cap": 5}, purse=purse)
    assert (await asked(nobody))["employees"].outcome == "unavailable"
    assert await pool.fetchval("select sum(spent) from http_spend") == 0
    assert await purse.spend("a", 6.0, {"2026-11-20": 5.0}) == "2026-11-20"


@pytest.mark.parametrize("kind", ["memory", "table"])
async def test_what_is_kept_counts_until_it_expires(kind: str, pool: asyncpg.Pool) -> None:
    cache: Cache = Kept() if kind == "memory" else AnswerTable(pool)
    assert await cache.get("p", "q", NOW) is None
    await cache.put("p", "q", {"a": [1, "ü"]}, NOW, timedelta(days=1))
    assert await cache.get("p", "q", NOW + timedelta(hours=23)) == {"a": [1, "ü"]}
    assert await cache.get("p", "q", NOW + timedelta(hours=24)) is None
    assert await cache.get("other", "q", NOW) is None
    await cache.put("p", "q", [], NOW + timedelta(days=2), timedelta(days=1))
    assert await cache.get("p", "q", NOW + timedelta(days=2)) == []


async def test_an_answer_is_paid_once_while_it_counts(pool: asyncpg.Pool) -> None:
    async with web() as server:
        server.page(PATH, '{"company": {"size": 5}}')
        for _ in range(3):
            found = await asked(api_of(server, {}, cache=AnswerTable(pool)))
        other = await asked(
            api_of(server, {"fields": {"employees": {"path": "company.staff"}}}, cache=AnswerTable(pool))
        )
    assert found["employees"].value == 5
    assert other["employees"].outcome == "nothing", "another mapping is another question"
    assert len(server.heads) == 2


def test_what_it_is_asked_about() -> None:
    api = api_of(Web(port=1), {"url": "http://api.example/{domain}/{email}"})
    assert api.inputs(a_lead({"email": "ann@mail.acme.de"}), POLICY) == {
        "domain": "acme.de",
        "email": "ann@mail.acme.de",
    }
    assert api.inputs(a_lead({"email": "ann@gmail.com"}), POLICY) == {}


def test_secrets_on_disk(tmp_path: Path) -> None:
    path = tmp_path / "enrich.json"
    assert read_secrets(path) == {}
    path.write_text('{"it": "s3cret"}')
    path.chmod(0o644)
    with pytest.raises(SecretsFileError, match="chmod 600"):
        read_secrets(path)
    path.chmod(0o600)
    assert read_secrets(path) == {"it": "s3cret"}
    for text in ("{", '{"it": 7}', '{"it": ""}'):
        path.write_text(text)
        with pytest.raises(SecretsFileError) as failed:
            read_secrets(path)
        assert "s3cret" not in str(failed.value)
