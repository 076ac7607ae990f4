"""One conformance suite for links in memory and in Postgres."""

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any

import asyncpg
import pytest

import services.crm
from libs.contracts.change import RecordRef
from libs.runtime import clock
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from services.crm.domain.record import Delta, RecordState
from services.crm.domain.remote import Known, Link
from services.crm.domain.remote_found import KnownMove
from services.crm.remote_store import PostgresLinks, StageLinks
from services.crm.store import PostgresRecords
from tests.services.crm.connectors.memory import MemoryLinks
from tests.services.crm.fake import MemoryRecords

JANE, MAX = RecordRef(type="contact", id="jane"), RecordRef(type="contact", id="max")


@dataclass
class Rows:
    """Links, the same as a stage sees them, and how records get in."""

    links: Any
    stage: Any
    keep: Callable[[list[RecordState]], Awaitable[None]]
    batch: Callable[[], Any]


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "crm", Path(services.crm.__file__).parent / "migrations")
    opened = await open_pool(settings, "crm")
    yield opened
    await opened.close()


class Batch:
    """A stage's transaction."""

    def __init__(self, pool: asyncpg.Pool | None) -> None:
        self._pool = pool

    async def __aenter__(self) -> None:
        if self._pool is not None:
            self._connection: Any = await self._pool.acquire()
            self._transaction = self._connection.transaction()
            await self._transaction.start()
            self._bound = bind(self._connection)
            self._bound.__enter__()

    async def __aexit__(self, *_: object) -> None:
        if self._pool is not None:
            self._bound.__exit__(None, None, None)
            await self._transaction.commit()
            await self._pool.release(self._connection)


@pytest.fixture(params=["memory", "postgres"])
def rows(request: pytest.FixtureRequest) -> Rows:
    if request.param == "memory":
        records = MemoryRecords()
        links = MemoryLinks(records)

        async def keep(states: list[RecordState]) -> None:
            await records.save([Delta(records=tuple(states))])

        return Rows(links, links, keep, lambda: Batch(None))
    opened = request.getfixturevalue("pool")

    async def stored(states: list[RecordState]) -> None:
        async with Batch(opened):
            await PostgresRecords().save([Delta(records=tuple(states))])

    return Rows(PostgresLinks(opened), StageLinks(), stored, lambda: Batch(opened))


def move(ref: RecordRef, expected: int, value: object, **more: Any) -> KnownMove:
    return KnownMove("hubspot", ref, "title", expected, Known(value, **more))  # type: ignore[arg-type]


async def test_a_row_moves_only_from_where_it_was_seen(rows: Rows) -> None:
    assert await rows.links.move([move(JANE, 0, "CTO", version=1)]) == [True]
    assert await rows.links.move([move(JANE, 0, "CEO", version=2), move(MAX, 0, None)]) == [False, True]
    link = (await rows.links.links("hubspot", [JANE]))[JANE]
    assert link.fields["title"] == Known("CTO", 1, 1)
    full = Known({"a": [1]}, 3, 1, "x", True, "t1", None, True)
    assert await rows.links.move([KnownMove("hubspot", JANE, "title", 1, full)]) == [True]
    link = (await rows.links.links("hubspot", [JANE]))[JANE]
    assert link.fields["title"] == Known({"a": [1]}, 3, 2, "x", True, "t1", None, True)
    assert (await rows.links.links("other", [JANE]))[JANE].fields == {}


async def test_a_stage_sees_and_moves_the_same_rows(rows: Rows) -> None:
    async with rows.batch():
        await rows.stage.save([Link("hubspot", JANE, "7", whole=True)], [move(JANE, 0, "CTO")])
        held = await rows.stage.held(["hubspot", "other"], [JANE, MAX])
    assert held["hubspot", JANE] == Link("hubspot", JANE, "7", {"title": Known("CTO", 0, 1)}, whole=True)
    assert held["other", MAX] == Link("other", MAX)


async def test_a_remote_record_is_the_counterpart_of_one(rows: Rows) -> None:
    await rows.links.save_links([Link("hubspot", JANE, "7", note="n", gone=True, duplicates=True)])
    await rows.links.save_links([Link("hubspot", MAX, "7")])
    held = await rows.links.links("hubspot", [JANE, MAX])
    assert (held[JANE].remote_id, held[JANE].note, held[JANE].gone, held[JANE].duplicates) == ("7", "n", True, True)
    assert held[MAX].remote_id == ""
    assert await rows.links.by_remote("hubspot", "contact", ["7", "8"]) == {"7": JANE}
    assert await rows.links.by_remote("hubspot", "company", ["7"]) == {}


async def test_records_are_found_by_address_while_they_have_no_counterpart(rows: Rows) -> None:
    member = RecordRef(type="member", id="rita")
    await rows.keep(
        [
            RecordState(JANE, 1, {"email": "Jane@Acme.com"}, {}),
            RecordState(MAX, 2, {"email": "max@acme.com"}, {}),
            RecordState(RecordRef(type="contact", id="max2"), 1, {"email": "MAX@acme.com"}, {}),
            RecordState(member, 1, {"email": "Rita@x.com"}, {}),
        ]
    )
    asked = ["jane@acme.com", "max@acme.com", "nobody@acme.com"]
    assert await rows.links.by_email("hubspot", asked) == {"jane@acme.com": JANE}
    await rows.links.save_links([Link("hubspot", JANE, "7")])
    assert await rows.links.by_email("hubspot", asked) == {}
    assert await rows.links.by_email("other", asked) == {"jane@acme.com": JANE}
    assert await rows.links.members() == {"rita@x.com": "rita"}
    (now,) = (await rows.links.records([MAX, RecordRef(type="contact", id="none")])).values()
    assert (now.version, now.fields, now.deleted) == (2, {"email": "max@acme.com"}, False)


async def test_one_process_at_a_time_talks_to_a_remote(rows: Rows) -> None:
    assert await rows.links.lease("hubspot", "a", 60)
    assert await rows.links.lease("hubspot", "a", 60)
    assert not await rows.links.lease("hubspot", "b", 60)
    assert await rows.links.lease("other", "b", 60)
    await rows.links.release("hubspot", "b")
    assert not await rows.links.lease("hubspot", "b", 60)
    await rows.links.release("hubspot", "a", "slow")
    assert await rows.links.lease("hubspot", "b", 60)


async def test_cursors_and_looks_are_kept(rows: Rows) -> None:
    assert (await rows.links.cursor("hubspot", "contact"))[0] == ""
    await rows.links.save_cursor("hubspot", "contact", "c1")
    await rows.links.save_cursor("hubspot", "contact", "c2")
    assert (await rows.links.cursor("hubspot", "contact"))[0] == "c2"
    await rows.links.save_links([Link("hubspot", JANE, "7"), Link("hubspot", MAX, "8", gone=True)])
    later = clock.now() + timedelta(minutes=1)
    assert [one.ref for one in await rows.links.unchecked("hubspot", "contact", later, 10)] == [JANE]
    between = clock.now()
    await rows.links.checked("hubspot", [JANE])
    assert await rows.links.unchecked("hubspot", "contact", between, 10) == []


async def test_what_came_too_late_is_looked_at_next_until_it_was(rows: Rows) -> None:
    before = clock.now() - timedelta(days=1)

    async def next_ones() -> list[RecordRef]:
        return [one.ref for one in await rows.links.unchecked("hubspot", "contact", before, 10)]

    await rows.links.save_links([Link("hubspot", JANE, "7"), Link("hubspot", MAX, "8")])
    async with rows.batch():
        await rows.stage.save([Link("hubspot", JANE, "7", stale=True), Link("hubspot", JANE, "7")], [])
    await rows.links.save_links([Link("hubspot", JANE, "7"), Link("hubspot", MAX, "8")])
    assert await next_ones() == [JANE]
    await rows.links.checked("hubspot", [JANE])
    assert await next_ones() == []


async def test_a_remote_is_told_about_in_figures(pool: asyncpg.Pool) -> None:
    links = PostgresLinks(pool)
    assert await links.lease("hubspot", "a", 60)
    await links.release("hubspot", "a", "HTTP 503")
    await links.save_links([Link("hubspot", JANE, "7", note="INVALID"), Link("hubspot", MAX, "8", gone=True)])
    await links.move([move(JANE, 0, None, theirs="x", has_conflict=True)])
    told = await links.overview("hubspot", "mirror.hubspot")
    assert (told["linked"], told["gone"], told["conflicts"], told["waiting"], told["problem"]) == (
        2,
        1,
        1,
        0,
        "HTTP 503",
    )
    assert {one["note"] for one in told["refused"]} == {"INVALID", ""}
