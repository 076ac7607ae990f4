"""Audit's own schema in a real Postgres, with its migrations and its role."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import cast

import asyncpg
import pytest

import services.audit
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings

MIGRATIONS = Path(services.audit.__file__).parent / "migrations"


@asynccontextmanager
async def batch(pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """One transaction, as the runtime opens it around a batch."""
    async with pool.acquire() as connection, connection.transaction():
        yield cast(asyncpg.Connection, connection)


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections of the service's role to its migrated schema."""
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "audit", MIGRATIONS)
    pool = await open_pool(settings, "audit")
    yield pool
    await pool.close()


@pytest.fixture
async def owner(database: str, pool: asyncpg.Pool) -> AsyncIterator[asyncpg.Connection]:
    """The superuser that a tamperer may be."""
    connection = await asyncpg.connect(database, server_settings={"search_path": "audit, public"})
    yield connection
    await connection.close()
