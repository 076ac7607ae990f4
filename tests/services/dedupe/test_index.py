"""The conformance suite of the index: the fake and Postgres answer alike. And what only a database can show: locks."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

import services.dedupe.store as store
from libs.contracts import ids
from libs.contracts.events import Event, LeadReceived
from libs.runtime.errors import Retryable
from libs.runtime.state import bind
from libs.runtime.state import transaction as transaction_of_the_batch
from services.dedupe.domain.blocking import MAX_COMMON
from services.dedupe.domain.known import Wanted
from services.dedupe.domain.records import Company, Contact, Delta, Edit, LeadRow, Pair, Related
from services.dedupe.stage.gathering import Index
from services.dedupe.stage.received import received_stage
from tests.services.dedupe.fakes import AnotherBatchWasFaster, MemoryIndex, OnePolicy, a_lead, changed
from tests.services.dedupe.running import Dedupe, run_batch
from tests.services.dedupe.test_batches import sequences
from tests.services.dedupe.test_versions import PERSON

MIGRATIONS = Path(store.__file__).parent / "migrations"
Transaction = Callable[[], AbstractAsyncContextManager[None]]


@pytest.fixture
async def pool(database: str) -> AsyncIterator[asyncpg.Pool]:
    async with asyncpg.create_pool(database, min_size=1, max_size=4) as pool:
        for file in sorted(MIGRATIONS.glob("*.sql")):
            await pool.execute(file.read_text())
        yield pool


def transactions(pool: asyncpg.Pool) -> Transaction:
    @asynccontextmanager
    async def transaction() -> AsyncIterator[None]:
        async with pool.acquire() as connection, connection.transaction():
            with bind(connection):  # type: ignore[arg-type]
                yield

    return transaction


@asynccontextmanager
async def no_transaction() -> AsyncIterator[None]:
    yield


@pytest.fixture(params=["memory", "postgres"])
def held(request: pytest.FixtureRequest) -> tuple[Index, Transaction]:
    if request.param == "memory":
        return MemoryIndex(), no_transaction
    return store.PostgresIndex(), transactions(request.getfixturevalue("pool"))


ANN = Contact(
    "ann", emails=("ann@acme.com",), custom_id="C1", name="Ann Lee", phone="+14155550123", company_id="acme",
    company_name="Acme", minted_by="l1", learned=("l1|company|acme",),
    version=3, fields={"email": "a.lee@acme.com", "consent": None, "n": [1, {"x": 2}]},
)  # fmt: skip
ACME = Company("acme", domains=("acme.com",), name="Acme Robotics", country="US", fields={"domain": "acme.io"})
ROW = LeadRow(
    "l1",
    2,
    "f",
    "ann",
    "acme",
    "ann@acme.com",
    b'{"x": 1}',
    (Edit(field="title", value="CTO", actor=PERSON, reason="r"),),
)
PAIR = Pair("lead:l1", "acme", "apart", "dana", "l1", "name+website")
DEAL = Related("o1", "opportunity", ("record:acme", "record:ann"), 2)
HELD = Related("s1", "suppression", ("domain:acme.io",), 1, "competitor", until="2026-12-01T00:00:00+00:00")
CALL = Related("last:record:ann", "activity", ("record:ann",), at="2026-11-02T08:00:00+00:00")


def blocks_of(company: Company) -> frozenset[tuple[str, int]]:
    return frozenset(("", block) for block in company.blocks())


async def test_what_was_saved_is_found_by_every_key(held: tuple[Index, Transaction]) -> None:
    index, transaction = held
    async with transaction():
        await index.save(
            [Delta(lead=ROW, link_rule="r", linked_by="dedupe", contacts=(ANN,), companies=(ACME,), pairs=(PAIR,))]
        )
    for key in ANN.all_keys():
        async with transaction():
            known = await index.known(Wanted(keys=frozenset((key,))))
        assert (known.contacts, known.companies) == ({"ann": ANN}, {"acme": ACME})
        assert known.contacts_by([key]) == [ANN]
    async with transaction():
        wanted = Wanted(
            leads=frozenset(("l1", "l2")), keys=frozenset(("domain:acme.io", "email:nobody@x.y")), blocks=blocks_of(ACME),
            subjects=frozenset(("lead:l1",)), records=frozenset(("gone",)),
        )  # fmt: skip
        known = await index.known(wanted)
        assert await index.rows(["l1", "l2"]) == {"l1": ROW}
    assert known.leads == {"l1": ROW}
    assert known.pairs == {("lead:l1", "acme"): PAIR}
    assert known.companies_by_domain("acme.io") == known.companies_by_block(ACME.blocks()) == [ACME]
    assert known.contacts_by(["email:nobody@x.y"]) == []


async def test_what_the_crm_holds_beside_records_comes_with_them(held: tuple[Index, Transaction]) -> None:
    index, transaction = held
    async with transaction():
        await index.save([Delta(contacts=(ANN,), companies=(ACME,), related=(DEAL, HELD)), Delta(related=(CALL,))])
    for wanted in (
        Wanted(records=frozenset(("ann", "acme"))),
        Wanted(keys=frozenset(("domain:acme.com",)), records=frozenset(("ann",))),
    ):
        async with transaction():
            assert (await index.known(wanted)).related == {one.record_id: one for one in (DEAL, HELD, CALL)}
    async with transaction():
        await index.save([Delta(related=(Related("o1", "opportunity", (), 3),))])
        found = (await index.known(Wanted(records=frozenset(("acme", "o1"))))).related
    assert found == {"o1": Related("o1", "opportunity", (), 3), "s1": HELD}
    longer = replace(HELD, version=2, until="2027-12-01T00:00:00+00:00")
    async with transaction():
        await index.save([Delta(related=(longer,))])
        assert (await index.known(Wanted(records=frozenset(("acme",))))).related["s1"] == longer


async def test_the_leads_of_a_contact_are_known_when_a_link_may_be_cut(held: tuple[Index, Transaction]) -> None:
    index, transaction = held
    rows = [LeadRow(f"l{n}", 1, "f", contact, None, "", b"{}") for n, contact in enumerate(("a", "b", "a"))]
    async with transaction():
        await index.save([Delta(lead=row, link_rule="r", linked_by="dedupe") for row in rows])
    async with transaction():
        assert (await index.known(Wanted(cut=frozenset(("a", "c"))))).linked == {"a": ("l0", "l2"), "c": ()}


async def test_a_changed_row_loses_its_old_keys_and_a_key_may_move(held: tuple[Index, Transaction]) -> None:
    index, transaction = held
    async with transaction():
        await index.save([Delta(contacts=(Contact("a", emails=("x@y.z",)),))])
    async with transaction():
        await index.save([Delta(contacts=(Contact("b", emails=("x@y.z",)), Contact("a", name="No Key")))])
    async with transaction():
        known = await index.known(Wanted(keys=frozenset(("email:x@y.z",)), records=frozenset("a")))
    assert [one.contact_id for one in known.contacts_by(["email:x@y.z"])] == ["b"]
    async with transaction():
        await index.save([Delta(gone=("b",)), Delta(companies=(ACME,)), Delta(gone=("acme",))])
    async with transaction():
        known = await index.known(
            Wanted(keys=frozenset(("email:x@y.z", "domain:acme.com")), records=frozenset(("b", "acme")))
        )
    assert (known.contacts, known.companies) == ({}, {})


async def test_no_exact_key_of_ours_finds_two_unless_they_share_it(held: tuple[Index, Transaction]) -> None:
    index, transaction = held
    with pytest.raises((Retryable, AnotherBatchWasFaster)):
        async with transaction():
            await index.save([Delta(contacts=(Contact("a", emails=("x@y.z",)), Contact("b", emails=("x@y.z",))))])
    async with transaction():
        shared = (Contact("c", emails=("s@y.z",), shared=True), Contact("d", emails=("s@y.z",), shared=True))
        await index.save([Delta(contacts=(*shared, Contact("e", fields={"email": "s@y.z"})))])


async def test_a_block_that_too_many_share_says_nothing(held: tuple[Index, Transaction]) -> None:
    index, transaction = held
    many = tuple(Company(f"k{n:03}", name="Global Solutions") for n in range(MAX_COMMON + 3))
    async with transaction():
        await index.save([Delta(companies=many[:MAX_COMMON])])
        assert (
            len((await index.known(Wanted(blocks=blocks_of(many[0])))).companies_by_block(many[0].blocks()))
            == MAX_COMMON
        )
        await index.save([Delta(companies=many[MAX_COMMON:])])
        assert (await index.known(Wanted(blocks=blocks_of(many[0])))).companies_by_block(many[0].blocks()) == []


async def test_both_decide_a_hundred_random_sequences_alike(pool: asyncpg.Pool) -> None:
    """The fake is as good as the database: the same events lead to the same outcomes on both."""
    transaction = transactions(pool)
    for events in examples(40):
        expected = Dedupe().runs(events)
        real = Dedupe(store.PostgresIndex())  # type: ignore[arg-type]
        found = []
        async with transaction():
            await clear()
        for one in events:
            async with transaction():
                found += await run_batch(real.stages[type(one)], [one], refuse=True)
        assert [(one.next, one.changes, one.answer) for one in found] == [
            (one.next, one.changes, one.answer) for one in expected
        ]


def examples(count: int) -> list[list[Event]]:
    """The same sequences in each run."""
    found: list[list[Event]] = []

    from hypothesis import HealthCheck, Phase, given, seed, settings  # noqa: PLC0415 - used as a generator here

    @seed(11)
    @settings(
        max_examples=count,
        database=None,
        phases=[Phase.generate],
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(sequences)
    def collect(events: list[Event]) -> None:
        found.append(events)

    collect()
    return found


async def clear() -> None:
    await transaction_of_the_batch().execute("truncate contact, company, lead, contact_link, pair, related cascade")


async def test_two_batches_at_once_make_one_contact(pool: asyncpg.Pool) -> None:
    """Two owners meet the same new person in two partitions: the locks let the second see what the first made."""
    transaction = transactions(pool)

    async def one(number: int) -> str:
        stage = received_stage(store.PostgresIndex(), OnePolicy())
        emails = ["ann@acme.com", "bo@beta.com"] if number % 2 else ["bo@beta.com", "ann@acme.com"]
        events = [
            LeadReceived(event_id=ids.derived_id(number, n), lead=a_lead(f"s{number}-{n}", email=email))
            for n, email in enumerate(emails)
        ]
        async with transaction():
            outcomes = await run_batch(stage, events)
        return " ".join(sorted(outcome.next.lead.identity.contact.id for outcome in outcomes))  # type: ignore[union-attr]

    assert len(set(await asyncio.gather(*(one(number) for number in range(12))))) == 1
    assert await pool.fetchval("select count(*) from contact") == 2
    assert await pool.fetchval("select count(*) from contact_link where cut_at_version is null") == 24


async def test_links_are_rows_that_are_cut_not_removed(pool: asyncpg.Pool) -> None:
    transaction, index = transactions(pool), store.PostgresIndex()
    rows = [
        LeadRow("l1", version, "f", contact, None, "", b"{}")
        for version, contact in ((1, "a"), (2, "b"), (3, "b"), (4, "a"))
    ]
    async with transaction():
        await index.save([Delta(lead=row, link_rule="r", linked_by="dana") for row in rows])
    links = await pool.fetch("select contact_id, version, cut_at_version from contact_link order by version")
    assert [tuple(link) for link in links] == [("a", 1, 2), ("b", 2, 4), ("a", 4, None)]


async def test_records_of_the_crm_and_leads_live_in_one_index(pool: asyncpg.Pool) -> None:
    transaction = transactions(pool)
    real = Dedupe(store.PostgresIndex())  # type: ignore[arg-type]
    for event in (
        changed("contact", "ann", name="Ann Lee", email="ann@acme.com"),
        LeadReceived(lead=a_lead(email="ann@acme.com")),
    ):
        async with transaction():
            (outcome,) = await run_batch(real.stages[type(event)], [event])
    assert outcome.next.lead.identity.contact.id == "ann"  # type: ignore[union-attr]
