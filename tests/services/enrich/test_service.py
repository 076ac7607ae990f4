"""The three services are wired as the runtime starts them, against a real database."""

import pytest

from libs.contracts.topics import COMMANDS, LEAD_DEDUPED, LEAD_ENRICHED, RECORD_CHANGED
from libs.runtime.broker import Producer, RecordReader
from libs.runtime.commands import Commands
from libs.runtime.database import migrate, open_pool
from libs.runtime.health import Health
from libs.runtime.policies import PublishedPolicies
from libs.runtime.service import Definition, Resources, Service
from libs.runtime.settings import RuntimeSettings
from services.enrich.service import build
from services.enrich.store import RecordTable
from tests.services.enrich.test_records import CONTACT


@pytest.fixture
def told(database: str) -> RuntimeSettings:
    return RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)


async def test_enrich_starts_on_its_own_schema(told: RuntimeSettings) -> None:
    definition = Definition.of("enrich", build)
    await migrate(told, "enrich", definition.migrations)
    pool = await open_pool(told, "enrich")
    try:
        producer = Producer(told.kafka)
        resources = Resources(
            told, PublishedPolicies(), producer, RecordReader(told.kafka), Commands(producer, pool), Health(), pool
        )
        service: Service = build(resources)
        assert [(stage.name, stage.consumes, stage.stateful) for stage in service.stages] == [
            ("enrich", LEAD_DEDUPED, False),
            ("enrich.commands", COMMANDS["enrich"], True),
            ("enrich.records", RECORD_CHANGED, True),
        ]
        assert service.stages[0].produces == (LEAD_ENRICHED, COMMANDS["enrich"])
        assert (await RecordTable(pool).known([CONTACT])).fields(CONTACT) == {}
    finally:
        await pool.close()
