"""One conformance suite for the queue in memory and the one in Postgres."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

import services.triage
from libs.contracts.events import Answer
from libs.contracts.lead import Route
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from services.triage.api import Queue
from services.triage.domain.filters import Filters
from services.triage.domain.item import Case, Item
from services.triage.domain.page import Cursor, Row
from services.triage.queue import PostgresQueue
from services.triage.stage.cases import CaseStore
from services.triage.store import PostgresCases
from tests.services.triage.fake import MemoryCases
from tests.services.triage.test_clock import WAITING
from tests.services.triage.world import ANA, AT, CHANGE, CRM_CHANGE, DUE, IDENTITY, UNMAPPED, lead, submission


@dataclass(frozen=True)
class Stores:
    """A store with its queue, and how a batch's transaction is opened around it."""

    store: CaseStore
    queue: Queue
    batch: Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def no_transaction() -> AsyncIterator[None]:
    yield


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "triage", Path(services.triage.__file__).parent / "migrations")
    opened = await open_pool(settings, "triage")
    yield opened
    await opened.close()


@pytest.fixture
def memory() -> Stores:
    cases = MemoryCases()
    return Stores(cases, cases, no_transaction)


@pytest.fixture
def postgres(pool: asyncpg.Pool) -> Stores:
    @asynccontextmanager
    async def batch() -> AsyncIterator[None]:
        async with pool.acquire() as connection, connection.transaction():
            with bind(connection):  # type: ignore[arg-type]
                yield

    return Stores(PostgresCases(), PostgresQueue(pool), batch)


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> Stores:
    found: Stores = request.getfixturevalue(request.param)
    return found


def item(lead_id: str = "l1", priority: int | None = 70, hours: int | None = 4) -> Item:
    """An open item, due so many hours from now."""
    return Item(
        lead_id=lead_id,
        version=2,
        question_hash="h",
        questions=(CHANGE, CRM_CHANGE, IDENTITY),
        submission=submission(lead_id),
        created_at=AT,
        lead=lead(lead_id, 2, priority),
        suggested=Route(destination="queue", queue="inbound", rule="r", reason="r", confidence=0.5),
        due_at=None if hours is None else AT + timedelta(hours=hours),
    )


async def keep(stores: Stores, *cases: Case) -> None:
    """Lock and save cases as one batch does."""
    async with stores.batch():
        await stores.store.locked([case.lead_id for case in cases])
        await stores.store.save(cases)


async def test_an_unheard_of_lead_has_an_empty_case(stores: Stores) -> None:
    async with stores.batch():
        assert await stores.store.locked(["l1", "l2"]) == {"l1": Case("l1"), "l2": Case("l2")}
    assert await stores.queue.one("l1") is None


async def test_a_case_comes_back_as_it_was_saved(stores: Stores) -> None:
    answers = (Answer(question_id="q-change", verdict="edit", value={"a": [1, None]}, reason="Å \U0001f600"),)
    closed = replace(
        item(),
        status="decided",
        waiting=WAITING,
        reminded=True,
        overdue=True,
        escalated=True,
        closed_at=DUE,
        actor=ANA,
        answers=answers,
    )
    unmapped = replace(item("l2"), questions=(UNMAPPED,), lead=None, suggested=None, due_at=None)
    await keep(
        stores, Case("l1", 2, settled=True, item=item()), Case("l2", 1, item=unmapped), Case("l3", 7, settled=True)
    )
    await keep(stores, Case("l1", 3, settled=False, item=closed))
    async with stores.batch():
        assert await stores.store.locked(["l1", "l2", "l3"]) == {
            "l1": Case("l1", 3, settled=False, item=closed),
            "l2": Case("l2", 1, item=unmapped),
            "l3": Case("l3", 7, settled=True),
        }
    assert await stores.queue.one("l1") == closed


async def test_the_queue_goes_by_due_then_worth_then_lead(stores: Stores) -> None:
    places = [("never", 99, None), ("late", 10, 8), ("poor", None, 2), ("b", 50, 2), ("a", 50, 2), ("rich", 90, 2)]
    items = [item(*place) for place in places]
    await keep(stores, *(Case(one.lead_id, 2, item=one) for one in items))
    await keep(stores, Case("closed", 2, item=replace(item("closed"), status="decided")))
    wanted = ["rich", "a", "b", "poor", "late", "never"]
    shown: list[str] = []
    after: Cursor | None = None
    while True:
        page = await stores.queue.page("open", 2, after, Filters(), AT)
        assert page.total == 6
        shown += [row.lead_id for row in page.rows]
        if page.next is None:
            break
        after = Cursor.parse(page.next.text())
    assert shown == wanted
    assert [row.lead_id for row in (await stores.queue.page("decided", 9, None, Filters(), AT)).rows] == ["closed"]


async def test_a_row_shows_what_the_item_holds(stores: Stores) -> None:
    unmapped = replace(item("l2"), questions=(UNMAPPED,), lead=None, suggested=None)
    await keep(stores, Case("l1", 2, item=item()), Case("l2", 2, item=unmapped))
    rows = (await stores.queue.page("open", 9, None, Filters(), AT)).rows
    assert list(rows) == [Row.of(item()), Row.of(unmapped)]
    assert (rows[0].kinds, rows[0].company, rows[0].suggested) == (("change", "change", "identity"), "Acme", "queue")


async def test_a_case_stays_locked_until_the_batch_ends(pool: asyncpg.Pool) -> None:
    """Only Postgres has other writers to hold off; a case that is new to all is locked too."""
    async with pool.acquire() as one, pool.acquire() as other, one.transaction():
        with bind(one):  # type: ignore[arg-type]
            await PostgresCases().locked(["l1"])
        await other.execute("set lock_timeout = '100ms'")
        with bind(other), pytest.raises(asyncpg.LockNotAvailableError):  # type: ignore[arg-type]
            await PostgresCases().locked(["l1"])
