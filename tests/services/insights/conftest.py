"""Insights' own schema in a real Postgres, with its migrations and its role."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

import services.insights
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings

MIGRATIONS = Path(services.insights.__file__).parent / "migrations"


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    """Connections of the service's role to its migrated schema."""
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "insights", MIGRATIONS)
    pool = await open_pool(settings, "insights")
    yield pool
    await pool.close()
