"""The service's own database role can do all that its stages need, on migrations as the runtime applies them."""

from pathlib import Path

import services.dedupe.store as store
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from tests.services.dedupe.fakes import a_lead, changed
from tests.services.dedupe.running import Dedupe, run_batch
from tests.services.dedupe.test_versions import command, received


async def test_the_role_of_dedupe_may_do_its_work(database: str) -> None:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    assert "0001_index.sql" in await migrate(settings, "dedupe", Path(store.__file__).parent / "migrations")
    lead = a_lead("s1", email="ann@acme.com", company="Acme")
    events = (
        changed("contact", "ann", name="Ann Lee", email="ann@acme.com"),
        received(lead),
        command(lead, "unlink", record_id="ann"),
        changed("contact", "ann", 2),
    )
    real = Dedupe(store.PostgresIndex())  # type: ignore[arg-type]
    async with await open_pool(settings, "dedupe", size=1) as pool:
        for event in events:
            async with pool.acquire() as connection, connection.transaction():
                with bind(connection):  # type: ignore[arg-type]
                    await run_batch(real.stages[type(event)], [event])
        assert await pool.fetchval("select count(*) from contact_link") == 2
