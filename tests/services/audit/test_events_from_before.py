"""Events that were stored as JSON in the clear are found and read as those that came after."""

from pathlib import Path

from libs.contracts.topics import LEAD_ROUTED
from libs.runtime.database import migrate, open_pool
from libs.runtime.keys import NoKeys
from libs.runtime.settings import RuntimeSettings
from services.audit.store import events, subjects
from tests.services.audit.conftest import MIGRATIONS
from tests.services.audit.test_ledger import World

NEW = "0011_events_as_they_came.sql"


async def test_events_from_before_are_read(database: str, tmp_path: Path) -> None:
    for file in MIGRATIONS.glob("*.sql"):
        if file.name != NEW:
            (tmp_path / file.name).write_text(file.read_text())
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "audit", tmp_path)
    world = World()
    _, position = world.submit("s-1")
    routed = world.route(world.receive("s-1", 0, position), "owner").event
    assert routed is not None
    pool = await open_pool(settings, "audit")
    await pool.execute(
        "insert into event values ($1, 0, 7, $2, '', $3, $4, $5, null, null, $6::text::jsonb)",
        LEAD_ROUTED.name, routed.event_id, routed.decided_at, routed.lead.lead_id, routed.lead.version,
        routed.model_dump_json(),
    )  # fmt: skip
    await pool.close()
    assert NEW in await migrate(settings, "audit", MIGRATIONS)
    pool = await open_pool(settings, "audit")
    found = await events.lead_events(pool, routed.lead.lead_id, NoKeys())
    assert (found.of(LEAD_ROUTED), found.unreadable) == ([routed], ())
    row = await pool.fetchrow("select submission_id, destination, lead_kind, email, contact_id from event")
    email, identity = routed.lead.text("email"), routed.lead.identity
    assert tuple(row) == (
        "s-1", routed.route.destination, routed.lead.kind, email.lower() or None,
        None if identity is None else identity.contact.id,
    )  # fmt: skip
    if email:
        assert (await subjects.group_of(pool, email)).lead_ids == (routed.lead.lead_id,)
    await pool.execute("update event set bytes = '{}'")
    (problem,) = (await events.lead_events(pool, routed.lead.lead_id, NoKeys())).unreadable
    assert "offset 7" in problem
    await pool.close()
