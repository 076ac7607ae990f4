"""The service's own database role can do all that its stages need, on migrations as the runtime applies them."""

from pathlib import Path

import services.router.store as store
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from tests.services.router.fakes import a_lead, member
from tests.services.router.running import Router, route_of, run_batch, scored


async def test_the_role_of_the_router_may_do_its_work(database: str) -> None:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    assert "0001_routing.sql" in await migrate(settings, "router", Path(store.__file__).parent / "migrations")
    real = Router(state=store.PostgresState())
    async with await open_pool(settings, "router", size=1) as pool:
        for event in (member("ann"), scored(a_lead("s1")), scored(a_lead("s1", version=2))):
            async with pool.acquire() as connection, connection.transaction():
                with bind(connection):  # type: ignore[arg-type]
                    (outcome,) = await run_batch(real.stages[type(event)], [event])
        assert await pool.fetchval("select count(*) from lead") == 1
    owner = route_of(outcome).owner
    assert owner is not None
    assert owner.id == "ann"
