"""A real broker and a real database for the tests that ask for one; never skipped, never shared with another run."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import asyncpg
import pytest
from hypothesis import settings as hypothesis_settings

from embedded.plan import Addresses
from embedded.testing import infrastructure
from libs.contracts.ids import derived_id
from libs.runtime.broker import ensure_topics
from libs.runtime.settings import RuntimeSettings

hypothesis_settings.register_profile("signalbox", hypothesis_settings(), deadline=None)
hypothesis_settings.load_profile("signalbox")
"""No deadline: a busy machine is no failure. What hypothesis sets by itself in CI (the same examples each time) stays."""


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Addresses]:
    """Kafka and Postgres for the whole session."""
    with infrastructure(tmp_path_factory.mktemp("servers")) as addresses:
        yield addresses


@pytest.fixture(scope="session")
def kafka(servers: Addresses) -> str:
    """Bootstrap address of a broker that has all topics."""
    settings = RuntimeSettings(kafka=servers.kafka, database_url="-", tenant_secret="0" * 64, api_token="0" * 32)
    asyncio.new_event_loop().run_until_complete(ensure_topics(settings))
    return servers.kafka


@pytest.fixture
async def database(servers: Addresses, request: pytest.FixtureRequest) -> AsyncIterator[str]:
    """URL of an empty database of the test's own, with the rights to make schemas and roles."""
    name = "t_" + derived_id(request.node.nodeid).replace("-", "")
    connection = await asyncpg.connect(servers.database_url)
    await connection.execute(f"drop database if exists {name} with (force)")
    await connection.execute(f"create database {name}")
    parts = urlsplit(servers.database_url)
    yield urlunsplit((parts.scheme, parts.netloc, f"/{name}", parts.query, ""))
    await connection.execute(f"drop database if exists {name} with (force)")
    await connection.close()


@pytest.fixture
def settings(kafka: str, database: str, tmp_path: Path) -> RuntimeSettings:
    """Settings of a service of this test: its own database, data folder and transactional ids."""
    return RuntimeSettings(
        kafka=kafka,
        database_url=database,
        data=tmp_path,
        tenant_secret="1" * 64,
        api_token="2" * 32,
        env=tmp_path.name,
    )
