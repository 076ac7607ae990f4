"""One conformance suite for the store in memory and the one in Postgres."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import asyncpg
import pytest

import services.crm
from libs.contracts.change import Actor, RecordRef, Source
from libs.runtime.database import migrate, open_pool
from libs.runtime.settings import RuntimeSettings
from libs.runtime.state import bind
from services.crm.api import RecordPages
from services.crm.domain.page import Filter
from services.crm.domain.record import Delta, FieldMeta, Lock, RecordState, Rejection
from services.crm.domain.suppression import Entry
from services.crm.domain.webhooks import Subscriber
from services.crm.stage.held import RecordStore
from services.crm.store import PostgresRecordPages, PostgresRecords
from tests.services.crm.fake import MemoryRecords
from tests.services.crm.world import AT, COMPANY, CONTACT

META = FieldMeta(
    source=Source(kind="provider", name="directory", trust=0.8),
    confidence=0.9,
    change_id="ch1",
    actor=Actor(kind="rule", id="enrich"),
    at=AT,
    version=1,
    evidence_hash="e1",
)


@dataclass(frozen=True)
class Stores:
    """A store with its pages, and how a batch's transaction is opened around it."""

    store: RecordStore
    pages: RecordPages
    batch: Callable[[], AbstractAsyncContextManager[None]]


@asynccontextmanager
async def no_transaction() -> AsyncIterator[None]:
    yield


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    settings = RuntimeSettings(kafka="-", database_url=database, tenant_secret="1" * 64, api_token="2" * 32)
    await migrate(settings, "crm", Path(services.crm.__file__).parent / "migrations")
    opened = await open_pool(settings, "crm")
    yield opened
    await opened.close()


@pytest.fixture
def memory() -> Stores:
    records = MemoryRecords()
    return Stores(records, records, no_transaction)


@pytest.fixture
def postgres(pool: asyncpg.Pool) -> Stores:
    @asynccontextmanager
    async def batch() -> AsyncIterator[None]:
        async with pool.acquire() as connection, connection.transaction():
            with bind(connection):  # type: ignore[arg-type]
                yield

    return Stores(PostgresRecords(), PostgresRecordPages(pool), batch)


@pytest.fixture(params=["memory", "postgres"])
def stores(request: pytest.FixtureRequest) -> Stores:
    found: Stores = request.getfixturevalue(request.param)
    return found


def state(ref: RecordRef, version: int = 1, /, **fields: object) -> RecordState:
    return RecordState(ref, version, fields, dict.fromkeys(fields, META))  # type: ignore[arg-type]


def of(kind: str, record_id: str, /, **fields: object) -> RecordState:
    return state(RecordRef(type=kind, id=record_id), 1, **fields)  # type: ignore[arg-type]


BASE = (
    of("company", "acme", name="Acme"),
    of("contact", "ann", name="Ann Lee", owner="rep", company_id="acme"),
    of("contact", "bo", name="Bon_%", company_id="acme"),
    of("contact", "cy", name="Cy"),
    of("opportunity", "d1", company_id="acme", stage="Proposal"),
    of("opportunity", "d2", company_id="acme", stage="Closed lost"),
    of("opportunity", "d3", contact_id="cy", closed=True),
    of("task", "t1", contact_id="ann", title="Call"),
    of("task", "t2", contact_id="ann", title="Call", status="done"),
    of("activity", "a1", contact_id="ann", kind="call", at="2026-11-01T10:00:00+00:00"),
    of("activity", "a2", contact_id="bo", kind="mail", at="2026-11-02T10:00:00+00:00"),
    of("activity", "a3", contact_id="ann", company_id="acme", kind="form", at="2026-11-02T10:00:00+00:00"),
)


async def test_what_does_not_exist_has_version_0_and_is_not_found(stores: Stores) -> None:
    async with stores.batch():
        held = await stores.store.locked([COMPANY, CONTACT])
    assert held.record(COMPANY) == RecordState(COMPANY)
    assert await stores.pages.one(COMPANY) is None
    assert (await stores.pages.page("company", 10, "", Filter())).records == []


async def test_a_record_comes_back_as_it_was_saved(stores: Stores) -> None:
    kept = state(
        COMPANY, 3, name="Åcme \U0001f600", employees=120, ratio=0.25, big=10**30, tags=["a", {"b": None}], on=True
    )
    async with stores.batch():
        await stores.store.locked([COMPANY])
        await stores.store.save([Delta(records=(state(COMPANY, 2, name="old"),)), Delta(records=(kept,))])
    async with stores.batch():
        assert (await stores.store.locked([COMPANY])).record(COMPANY) == kept
    assert await stores.pages.one(COMPANY) == kept


async def test_memory_and_locks_are_kept_per_record(stores: Stores) -> None:
    no = Rejection(COMPANY, "industry", "e1", "reject", "ana", "wrong", AT)
    lock = Lock(COMPANY, "name", "ana", AT)
    async with stores.batch():
        await stores.store.locked([COMPANY, CONTACT])
        await stores.store.save([Delta(remembered=(no, no), locks=(lock, lock)), Delta(remembered=(no,))])
    async with stores.batch():
        held = await stores.store.locked([COMPANY, CONTACT])
        assert held.record(COMPANY).rejected == {("industry", "e1")}
        assert held.record(COMPANY).locks == {"name"}
        assert held.record(CONTACT).rejected == frozenset()
        await stores.store.save([Delta(forgotten=(no,), unlocks=((COMPANY, "name"),))])
    async with stores.batch():
        assert (await stores.store.locked([COMPANY])).record(COMPANY) == RecordState(COMPANY)


async def test_pages_go_by_id_and_find_by_email_and_domain_in_any_case(stores: Stores) -> None:
    people = [state(RecordRef(type="contact", id=f"c{n}"), email=f"P{n}@Acme.com", domain="Acme.com") for n in range(5)]
    gone = RecordState(RecordRef(type="contact", id="c9"), 2, {"email": "p9@acme.com"}, {}, deleted=True)
    async with stores.batch():
        await stores.store.save([Delta(records=(*people, gone))])
    first = await stores.pages.page("contact", 2, "", Filter())
    assert ([one.ref.id for one in first.records], first.more) == (["c0", "c1"], True)
    last = await stores.pages.page("contact", 3, "c1", Filter())
    assert ([one.ref.id for one in last.records], last.more) == (["c2", "c3", "c4"], False)
    assert [one.ref.id for one in (await stores.pages.page("contact", 9, "", Filter(email="p3@ACME.com"))).records] == [
        "c3"
    ]
    assert len((await stores.pages.page("contact", 9, "", Filter(domain="acme.COM"))).records) == 5
    assert (await stores.pages.page("company", 9, "", Filter())).records == []
    assert (await stores.pages.one(gone.ref)) == gone


async def test_links_find_what_exists(stores: Stores) -> None:
    gone = RecordState(RecordRef(type="contact", id="gone"), 2, {}, {}, deleted=True)
    async with stores.batch():
        await stores.store.locked([COMPANY, CONTACT])
        await stores.store.save([Delta(records=(state(COMPANY, name="A"), gone))])
        found = await stores.store.existing([COMPANY, CONTACT, gone.ref, RecordRef(type="company", id="none")])
        assert found == {COMPANY}


async def test_webhooks_are_kept_changed_and_removed(stores: Stores) -> None:
    one, two = Subscriber("w1", "https://a.example", ("contact",)), Subscriber("w2", "https://b.example")
    async with stores.batch():
        await stores.store.save([Delta(webhooks=(one, two))])
        assert await stores.store.subscribers() == [one, two]
        await stores.store.save([Delta(webhooks=(replace(one, active=False), replace(two, url="")))])
        assert await stores.store.subscribers() == []
        await stores.store.save([Delta(webhooks=(replace(one, types=("company",)),))])
        assert await stores.store.subscribers() == [replace(one, types=("company",))]


@pytest.mark.parametrize(
    ("kind", "wanted", "found"),
    [
        ("contact", Filter(owner="rep"), ["ann"]),
        ("contact", Filter(company_id="acme"), ["ann", "bo"]),
        ("contact", Filter(name="N_%"), ["bo"]),
        ("contact", Filter(name="ann"), ["ann"]),
        ("contact", Filter(updated_since=AT + timedelta(seconds=1)), []),
        ("contact", Filter(updated_since=AT), ["ann", "bo", "cy"]),
        ("opportunity", Filter(is_open=True, company_id="acme"), ["d1"]),
        ("opportunity", Filter(is_open=False), ["d2", "d3"]),
        ("opportunity", Filter(stage="PROPOSAL"), ["d1"]),
    ],
)
async def test_filters_find_the_same_in_both(stores: Stores, kind: str, wanted: Filter, found: list[str]) -> None:
    async with stores.batch():
        await stores.store.save([Delta(records=BASE)])
    assert [one.ref.id for one in (await stores.pages.page(kind, 9, "", wanted)).records] == found


async def test_timelines_are_the_same_in_both(stores: Stores) -> None:
    async with stores.batch():
        await stores.store.save([Delta(records=BASE)])
    company = await stores.pages.timeline(RecordRef(type="company", id="acme"), 2, "")
    assert ([one.ref.id for one in company.activities], company.more) == (["a3", "a2"], True)
    assert [one.ref.id for one in company.opportunities] == ["d1"]
    rest = await stores.pages.timeline(RecordRef(type="company", id="acme"), 2, "a2")
    assert ([one.ref.id for one in rest.activities], rest.more) == (["a1"], False)
    ann = await stores.pages.timeline(RecordRef(type="contact", id="ann"), 9, "")
    assert ([one.ref.id for one in ann.activities], [one.ref.id for one in ann.tasks]) == (["a3", "a1"], ["t1"])
    assert (await stores.pages.timeline(RecordRef(type="contact", id="cy"), 9, "")).activities == []
    assert (await stores.pages.timeline(RecordRef(type="contact", id="ann"), 9, "unknown")).activities == []


async def test_suppression_entries_are_found_by_what_they_name(stores: Stores) -> None:
    entries = [
        state(RecordRef(type="suppression", id="s1"), reason="competitor", domain="Rival.com"),
        state(RecordRef(type="suppression", id="s2"), reason="opt_out", email="bo@rival.com"),
        state(RecordRef(type="suppression", id="s3"), reason="strategic", record_id="Company-7"),
        RecordState(
            RecordRef(type="suppression", id="s4"), 2, {"reason": "investor", "domain": "rival.com"}, {}, deleted=True
        ),
    ]
    async with stores.batch():
        await stores.store.save([Delta(records=tuple(entries))])
        bo = state(CONTACT, email="Bo@Rival.com")
        rival = state(RecordRef(type="company", id="company-7"), domain="other.com")
        assert {entry.reason for entry in await stores.store.entries([bo])} == {"competitor", "opt_out"}
        assert await stores.store.entries([rival]) == [Entry("strategic", record_id="company-7")]
        assert await stores.store.entries([state(COMPANY)]) == []
        assert await stores.store.entries([]) == []


async def test_a_record_stays_locked_until_the_batch_ends(pool: asyncpg.Pool) -> None:
    """Only Postgres has other writers to hold off."""
    async with pool.acquire() as one, pool.acquire() as other, one.transaction():
        with bind(one):  # type: ignore[arg-type]
            await PostgresRecords().locked([COMPANY, CONTACT])
        await other.execute("insert into record (type, id) values ('company', 'free')")
        await other.execute("set lock_timeout = '100ms'")
        with bind(other), pytest.raises(asyncpg.LockNotAvailableError):  # type: ignore[arg-type]
            await PostgresRecords().locked([CONTACT])
